import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// What breaks a gas test off under way, on the pack's number, just within it and just beyond, of every method; and the
/// same with another number in the pack.
@Suite("During a gas test")
struct GasWatchBoundaryTests {
    /// Something for some seconds of a stage; nil if that ended nothing, after which the test is broken off.
    private func reason(
        _ method: GasMethod, _ changes: [String: String], seconds: Int, in stage: StageKind? = nil,
        _ spoil: (Frame) -> Frame
    ) throws -> AbortReason? {
        let stage = stage ?? .measure
        // What the analyzer reads in the first seconds of the transient cycle left the tail pipe before it.
        let first = method == .vmas && stage == .measure ? 14 : 4
        let reason = try EditedTest(method, changes) { frame, now in
            guard let second = now.second(since: stage), second >= first else { return frame }
            if second < first + seconds { return spoil(frame) }
            return second > first + seconds + 8 ? frame.with(events: [.operatorAbort]) : frame
        }.verdict.abortReason
        return reason == .operatorAbort ? nil : reason
    }

    @Test("an engine has stalled below the pack's speed for the pack's seconds", arguments: GasMethod.allCases)
    func stall(method: GasMethod) throws {
        // In two-speed idle an engine as slow is out of the band; it may seek the speed while it is conditioned.
        let stage: StageKind = method == .twoSpeedIdle ? .condition : .measure
        for changes in [[:], ["aborts.stall-speed": "250"], ["aborts.stall-seconds": "4"]] {
            let rules = try method.rules(changes).1
            let (limit, seconds) = (rules.stallSpeed.value, rules.stallSeconds)
            func reason(_ speed: Double, _ seconds: Int) throws -> AbortReason? {
                try self.reason(method, changes, seconds: seconds, in: stage) { $0.with([.engineSpeed: speed]) }
            }
            #expect(try reason(limit, seconds + 3) == nil)
            #expect(try reason(limit - 0.1, seconds - 1) == nil)
            #expect(try reason(limit - 0.1, seconds) == .stall)
        }
    }

    @Test("the sample's flow may be low for fewer than the pack's seconds", arguments: GasMethod.allCases)
    func lowFlow(method: GasMethod) throws {
        for changes in [[:], ["aborts.low-flow-seconds": "6"]] {
            let seconds = try method.rules(changes).2.lowFlowSeconds
            for stage in [StageKind.background, .measure] {
                func reason(_ seconds: Int) throws -> AbortReason? {
                    try self.reason(method, changes, seconds: seconds, in: stage) {
                        $0.adding(.lowFlow, of: .gasAnalyzer)
                    }
                }
                #expect(try reason(seconds - 1) == nil)
                #expect(try reason(seconds) == .lowFlow)
            }
        }
    }

    @Test("a sample is diluted below the pack's CO + CO2 for the pack's seconds", arguments: GasMethod.allCases)
    func dilution(method: GasMethod) throws {
        for changes in [
            [:], ["aborts.dilution-minimum": "4.5"], ["aborts.dilution-seconds": "3"],
            ["aborts.dilution-seconds": "5"],
        ] {
            let rules = try method.rules(changes).2
            func reason(_ carbon: Double, _ seconds: Int) throws -> AbortReason? {
                try self.reason(method, changes, seconds: seconds) {
                    $0.with([.carbonMonoxide: 0.05, .carbonDioxide: carbon - 0.05])
                }
            }
            let (limit, seconds) = (rules.dilutionMinimum.value, rules.dilutionSeconds)
            #expect(try reason(limit, seconds + 3) == nil)
            #expect(try reason(limit - 0.01, seconds - 1) == nil)
            #expect(try reason(limit - 0.01, seconds) == .dilution)
        }
    }

