import Assurance
import Evidence
import Messages
import Metrology
import Procedures
import Standards

/// A lane with every instrument and every method, in virtual time.
enum WholeLane {
    static let rules: AssuranceRules = {
        // The first test of the pack shows why, if it cannot be read.
        guard let rules = try? AssuranceRules.builtIn() else { fatalError("the built-in pack cannot be read") }
        return rules
    }()

    /// A Saturday morning, 08:30 in China.
    static let morning = moment("2026-11-21T08:30:00+08:00")

    static let methods: [TestMethod: Set<InstrumentRole>] = Dictionary(
        uniqueKeysWithValues: TestMethod.allCases.map { ($0, $0.roles) })

    static let roles = InstrumentRole.allCases.filter { role in methods.values.contains { $0.contains(role) } }

    static func moment(_ text: String) -> Timestamp {
        // The moments are written in the tests.
        guard let moment = Timestamp(text) else { fatalError("\(text) is no moment") }
        return moment
    }

    static func serial(_ role: InstrumentRole?) -> String? { role.map { "S-\($0.rawValue)" } }

    static func result(
        _ kind: CheckKind, _ verdict: String = "passed", at ended: Timestamp = morning, counter: Int = 1,
        serial: String? = nil, items: [CheckResultItem] = []
    ) -> CheckResult {
        CheckResult(
            counter: counter, digest: Digest(of: Array("\(kind) \(counter) \(ended.seconds)".utf8)), kind: kind,
            serial: serial ?? Self.serial(kind.role), verdict: verdict, ended: ended, items: items)
    }

    /// A lane on which everything is as it must be at ``morning``.
    static func good() -> LaneCondition {
        var condition = LaneCondition()
        condition.methods = methods
        condition.instruments = roles.map {
            LaneCondition.Instrument(role: $0, serial: serial($0), conditions: [])
        }
        condition.history = CheckHistory(
            rules.checks.enumerated().map { result($0.element.kind, counter: $0.offset + 1) })
        condition.air = AirState(
            temperature: Temperature(20), relativeHumidity: Percentage(50), pressure: Pressure(101))
        condition.freeBytes = 1 << 30
        return condition
    }

    static func lockouts(_ condition: LaneCondition, at now: Timestamp = morning) -> Lockouts {
        Lockouts(condition, rules: rules, now: now)
    }
}

extension Timestamp {
    static func + (time: Timestamp, seconds: Int64) -> Timestamp { Timestamp(seconds: time.seconds + seconds) }
}
