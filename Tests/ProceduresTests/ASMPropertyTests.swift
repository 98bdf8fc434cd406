import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Thousands of seeded ASM tests")
struct ASMPropertyTests {
    static let seed: UInt64 = 20_181_127
    static let count = PropertyRuns.count(of: 3000)

    @Test("end, unload last, replay to the same outcome, and take every path")
    func allPaths() async throws {
        let fixture = try ASMFixture()
        let table = try await PropertyRuns.table(of: Self.count) { index in
            var random = SeededGenerator(seed: Self.seed &+ UInt64(index))
            let (exhaust, disturbances) = Self.scenario(index, &random)
            let (outcome, run) = try fixture.run(seed: random.next(), exhaust: exhaust, disturbances)
            let context: Comment = "seed \(Self.seed) index \(index) \(disturbances)"

            let brakes = run.directives.filter { if case .brake = $0 { true } else { $0 == .unload } }
            #expect(brakes.last == .unload, context)
            if disturbances.isEmpty { #expect(outcome.verdict.abortReason == nil, context) }
            #expect(outcome.modes.allSatisfy { $0.totalSeconds <= 145 && $0.modeSeconds <= 90 }, context)
            if outcome.verdict == .passed { #expect(outcome.modes.last?.items.allSatisfy(\.passes) ?? false, context) }
            if outcome.verdict == .failed {
                #expect(outcome.modes.last?.items.contains { !$0.passes } ?? false, context)
            }

            var again = ASMProcedure(fixture.test)
            for frame in run.frames { _ = again.advance(frame) }
            let replayed = try #require(again.outcome, context)
            #expect(String(describing: replayed.verdict) == String(describing: outcome.verdict), context)
            #expect(replayed.modes == outcome.modes, context)
            #expect(replayed.seconds == outcome.seconds, context)

            return Self.keys(outcome)
        }
        Self.print(table)
        guard PropertyRuns.areComplete else { return }
        for path in Self.paths { #expect(table[path, default: 0] >= 5, "\(path): \(table[path, default: 0]) times") }
    }

    /// Every path and reason that must occur.
    static let paths =
        ASMDecision.allCases.map { "decision \($0.rawValue)" } + ["verdict passed", "verdict failed", "restart"]
        + [
            "dilution", "stall", "low-flow", "device-lost", "device-fault", "stale-data", "operator", "emergency-stop",
        ].map { "abort \($0)" }
        + [
            Precondition.ambientConditions, .ambientAir, .residualHydrocarbons, .probeCheck, .engineCold,
            .rollersTurning,
        ].map { "abort precondition \($0.rawValue)" }
        + [StageKind.warmUp, .zero, .accelerate, .measure].map { "abort time-limit \($0.rawValue)" }

    static func keys(_ outcome: ASMOutcome) -> [String] {
        var keys = outcome.modes.map { "decision \($0.decision.rawValue)" } + ["verdict \(outcome.verdict.code)"]
        if outcome.modes.contains(where: { $0.restarts > 0 }) { keys.append("restart") }
        if let reason = outcome.verdict.abortReason {
            switch reason {
            case .precondition, .timeLimit: keys.append("abort \(reason.code) \(reason.detail ?? "")")
            default: keys.append("abort \(reason.code)")
            }
        }
        return keys
    }

    static func print(_ table: [String: Int]) {
        Swift.print("ASM property tests: seed \(seed), \(count) tests")
        for (key, value) in table.sorted(by: { $0.key < $1.key }) {
            Swift.print("  \(String(repeating: " ", count: max(0, 5 - String(value).count)))\(value)  \(key)")
        }
    }

    /// A vehicle, and none, one or two things that go wrong, drawn from the seed.
    static func scenario(
        _ index: Int, _ random: inout SeededGenerator
    ) -> ([String: SyntheticLane.Exhaust], [SyntheticLane.Disturbance]) {
        func exhaust() -> SyntheticLane.Exhaust {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: .clean
            case 2: .fair
            case 3: .gross
            default:
                SyntheticLane.Exhaust(
                    co: Double.random(in: 0.05...1.2, using: &random), hc: Double.random(in: 10...200, using: &random),
                    no: Double.random(in: 100...2000, using: &random))
            }
        }
        let emissions = ["": exhaust(), "asm2540": exhaust()]
        // A quarter of the tests runs undisturbed.
        let count = index % 4 == 0 ? 0 : Int.random(in: 1...2, using: &random)
        return (emissions, (0..<count).map { _ in disturbance(&random) })
    }

    static func disturbance(_ random: inout SeededGenerator) -> SyntheticLane.Disturbance {
        let role = InstrumentRole.allCases.randomElement(using: &random) ?? .gasAnalyzer
        let channel: ChannelID =
            [.rollerSpeed, .rollerForce, .carbonMonoxide, .hydrocarbons, .nitricOxide, .engineSpeed, .airPressure]
            .randomElement(using: &random) ?? .rollerSpeed
        let kinds: [SyntheticLane.Kind] = [
            .speed(2.6), .speed(-2.6), .force(0.09), .force(-0.09), .speedSwing(1.7), .dilution(0.3), .stall, .lowFlow,
            .lost(role), .stuck(channel), .fault(role), .event(.operatorAbort), .event(.emergencyStop),
            .event(.actionFailed(role)), .airTemperature(45), .airTemperature(-3), .ambientHydrocarbons(40),
            .residualHydrocarbons(20), .coldEngine, .rollersTurn, .noProbe, .analyzerStays(.warmingUp),
            .analyzerStays(.zeroing), .zeroFails, .tooSlow,
        ]
        let stages: [StageKind?] = [nil, .background, .rest, .accelerate, .stabilise, .measure, .measure, .measure]
        let kind = kinds.randomElement(using: &random) ?? .stall
        let stage = stages.randomElement(using: &random) ?? nil
        let isLasting: Bool =
            switch kind {
            case .airTemperature, .ambientHydrocarbons, .residualHydrocarbons, .coldEngine, .rollersTurn, .noProbe,
                .analyzerStays, .zeroFails, .tooSlow:
                true
            default: Bool.random(using: &random)
            }
        return SyntheticLane.Disturbance(
            kind, after: isLasting ? 0 : Double(Int.random(in: 0...60, using: &random)),
            length: isLasting ? .infinity : Double(Int.random(in: 1...8, using: &random)),
            stage: isLasting && stage != .measure ? nil : stage)
    }
}
