public import Documents
import Evidence
public import Messages
public import Metrology
public import Standards

/// How an interval between checks is counted.
public enum IntervalCounting: String, CaseIterable, Sendable {
    /// From the check's end on, to the second.
    case hours
    /// In days of the lane's calendar (UTC+8): a daily check is good until midnight.
    case calendarDays = "calendar-days"
}

/// What keeps a lane measuring rightly (质量保证要求), read from an assurance pack: which checks, how often, for which
/// methods, and every other condition without which no test begins.
public struct AssuranceRules: Sendable {
    /// One kind of check that the lane must have passed.
    public struct RequiredCheck: Hashable, Sendable {
        /// The kind.
        public let kind: CheckKind
        /// The instrument that it is of; nil for the lane's own clock.
        public var role: InstrumentRole? { kind.role }
        /// The methods that need it.
        public let methods: [TestMethod]
        /// How long a passed check holds, h, from the pack of checks.
        public let interval: PackValue
        /// Whether that time counts from the instrument's last use instead of from the check.
        public let endsUnused: Bool
        /// Kinds that count as this one, being more than it.
        public let satisfiedBy: [CheckKind]
    }

    /// The pack's id.
    public let id: String
    /// The pack's bytes.
    public let bytes: [UInt8]
    /// The id of the pack of checks that tells tolerances and how long each passed check holds.
    public let checkPack: String
    /// The checks, in the order of the opening routine.
    public let checks: [RequiredCheck]
    /// How intervals are counted.
    public let counting: IntervalCounting
    /// What each rule of the lane rests on.
    public let clauses: [LockoutRule: LocalText]
    /// The room's air in which the lane may test: temperature in °C, greatest relative humidity in %.
    public let temperature: (low: RuleValue, high: RuleValue)
    /// Greatest relative humidity, %.
    public let humidity: RuleValue
    /// The greatest step of the wall clock against the monotonic clock, s.
    public let clockStep: RuleValue
    /// Tests that may be aborted one after the other; one more locks the lane.
    public let abortsInARow: RuleValue
    /// Passing checks that release a lane after aborted tests.
    public let abortsReleasedBy: [CheckKind]
    /// Wrong passwords in a row that lock a person out.
    public let passwordAttempts: RuleValue
    /// The pause after the first wrong password, s; it doubles with every further one.
    public let passwordPause: RuleValue
    /// Free storage without which no test begins, MiB.
    public let freeSpace: RuleValue
    /// How long records are kept at least, years (数据保存期).
    public let recordsKept: RuleValue
    /// The pressure below which a gas bottle is nearly empty, MPa.
    public let bottlePressure: RuleValue
    /// The greatest certified uncertainty of a bottle's component, % of its value.
    public let bottleUncertainty: RuleValue

    /// The day's offset from UTC in the lane's calendar, h.
    static let calendarOffset: Int64 = 8

    /// The pack that is built in.
    ///
    /// - Throws: `Problems`, if it has any; a test proves that it has none.
    public static func builtIn() throws(Problems) -> AssuranceRules {
        try AssuranceRules(
            document: Document(
                bytes: PackageResources.HJ1237_2021_assurance_yaml, name: "HJ1237-2021-assurance.yaml"))
    }

    /// Reads a pack.
    ///
    /// - Throws: `Problems`, all at once.
    public init(document: Document) throws(Problems) {
        self = try document.read { reader -> AssuranceRules? in
            let id = reader.text("id")
            _ = reader.text("kind")
            _ = reader.text("standard")
            _ = RuleReader.text("title", of: reader)
            _ = reader.mapping("effective") { period in period.date("from") }
            let sources = reader.mapping("sources") { list -> Set<String>? in
                let texts = list.keys.map { list.text($0) }
                return texts.contains { $0 == nil } ? nil : Set(list.keys)
            }
            guard let sources else { return nil }
            let rules = RuleReader(sources: sources)
            let counting: IntervalCounting? = reader.mapping("counting") { entry in
                _ = (entry.text("source"), entry.text("grade"), entry.optional("note", entry.text))
                return entry.choice("value")
            }
            let checkPack = reader.text("intervals")
            let intervals = checkPack.map { Self.intervals(reader, $0) } ?? [:]
            let checks = reader.mappings("checks") { Self.check($0, intervals) }
            let clauses = reader.named("clauses") { name, entry -> (LockoutRule, LocalText)? in
                var texts: [Language: String] = [:]
                for language in Language.allCases { texts[language] = entry.text(language.rawValue) }
                guard let rule = LockoutRule(rawValue: name), texts.count == Language.allCases.count else { return nil }
                return (rule, LocalText(texts))
            }
            let conditions = reader.mapping("conditions") { Conditions($0, rules) }
            guard let id, let counting, let checkPack, let checks, let clauses, let conditions else { return nil }
            return AssuranceRules(
                id, document.bytes, checkPack, counting, checks,
                Dictionary(clauses.map(\.value), uniquingKeysWith: { first, _ in first }), conditions)
        }
    }

