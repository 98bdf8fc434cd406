import Foundation
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Thousands of seeded lug-down tests")
struct LugDownPropertyTests {
    static let seed: UInt64 = 20_180_927
    static let count = PropertyRuns.count(of: 2000)

    @Test("end, unload last, replay to the same bytes, agree with a second computation, and take every path")
    func allPaths() async throws {
        let fixture = try LugDownFixture()
        let table = try await PropertyRuns.table(of: Self.count) { index in
            var random = SeededGenerator(seed: Self.seed &+ UInt64(index))
            let (drawn, disturbances) = try Self.scenario(index, fixture, &random)
            let (outcome, run) = try drawn.run(disturbances)
            let context: Comment = "seed \(Self.seed) index \(index) \(drawn.lane.vehicle) \(disturbances)"

            #expect(run.brakes.last == .unload, context)
            #expect(run.frames.count < 30_000, context)
            if disturbances.isEmpty { #expect(outcome.verdict.abortReason == nil, context) }
            var again = LugDownProcedure(drawn.test)
            for frame in run.frames { _ = again.advance(frame) }
            #expect(try again.outcome?.report() == outcome.report(), context)
            Self.compare(outcome, context)
            return Self.keys(outcome)
        }
        Self.print(table)
        guard PropertyRuns.areComplete else { return }
        for path in Self.paths { #expect(table[path, default: 0] >= 5, "\(path): \(table[path, default: 0]) times") }
    }

    /// A verdict must be that of the second computation, value by value.
    static func compare(_ outcome: LugDownOutcome, _ context: Comment) {
        guard outcome.verdict.abortReason == nil else { return }
        let (passes, values) = LugDownRecomputation(outcome).verdict()
        #expect((outcome.verdict == .passed) == passes, context)
        #expect(outcome.items.count == values.count, context)
        for item in outcome.items {
            #expect(Decimal(string: item.reported.description) == values[item.id], "\(item.id) \(context)")
        }
    }

    /// Every path and reason that must occur.
    static let paths =
        ["verdict passed", "verdict failed", "gear changed", "point restarted"]
        + ["scan.power", "scan.engine-speed", "p100.k", "p80.k", "p80.nox"].map { "fails \($0)" }
        + LugDownScanEnd.allCases.map { "scan \($0.rawValue)" }
        + [
            "stall", "low-flow", "device-lost", "device-fault", "stale-data", "operator", "emergency-stop",
            "storage-lost", "over-temperature", "control-lost", "wheel-slip", "pedal-released",
        ].map { "abort \($0)" }
        + [
            Precondition.ambientConditions, .ambientAir, .probeCheck, .engineCold, .rollersTurning, .opacimeterZero,
            .opacimeterFullScale,
            .gearChoice,
        ].map { "abort precondition \($0.rawValue)" }
        + [StageKind.warmUp, .zero, .governedSpeed, .gear, .stabilise].map { "abort time-limit \($0.rawValue)" }

    static func keys(_ outcome: LugDownOutcome) -> [String] {
        var keys = ["verdict \(outcome.verdict.code)"]
        keys += outcome.items.filter { !$0.passes }.map { "fails \($0.id)" }
        keys += outcome.remarks.map { "remark \($0.rawValue)" }
        if let peak = outcome.peak { keys.append("scan \(peak.end.rawValue)") }
        if let gear = outcome.gear, gear.shifts > 0 { keys.append("gear changed") }
        if outcome.points.contains(where: { $0.restarts > 0 }) { keys.append("point restarted") }
        if let reason = outcome.verdict.abortReason {
            switch reason {
            case .precondition, .timeLimit: keys.append("abort \(reason.code) \(reason.detail ?? "")")
            default: keys.append("abort \(reason.code)")
            }
        }
        return keys
    }

    static func print(_ table: [String: Int]) {
        Swift.print("Lug-down property tests: seed \(seed), \(count) tests")
        for (key, value) in table.sorted(by: { $0.key < $1.key }) {
            Swift.print("  \(String(repeating: " ", count: max(0, 5 - String(value).count)))\(value)  \(key)")
        }
    }

    // MARK: Scenarios

    /// A vehicle with its order, its lane, and none, one or two things that go wrong, drawn from the seed.
    static func scenario(
        _ index: Int, _ fixture: LugDownFixture, _ random: inout SeededGenerator
    ) throws -> (LugDownFixture, [LugDownLane.Disturbance]) {
        var drawn = fixture
        var vehicle = LugDownLane.Vehicle()
        let isSlow = Int.random(in: 0..<25, using: &random) == 0
        vehicle.ratedPower = Double.random(in: 40...260, using: &random)
        vehicle.ratedSpeed = Double.random(in: isSlow ? 1100...1200 : 1900...4200, using: &random)
        vehicle.efficiency = [0.3, 0.5, 0.7, 0.8].randomElement(using: &random) ?? 0.7
        let topSpeed = Double.random(in: 62...96, using: &random)
        let best = topSpeed / vehicle.ratedSpeed / vehicle.governed * 1000
        vehicle.gears = [-3, -2, -1, 0, 1].map { best * pow(1.45, Double($0)) }
        vehicle.k = ["": smoke(&random), "p80": smoke(&random)]
        vehicle.nox = ["": Double.random(in: 200...1200, using: &random)]
        if Bool.random(using: &random) { vehicle.nox["p80"] = Double.random(in: 1300...1700, using: &random) }
        drawn.lane = LugDownLane(seed: random.next(), freshness: fixture.test.requirements.freshness, vehicle: vehicle)
        drawn.lane.air = (
            Double.random(in: -2...42, using: &random), Double.random(in: 20...80, using: &random),
            Double.random(in: 78...103, using: &random)
        )
        drawn.lane.readsNOAndNO2 = Int.random(in: 0..<4, using: &random) == 0
        drawn.lane.readsCarbonDioxide = Int.random(in: 0..<4, using: &random) != 0
        // Some orders state another rated speed than the engine has.
        let stated = vehicle.ratedSpeed * ([1, 1, 1, 0.86, 1.16].randomElement(using: &random) ?? 1)
        drawn.test.ratedPower = try RoundedDecimal(vehicle.ratedPower, places: 1)
        drawn.test.ratedSpeed = try RoundedDecimal(stated, places: 0)
        drawn.test.aspiration = Bool.random(using: &random) ? .natural : .turbocharged
        drawn.test.transmission = Int.random(in: 0..<5, using: &random) == 0 ? .automatic : .manual
        // A quarter of the tests runs undisturbed.
        let count = index % 4 == 0 ? 0 : Int.random(in: 1...2, using: &random)
        return (drawn, (0..<count).flatMap { _ in disturbances(&random, vehicle) })
    }

    static func smoke(_ random: inout SeededGenerator) -> Double {
        Double.random(in: 0.1...(Bool.random(using: &random) ? 0.9 : 1.6), using: &random)
    }

    /// What goes wrong at once.
    static func disturbances(
        _ random: inout SeededGenerator, _ vehicle: LugDownLane.Vehicle
    ) -> [LugDownLane.Disturbance] {
        let role =
            [InstrumentRole.dynamometer, .tachometer, .opacimeter, .noxAnalyzer, .weatherStation, .flowMeter]
            .randomElement(using: &random) ?? .dynamometer
        let channel =
            [
                ChannelID.rollerSpeed, .rollerForce, .engineSpeed, .lightAbsorption, .opacity, .nitrogenOxides,
                .airPressure,
            ]
            .randomElement(using: &random) ?? .rollerSpeed
        let lasting: [LugDownLane.Kind] = [
            .pin(.airTemperature, 47), .pin(.airTemperature, -8), .cold, .noShutter, .noProbe, .noConfirmation,
            .rollersTurn, .lazy, .add(.opacity, 4), .pin(.nitrogenOxides, 80), .state(.opacimeter, .warmingUp),
            .state(.noxAnalyzer, .zeroing), .state(.opacimeter, .zeroFailed),
        ]
        let passing: [LugDownLane.Kind] = [
            .pin(.airTemperature, 46), .pin(.oilTemperature, 150), .pin(.coolantTemperature, 115), .release,
            .brakeFails, .slip(0.15), .stall, .lost(role), .stuck(channel), .state(role, .fault),
            .state(.noxAnalyzer, .lowFlow), .event(.operatorAbort), .event(.emergencyStop), .event(.storageLost),
            .event(.actionFailed(role)), .add(.rollerSpeed, 2.6), .add(.lightAbsorption, 0.3),
            .add(.nitrogenOxides, 200),
        ]
        switch Int.random(in: 0..<22, using: &random) {
        case 0: return [.init(.wrongGear(Bool.random(using: &random) ? -1 : 1))]
        case 1: return [.init(.wrongGear(-1)), .init(.stubborn)]
        case 2: return [.init(.lazy, stage: .gear)]
        // Every gear looks too slow at first, and too fast after the change.
        case 3:
            return [
                .init(.wrongGear(-1)), .init(.pin(.rollerSpeed, 104), after: 12, length: 60, stage: .gear),
            ]
        // Off the point's speed for a moment, or for good.
        case 4:
            let length = Double(Int.random(in: 1...3, using: &random))
            return [.init(.add(.rollerSpeed, 2.7), after: 3, length: length, stage: .measure)]
        case 5: return [.init(.add(.rollerSpeed, 2.7), after: 9, stage: .stabilise)]
        case 6...9:
            return [.init(lasting.randomElement(using: &random) ?? .cold)]
        default:
            let stages: [StageKind] = [.zero, .probe, .governedSpeed, .gear, .scan, .scan, .stabilise, .measure]
            let kind = passing.randomElement(using: &random) ?? .stall
            return [
                .init(
                    kind, after: Double(Int.random(in: 0...12, using: &random)),
                    length: Bool.random(using: &random) ? Double(Int.random(in: 1...8, using: &random)) : .infinity,
                    stage: stages.randomElement(using: &random))
            ]
        }
    }
}
