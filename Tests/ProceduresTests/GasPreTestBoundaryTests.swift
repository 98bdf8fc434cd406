import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// What is asked of air, engine, sample line, rollers and probe before a gas test, on the pack's number, just within it
/// and just beyond, of every method; and the same with another number in the pack.
@Suite("Before a gas test")
struct GasPreTestBoundaryTests {
    /// A value that is compared with the pack's.
    struct Condition: Sendable, CustomTestStringConvertible {
        let member: String
        /// Another value for the pack.
        let other: String
        /// From the limit to what is just beyond it.
        let beyond: Double
        let stage: StageKind
        let reason: Precondition
        /// The readings that come to a value.
        let readings: @Sendable (Double) -> [ChannelID: Double]
        var limit: @Sendable (PreTestRules) -> Double?
        var testDescription: String { member }

        init(
            _ member: String, other: String, beyond: Double, in stage: StageKind, _ reason: Precondition,
            _ limit: @escaping @Sendable (PreTestRules) -> Double?,
            readings: @escaping @Sendable (Double) -> [ChannelID: Double]
        ) {
            (self.member, self.other, self.beyond, self.stage) = (member, other, beyond, stage)
            (self.reason, self.readings, self.limit) = (reason, readings, limit)
        }

        static let all: [Condition] = [
            .init("air-temperature-minimum", other: "5", beyond: -0.1, in: .warmUp, .ambientConditions) {
                $0.airTemperature.lowerBound
            } readings: {
                [.airTemperature: $0]
            },
            .init("air-temperature-maximum", other: "35", beyond: 0.1, in: .warmUp, .ambientConditions) {
                $0.airTemperature.upperBound
            } readings: {
                [.airTemperature: $0]
            },
            .init("relative-humidity-maximum", other: "70", beyond: 0.1, in: .warmUp, .ambientConditions) {
                $0.relativeHumidityMaximum.value
            } readings: {
                [.relativeHumidity: $0]
            },
            .init("oil-temperature-minimum", other: "60", beyond: -0.1, in: .warmUp, .engineCold) {
                $0.oilTemperatureMinimum.value
            } readings: {
                [.oilTemperature: $0]
            },
            .init("ambient-co-maximum", other: "0.01", beyond: 0.001, in: .ambient, .ambientAir) {
                $0.ambientMaximum[.carbonMonoxide]?.value
            } readings: {
                [.carbonMonoxide: $0]
            },
            .init("ambient-hc-maximum", other: "7", beyond: 0.1, in: .ambient, .ambientAir) {
                $0.ambientMaximum[.hydrocarbons]?.value
            } readings: {
                [.hydrocarbons: $0]
            },
            .init("ambient-no-maximum", other: "10", beyond: 0.1, in: .ambient, .ambientAir) {
                $0.ambientMaximum[.nitricOxide]?.value
            } readings: {
                [.nitricOxide: $0]
            },
            // There are 2 ppm in the room.
            .init("residual-hc-maximum", other: "10", beyond: 0.1, in: .background, .residualHydrocarbons) {
                $0.residualMaximum.value
            } readings: {
                [.hydrocarbons: 2 + $0]
            },
            .init("rest-speed-maximum", other: "1.5", beyond: 0.01, in: .rest, .rollersTurning) {
                $0.restSpeedMaximum?.value
            } readings: {
                [.rollerSpeed: $0]
            },
            .init("probe-carbon-minimum", other: "7.5", beyond: -0.01, in: .probe, .probeCheck) {
                $0.probeCarbonMinimum.value
            } readings: {
                [.carbonMonoxide: 0.25, .carbonDioxide: $0 - 0.25]
            },
        ]
    }

    /// A test that is broken off once it is past a stage: what comes then is not the matter here.
    private func test(
        _ method: GasMethod, _ changes: [String: String], past stage: StageKind,
        _ edit: (Frame, EditedTest.Moment) -> Frame
    ) throws -> EditedTest {
        try EditedTest(method, changes) { frame, now in
            let isPast = now.stage != stage && now.second(since: stage) != nil
            return isPast ? frame.with(events: [.operatorAbort]) : edit(frame, now)
        }
    }

    /// Two-speed idle looks for the probe when the engine has settled at high idle.
    private func stage(_ stage: StageKind, of method: GasMethod) -> StageKind {
        stage == .probe && method == .twoSpeedIdle ? .stabilise : stage
    }