    private init(
        _ id: String, _ bytes: [UInt8], _ checkPack: String, _ counting: IntervalCounting, _ checks: [RequiredCheck],
        _ clauses: [LockoutRule: LocalText], _ conditions: Conditions
    ) {
        self.id = id
        self.bytes = bytes
        self.checkPack = checkPack
        self.counting = counting
        self.checks = checks
        self.clauses = clauses
        temperature = (conditions.temperatureLow, conditions.temperatureHigh)
        humidity = conditions.humidity
        clockStep = conditions.clockStep
        abortsInARow = conditions.aborts
        abortsReleasedBy = conditions.abortsReleasedBy
        passwordAttempts = conditions.attempts
        passwordPause = conditions.pause
        freeSpace = conditions.space
        recordsKept = conditions.kept
        bottlePressure = conditions.pressure
        bottleUncertainty = conditions.uncertainty
    }

    /// How long each kind of check holds, from the pack of checks that the pack names.
    private static func intervals(_ reader: MappingReader, _ id: String) -> [CheckKind: PackValue] {
        if let requirements = try? CheckPackLibrary.requirements(id) { return requirements.intervals }
        reader.report(
            Message(
                .documentUnknownValue,
                [
                    "key": "intervals", "found": .text(id),
                    "expected": .text(CheckPackLibrary.ids.joined(separator: ", ")),
                ]), at: "intervals")
        return [:]
    }

    private enum End: String, CaseIterable {
        case unused
    }

    private static func check(_ entry: MappingReader, _ intervals: [CheckKind: PackValue]) -> RequiredCheck? {
        let kind: CheckKind? = entry.choice("check")
        let methods: [TestMethod]? = RuleReader.choices("methods", of: entry)
        let end: End? = entry.optional("ends") { entry.choice($0) }
        let also: [CheckKind] = entry.optional("satisfied-by") { RuleReader.choices($0, of: entry) } ?? []
        guard let kind, let methods, let interval = intervals[kind] else { return nil }
        return RequiredCheck(
            kind: kind, methods: methods, interval: interval, endsUnused: end == .unused, satisfiedBy: also)
    }

    /// The end of the time for which a passing check is good.
    ///
    /// - Parameter lastUse: when the instrument was last used, for checks that end when it is not.
    func end(of check: RequiredCheck, passedAt: Timestamp, lastUse: Timestamp?) -> Timestamp {
        let length = Int64((check.interval.value * 3600).rounded())
        if check.endsUnused { return Timestamp(seconds: max(passedAt, lastUse ?? passedAt).seconds + length) }
        // A part of a day has no midnight to count to.
        guard counting == .calendarDays, length >= 86_400 else {
            return Timestamp(seconds: passedAt.seconds + length)
        }
        let offset = Self.calendarOffset * 3600
        let midnight = (passedAt.seconds + offset) / 86_400 * 86_400 - offset
        return Timestamp(seconds: midnight + length)
    }
}

private struct Conditions {
    let temperatureLow, temperatureHigh, humidity, clockStep, aborts, attempts, pause, space, kept,
        pressure, uncertainty: RuleValue
    let abortsReleasedBy: [CheckKind]

    init?(_ group: MappingReader, _ rules: RuleReader) {
        let low = rules.value("air-temperature-minimum", "°C", in: -60...60, of: group)
        let high = rules.value("air-temperature-maximum", "°C", in: -60...60, of: group)
        let humidity = rules.value("relative-humidity-maximum", "%", in: 1...100, of: group)
        let step = rules.value("clock-step", "s", in: 0.1...3600, of: group)
        let aborts = rules.value("aborts-in-a-row", "1", in: 1...1000, whole: true, of: group)
        let released: [CheckKind]? = RuleReader.choices("aborts-released-by", of: group)
        let attempts = rules.value("password-attempts", "1", in: 1...100, whole: true, of: group)
        let pause = rules.value("password-pause", "s", in: 1...3600, whole: true, of: group)
        let space = rules.value("free-space", "MiB", in: 1...1e6, whole: true, of: group)
        let kept = rules.value("records-kept", "years", in: 1...100, whole: true, of: group)
        let pressure = rules.value("bottle-pressure-minimum", "MPa", in: 0...20, of: group)
        let uncertainty = rules.value("bottle-uncertainty-maximum", "%", in: 0.1...50, of: group)
        guard let low, let high, let humidity, let step, let aborts, let released, let attempts, let pause, let space,
            let kept, let pressure, let uncertainty
        else { return nil }
        (temperatureLow, temperatureHigh, self.humidity, clockStep) = (low, high, humidity, step)
        (self.aborts, abortsReleasedBy, self.attempts, self.pause) = (aborts, released, attempts, pause)
        (self.space, self.kept, self.pressure, self.uncertainty) = (space, kept, pressure, uncertainty)
    }
}
