public import Messages
public import Metrology
public import Standards

/// What a test of any method arrives at.
public protocol TestOutcome: LaneOutcome {
    /// Everything that was compared with a limit, in the order of the report.
    var items: [JudgedItem] { get }
    /// How the verdict came about, one line each, for a person.
    var notes: [Message] { get }
    /// What the method adds to the record's result: parts, process data, remarks.
    ///
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    func details() throws(MetrologyError) -> [String: Report]
}

extension TestOutcome {
    /// Nothing to add.
    public var notes: [Message] { [] }

    /// The record's result: verdict, reason, items, and what the method adds.
    ///
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    public func report() throws(MetrologyError) -> Report {
        var members = try details()
        members["verdict"] = .text(verdict.code)
        members["reason"] =
            verdict.abortReason.map { ["code": .text($0.code), "detail": .optional($0.detail)] } ?? .absent
        members["items"] = .list(items.map(\.report))
        return .members(members)
    }
}

/// How a test ended.
public enum Verdict: Hashable, Sendable {
    /// Every item is within its limit (合格).
    case passed
    /// An item is beyond its limit (不合格).
    case failed
    /// There is no verdict (终止).
    case aborted(AbortReason)

    /// The word in records.
    public var code: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .aborted: "aborted"
        }
    }

    /// Why there is no verdict; nil if there is one.
    public var abortReason: AbortReason? { if case .aborted(let reason) = self { reason } else { nil } }
}

/// What a value is compared with (限值).
public enum Bound: Hashable, Sendable {
    /// At most.
    case atMost(PackValue)
    /// At least.
    case atLeast(PackValue)
    /// Both inclusive.
    case between(PackValue, PackValue)

    /// The greatest value that passes; nil if there is none.
    public var high: PackValue? {
        switch self {
        case .atMost(let high), .between(_, let high): high
        case .atLeast: nil
        }
    }

    /// The least value that passes; nil if there is none.
    public var low: PackValue? {
        switch self {
        case .atLeast(let low), .between(let low, _): low
        case .atMost: nil
        }
    }

    /// The limit as a report shows it, such as `0.50`, `0.95–1.05` or `≥ 30`.
    public var text: String {
        switch self {
        case .atMost(let high): high.decimal.description
        case .atLeast(let low): "≥ \(low.decimal)"
        case .between(let low, let high): "\(low.decimal)–\(high.decimal)"
        }
    }

    /// The unit.
    public var unit: String { (high ?? low)?.unit ?? "" }

    func contains(_ value: RoundedDecimal) -> Bool {
        (high.map { value <= $0.decimal } ?? true) && (low.map { value >= $0.decimal } ?? true)
    }

    func contains(_ value: SignificantDecimal) -> Bool {
        (high.map { value.isAtMost($0.decimal) } ?? true) && (low.map { !value.isBelow($0.decimal) } ?? true)
    }
}

/// One value against its limit (检测项目).
public struct JudgedItem: Hashable, Sendable {
    /// The mode or phase that it belongs to, by its code; nil for the test as a whole.
    public let part: String?
    /// What was judged, such as `co`.
    public let quantity: String
    /// The limit with its source.
    public let bound: Bound
    /// The value at twelve significant digits.
    public let full: SignificantDecimal
    /// The value as it is reported.
    public let reported: RoundedDecimal
    /// Whether the reported value is within the limit.
    public let passesRounded: Bool
    /// Whether the full value is within the limit.
    public let passesFull: Bool
    /// Whether it passes by the pack's way of comparing.
    public let passes: Bool

    /// Judges a value.
    ///
    /// - Parameters:
    ///   - places: decimal places of the reported value.
    ///   - comparison: whether the reported or the full value decides.
    /// - Throws: `MetrologyError` if the value cannot be reported.
    public init(
        _ quantity: String, of part: String? = nil, value: Double, places: Int, bound: Bound, comparison: Comparison
    ) throws(MetrologyError) {
        self.part = part
        self.quantity = quantity
        self.bound = bound
        full = try SignificantDecimal(value)
        reported = try RoundedDecimal(value, places: places)
        passesRounded = bound.contains(reported)
        passesFull = bound.contains(full)
        passes = comparison == .rounded ? passesRounded : passesFull
    }

    /// The name in reports, such as `CO`.
    public var symbol: String { quantity.uppercased() }

    /// The name in records, unique within a test.
    public var id: String { part.map { "\($0).\(quantity)" } ?? quantity }

    /// The item as the record lists it; `limitLow` is there only where the limit has a lower end.
    public var report: Report {
        var members: [String: Report] = [
            "id": .text(id), "mode": .optional(part), "pollutant": .text(symbol), "unit": .text(bound.unit),
            "value": .decimal(reported), "full": .significant(full),
            "limit": bound.high.map { .decimal($0.decimal) } ?? .absent, "verdict": Self.word(passes),
            "verdictRounded": Self.word(passesRounded), "verdictFull": Self.word(passesFull),
        ]
        if let low = bound.low { members["limitLow"] = .decimal(low.decimal) }
        return .members(members)
    }

    private static func word(_ passes: Bool) -> Report { passes ? "passed" : "failed" }
}

/// Temperature, humidity and pressure of the test room.
public struct AirState: Hashable, Sendable {
    /// °C.
    public let temperature: Temperature
    /// %.
    public let relativeHumidity: Percentage
    /// kPa.
    public let pressure: Pressure

    /// Creates a state.
    public init(temperature: Temperature, relativeHumidity: Percentage, pressure: Pressure) {
        self.temperature = temperature
        self.relativeHumidity = relativeHumidity
        self.pressure = pressure
    }

    /// The state as records hold it.
    ///
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    public func report() throws(MetrologyError) -> Report {
        [
            "temperature": try .number(temperature.value, 1),
            "relativeHumidity": try .number(relativeHumidity.value, 1), "pressure": try .number(pressure.value, 2),
        ]
    }
}
