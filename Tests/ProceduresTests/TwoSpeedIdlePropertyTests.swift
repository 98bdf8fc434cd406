import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Thousands of seeded two-speed idle tests")
struct TwoSpeedIdlePropertyTests {
    static let seed: UInt64 = 20_190_501
    static let count = PropertyRuns.count(of: 2000)

    @Test("end, replay to the same report, agree with a plain recomputation, and take every path")
    func allPaths() async throws {
        let table = try await PropertyRuns.table(of: Self.count) { index in
            var random = SeededGenerator(seed: Self.seed &+ UInt64(index))
            let fixture = try TwoSpeedIdleFixture {
                $0.secondFuel = index % 7 == 0 ? .lpg : nil
                $0.tailPipes = index % 11 == 0 ? 2 : 1
            }
            let exhaust = ["": Self.exhaust(&random), "idle": Self.exhaust(&random)]
            let disturbances =
                index % 4 == 0 ? [] : index % 20 == 1 ? Self.unsteady(&random) : [Self.disturbance(&random)]
            let (outcome, run) = try fixture.run(seed: random.next(), exhaust: exhaust, disturbances)
            let context: Comment = "seed \(Self.seed) index \(index) \(disturbances)"

            if disturbances.isEmpty { #expect(outcome.verdict.abortReason == nil, context) }
            var again = try fixture.procedure()
            for frame in run.frames { _ = again.advance(frame) }
            #expect(try again.outcome?.report() == outcome.report(), context)
            if outcome.verdict.abortReason == nil {
                #expect(Self.plainVerdict(outcome, fixture) == (outcome.verdict == .passed), context)
            }
            return Self.keys(outcome)
        }
        print("two-speed idle property tests: seed \(Self.seed), \(Self.count) tests")
        for (key, value) in table.sorted(by: { $0.key < $1.key }) { print("  \(value)  \(key)") }
        guard PropertyRuns.areComplete else { return }
        for path in Self.paths { #expect(table[path, default: 0] >= 5, "\(path): \(table[path, default: 0]) times") }
    }

    static let paths =
        ["passed", "failed", "restart", "bi-fuel", "two pipes"]
        + [
            "dilution", "stall", "low-flow", "device-lost", "device-fault", "stale-data", "operator", "emergency-stop",
            "precondition probe-check", "precondition engine-cold", "precondition ambient-conditions",
            "precondition ambient-air", "precondition residual-hc", "time-limit condition", "time-limit warm-up",
            "time-limit zero", "time-limit fuel-change", "time-limit stabilise", "time-limit measure",
        ].map { "abort \($0)" }

    static func keys(_ outcome: TwoSpeedIdleOutcome) -> [String] {
        var keys: [String] = []
        if let reason = outcome.verdict.abortReason {
            switch reason {
            case .precondition, .timeLimit: keys.append("abort \(reason.code) \(reason.detail ?? "")")
            default: keys.append("abort \(reason.code)")
            }
        } else {
            keys.append(outcome.verdict.code)
        }
        if outcome.restarts > 0 { keys.append("restart") }
        if outcome.means.contains(where: { $0.fuel == .lpg }) { keys.append("bi-fuel") }
        if outcome.means.contains(where: { $0.pipe == 2 }) { keys.append("two pipes") }
        return keys
    }

    /// The verdict from the process data, taken the plain way: the last thirty seconds of each measurement.
    static func plainVerdict(_ outcome: TwoSpeedIdleOutcome, _ fixture: TwoSpeedIdleFixture) -> Bool {
        let bounds: [(IdlePhase, ChannelID, Double, Int)] = [
            (.highIdle, .carbonMonoxide, 0.3, 2), (.highIdle, .hydrocarbons, 50, 0), (.idle, .carbonMonoxide, 0.6, 2),
            (.idle, .hydrocarbons, 80, 0),
        ]
        let fuels = [fixture.order.vehicle.fuel] + (fixture.order.vehicle.secondFuel.map { [$0] } ?? [])
        for fuel in fuels {
            func means(_ phase: IdlePhase, _ value: (IdleSecond) -> Double?) -> Double {
                var sum = 0.0
                for pipe in 1...fixture.order.vehicle.tailPipes {
                    let seconds = outcome.seconds.filter { $0.fuel == fuel && $0.phase == phase && $0.pipe == pipe }
                    sum += seconds.suffix(30).compactMap(value).reduce(0, +) / 30
                }
                return sum / Double(fixture.order.vehicle.tailPipes)
            }
            for (phase, channel, limit, places) in bounds {
                let mean = means(phase) { $0.values[channel] }
                guard let reported = try? RoundedDecimal(mean, places: places), reported.value <= limit else {
                    return false
                }
            }
            let lambda = means(.highIdle) { $0.lambda }
            guard let reported = try? RoundedDecimal(lambda, places: 2), (0.95...1.05).contains(reported.value) else {
                return false
            }
        }
        return true
    }

    static func exhaust(_ random: inout SeededGenerator) -> SyntheticLane.Exhaust {
        switch Int.random(in: 0..<4, using: &random) {
        case 0, 1: .init(co: 0.1, hc: 20, no: 50)
        case 2: .init(co: Double.random(in: 0.2...0.7, using: &random), hc: 45, no: 50)
        default: .init(co: 0.2, hc: Double.random(in: 30...120, using: &random), no: 50)
        }
    }

    /// A driver who leaves the band again and again, so that no measurement comes to its end in time.
    static func unsteady(_ random: inout SeededGenerator) -> [SyntheticLane.Disturbance] {
        let first = Double(Int.random(in: 1...20, using: &random))
        return (0..<20).map { .init(.engineSpeed(400), after: first + 38 * Double($0), length: 4, stage: .measure) }
    }

    static func disturbance(_ random: inout SeededGenerator) -> SyntheticLane.Disturbance {
        let role = [InstrumentRole.gasAnalyzer, .tachometer, .weatherStation].randomElement(using: &random)
        let channel = [ChannelID.carbonMonoxide, .oxygen, .engineSpeed, .airPressure].randomElement(using: &random)
        let kinds: [SyntheticLane.Kind] = [
            .dilution(0.3), .stall, .lowFlow, .lost(role ?? .gasAnalyzer), .stuck(channel ?? .oxygen),
            .fault(role ?? .gasAnalyzer), .event(.operatorAbort), .event(.emergencyStop), .airTemperature(45),
            .ambientHydrocarbons(40), .residualHydrocarbons(30), .coldEngine, .noProbe, .analyzerStays(.warmingUp),
            .analyzerStays(.zeroing), .tooSlow, .noAnswer, .noAnswer, .engineSpeed(400), .engineSpeed(-300),
        ]
        let kind = kinds.randomElement(using: &random) ?? .stall
        let begins: [StageKind] = [.condition, .stabilise, .measure, .measure]
        switch kind {
        case .airTemperature, .ambientHydrocarbons, .residualHydrocarbons, .coldEngine, .noProbe, .analyzerStays,
            .tooSlow, .noAnswer:
            return .init(kind)
        case .engineSpeed where Bool.random(using: &random):
            return .init(kind, after: 5, stage: .measure)
        default:
            return .init(
                kind, after: Double(Int.random(in: 0...25, using: &random)),
                length: Double(Int.random(in: 1...8, using: &random)), stage: begins.randomElement(using: &random))
        }
    }
}