    @Test(
        "an instrument may be lost for the pack's seconds, or as long as its readings are fresh",
        arguments: GasMethod.allCases)
    func lost(method: GasMethod) throws {
        for changes in [[:], ["aborts.lost-seconds": "5"], ["freshness.weather-station": "4"]] {
            let requirements = try method.method.requirements(ChangedPack.document(method.pack, changes))
            let pack = try method.rules(changes).1.lostSeconds
            for (role, fresh) in requirements.freshness {
                let allowed = Int(max(Double(pack), fresh.seconds).rounded(.down))
                func reason(_ seconds: Int) throws -> AbortReason? {
                    try self.reason(method, changes, seconds: seconds) { $0.losing([role]) }
                }
                #expect(try reason(allowed) == nil, "\(role)")
                #expect(try reason(allowed + 1) == .deviceLost(role), "\(role)")
            }
        }
    }

    @Test(
        "a value of the record may be missing for the pack's seconds, one that a mass is formed of not at all",
        arguments: GasMethod.allCases)
    func missing(method: GasMethod) throws {
        let bearable: [ChannelID] =
            switch method {
            case .asm:
                [
                    .rollerSpeed, .rollerForce, .engineSpeed, .carbonMonoxide, .carbonDioxide, .hydrocarbons,
                    .nitricOxide, .oxygen, .airTemperature, .relativeHumidity, .airPressure,
                ]
            case .twoSpeedIdle:
                [
                    .engineSpeed, .carbonMonoxide, .carbonDioxide, .hydrocarbons, .oxygen, .airTemperature,
                    .relativeHumidity, .airPressure,
                ]
            case .vmas: [.rollerForce, .engineSpeed]
            }
        for changes in [[:], ["aborts.invalid-seconds": "5"]] {
            let allowed = try method.rules(changes).1.invalidSeconds
            func reason(_ channel: ChannelID, _ seconds: Int) throws -> AbortReason? {
                try self.reason(method, changes, seconds: seconds) { $0.without([channel]) }
            }
            for channel in bearable {
                #expect(try reason(channel, allowed) == nil, "\(channel)")
                #expect(try reason(channel, allowed + 1) == .staleData(channel), "\(channel)")
            }
        }
        guard method == .vmas else { return }
        for channel in [
            ChannelID.rollerSpeed, .carbonMonoxide, .carbonDioxide, .hydrocarbons, .nitricOxide, .oxygen, .exhaustFlow,
            .dilutedOxygen, .flowTemperature, .flowPressure, .airTemperature, .relativeHumidity, .airPressure,
        ] {
            #expect(try reason(method, [:], seconds: 1) { $0.without([channel]) } == .staleData(channel))
        }
    }

    @Test("which reading stands for a second is the pack's decision", arguments: GasMethod.allCases)
    func secondTakes(method: GasMethod) throws {
        for (takes, expected) in [("first", 100.0), ("last", 100.9), ("mean", 100.45)] {
            let run = try EditedTest(method, ["decisions.second-takes": takes]) { frame, now in
                guard now.stage == .warmUp else { return frame }
                // The first second of a test has a frame more than the others.
                let whole = now.second <= 2 ? frame.adding(.warmingUp, of: .gasAnalyzer) : frame
                return whole.with([.airPressure: 100 + Double((frame.tick + 9) % 10) / 10])
            }
            let pressure = try #require(run.outcome.air).pressure.value
            #expect(abs(pressure - expected) < 1e-9, "\(takes)")
        }
    }
}

/// How old readings may be, as every method's pack says.
@Suite("A reading")
struct FreshnessBoundaryTests {
    @Test("is fresh at the pack's age, and stale a nanosecond later", arguments: PackLibrary.ids(limits: false))
    func freshness(id: String) throws {
        for method in TestMethod.allCases {
            // Packs of checks and of other methods have no such ages.
            guard let pack = try? PackLibrary.requirements(id, for: method) else { continue }
            for (role, age) in pack.freshness {
                let channel = try #require(ChannelID.allCases.first { $0.role == role })
                func validity(_ extra: Int64) -> Validity? {
                    var assembler = FrameAssembler(freshness: pack.freshness, origin: .zero)
                    assembler.take(TimedReading(channel, 1, at: .zero))
                    let due = LaneInstant(nanoseconds: age.nanoseconds + extra)
                    return assembler.frame(tick: 1, due: due, lateness: .zero).samples[channel]?.validity
                }
                #expect(validity(-1) == .valid && validity(0) == .valid && validity(1) == .stale, "\(role)")
            }
        }
    }
}