    @Test("a condition is met at the pack's value and missed just beyond", arguments: GasMethod.allCases, Condition.all)
    func conditions(method: GasMethod, condition: Condition) throws {
        let stage = stage(condition.stage, of: method)
        guard condition.limit(try method.rules().0) != nil else {
            #expect(method == .twoSpeedIdle && stage == .rest)
            return
        }
        for changes in [[:], ["pre-test.\(condition.member)": condition.other]] {
            let limit = try #require(condition.limit(try method.rules(changes).0))
            for (value, isMet) in [
                (limit - condition.beyond, true), (limit, true), (limit + condition.beyond, false),
            ] {
                let run = try test(method, changes, past: stage) { frame, now in
                    now.stage == stage ? frame.with(condition.readings(value)) : frame
                }
                #expect(run.passed(stage) == isMet, "\(value)")
                if !isMet { #expect(run.verdict == .aborted(.precondition(condition.reason)), "\(value)") }
            }
        }
    }

    /// Something that is waited for.
    struct Wait: Sendable, CustomTestStringConvertible {
        let stage: StageKind
        let kind: PreTestRules.WaitKind
        let reason: AbortReason
        /// Whether as many seconds as a mean is of must be good.
        var wantsMean = false
        /// Spoils a frame.
        let spoil: @Sendable (Frame) -> Frame
        var testDescription: String { "\(kind.rawValue) in \(stage.rawValue)" }

        static let all: [Wait] = [
            Wait(stage: .warmUp, kind: .warmUp, reason: .timeLimit(.warmUp)) {
                $0.adding(.warmingUp, of: .gasAnalyzer)
            },
            Wait(stage: .zero, kind: .zero, reason: .timeLimit(.zero)) { $0.adding(.zeroing, of: .gasAnalyzer) },
            Wait(stage: .ambient, kind: .residual, reason: .timeLimit(.ambient), wantsMean: true) {
                $0.without([.nitricOxide])
            },
            Wait(
                stage: .background, kind: .residual, reason: .precondition(.residualHydrocarbons), wantsMean: true
            ) { $0.without([.hydrocarbons]) },
            Wait(stage: .rest, kind: .rest, reason: .precondition(.rollersTurning)) { $0.with([.rollerSpeed: 5]) },
            Wait(stage: .probe, kind: .probe, reason: .precondition(.probeCheck), wantsMean: true) {
                $0.with([.carbonDioxide: 0.04])
            },
        ]
    }

    @Test("each thing is waited for as long as the pack says", arguments: GasMethod.allCases, Wait.all)
    func waits(method: GasMethod, wait: Wait) throws {
        guard try method.rules().0.limits[wait.kind] != nil else {
            #expect(method == .twoSpeedIdle && wait.kind == .rest)
            return
        }
        let stage = stage(wait.stage, of: method)
        for changes in [[:], ["pre-test.\(wait.kind.rawValue)-limit": "77"]] {
            let rules = try method.rules(changes).0
            let limit = try #require(rules.limits[wait.kind])
            // Two-speed idle takes one good second for the probe.
            let good = wait.wantsMean && stage == wait.stage ? rules.samplingMean : 1
            let late = try test(method, changes, past: stage) { frame, now in
                now.stage == stage && now.second <= limit - good + 1 ? wait.spoil(frame) : frame
            }
            #expect(late.verdict == .aborted(wait.reason))
            #expect(late.stays.last?.seconds == limit)
            let inTime = try test(method, changes, past: stage) { frame, now in
                now.stage == stage && now.second <= limit - good ? wait.spoil(frame) : frame
            }
            #expect(inTime.passed(stage))
            #expect(inTime.seconds(in: stage) == limit)
        }
    }

    @Test("air and line are read for the pack's seconds, after as many for the line", arguments: GasMethod.allCases)
    func sampling(method: GasMethod) throws {
        for changes in [[:], ["pre-test.sampling-settle": "4"], ["pre-test.sampling-mean": "11"]] {
            let rules = try method.rules(changes).0
            let run = try test(method, changes, past: .background) { frame, _ in frame }
            #expect(run.seconds(in: .ambient) == rules.samplingSettle + rules.samplingMean)
            #expect(run.seconds(in: .background) == rules.samplingSettle + rules.samplingMean)
        }
    }

    @Test("a running engine stands in for its oil after the pack's time", arguments: GasMethod.allCases)
    func runningInstead(method: GasMethod) throws {
        for changes in [[:], ["pre-test.engine-running-instead": "45"]] {
            let seconds = try method.rules(changes).0.engineRunningInstead.count
            func waited(_ edit: (Frame, EditedTest.Moment) -> Frame) throws -> Int? {
                try EditedTest(method, changes) { frame, now in
                    now.stage == .zero ? frame.with(events: [.operatorAbort]) : edit(frame, now)
                } vehicle: {
                    $0.oilTemperatureReadable = false
                }.seconds(in: .warmUp)
            }
            #expect(try waited { frame, _ in frame } == seconds)
            // It stood for a second; what was before does not count.
            #expect(
                try waited { frame, now in
                    now.stage == .warmUp && now.second == 20 ? frame.with([.engineSpeed: 0]) : frame
                } == 20 + seconds)
        }
    }
}
