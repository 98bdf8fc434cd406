public import Evidence
public import Metrology
public import Standards

/// What one sealed check says (检查结果), as the lane's state is derived from it.
public struct CheckResult: Hashable, Sendable {
    /// The record's number.
    public let counter: Int
    /// The record's digest.
    public let digest: Digest
    /// The kind of check.
    public let kind: CheckKind
    /// The instrument's serial number; nil where none was known.
    public let serial: String?
    /// `passed`, `failed` or `aborted`.
    public let verdict: String
    /// When it ended, by the lane's clock.
    public let ended: Timestamp
    /// Who carried it out.
    public let person: String?
    /// What was judged.
    public let items: [CheckResultItem]
    /// What it found for the tests that follow, as canonical JSON by name.
    public let parameters: [String: JSONValue]

    /// Creates a result.
    public init(
        counter: Int, digest: Digest, kind: CheckKind, serial: String?, verdict: String, ended: Timestamp,
        person: String? = nil, items: [CheckResultItem] = [], parameters: [String: JSONValue] = [:]
    ) {
        self.counter = counter
        self.digest = digest
        self.kind = kind
        self.serial = serial
        self.verdict = verdict
        self.ended = ended
        self.person = person
        self.items = items
        self.parameters = parameters
    }

    /// Reads the result from a record's payload; nil if it is no check's.
    public init?(payload: JSONValue, digest: Digest) {
        guard payload["kind"] == .string("check"), let counter = payload["counter"]?.wholeNumber,
            let kind = payload["result"]?["kind"]?.text.flatMap({ CheckKind(rawValue: $0) }),
            let verdict = payload["result"]?["verdict"]?.text,
            let ended = payload["time"]?["ended"]?.text.flatMap({ Timestamp($0) })
        else { return nil }
        let role = kind.role?.rawValue
        let instrument = payload["instruments"]?.elements?.first { $0["role"]?.text == role }
        var parameters: [String: JSONValue] = [:]
        for parameter in payload["result"]?["parameters"]?.elements ?? [] {
            if let name = parameter["name"]?.text { parameters[name] = parameter }
        }
        self.init(
            counter: counter, digest: digest, kind: kind, serial: instrument?["serial"]?.text, verdict: verdict,
            ended: ended, person: payload["person"]?["name"]?.text,
            items: (payload["result"]?["items"]?.elements ?? []).compactMap { CheckResultItem($0) },
            parameters: parameters)
    }

    /// Two results are the same if they are of the same record.
    public static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }

    /// By the record.
    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// One judged value of a check, with its digits as sealed.
public struct CheckResultItem: Hashable, Sendable {
    /// What was compared, unique within the check.
    public let id: String
    /// The unit of value and error.
    public let unit: String
    /// The reference's value; nil where the reading itself has a limit.
    public let reference: RoundedDecimal?
    /// The instrument's value; nil if it did not come about.
    public let value: RoundedDecimal?
    /// Value minus reference.
    public let error: RoundedDecimal?
    /// The least error or value that passes.
    public let low: RoundedDecimal?
    /// The greatest.
    public let high: RoundedDecimal?
    /// Whether it passed.
    public let passes: Bool

    /// What is compared with ``low`` and ``high``: the error, or the value where there is no reference.
    public var judged: RoundedDecimal? { reference == nil ? value : error }

    /// The tolerance for people, such as `-4…4`.
    public var tolerance: String {
        switch (low, high) {
        case (let low?, let high?): "\(low)…\(high)"
        case (let low?, nil): "≥ \(low)"
        case (nil, let high?): "≤ \(high)"
        case (nil, nil): "–"
        }
    }

    /// Creates an item.
    public init(
        id: String, unit: String, reference: RoundedDecimal? = nil, value: RoundedDecimal?,
        error: RoundedDecimal? = nil,
        low: RoundedDecimal?, high: RoundedDecimal?, passes: Bool
    ) {
        self.id = id
        self.unit = unit
        self.reference = reference
        self.value = value
        self.error = error
        self.low = low
        self.high = high
        self.passes = passes
    }

    /// Reads an item of a check's record.
    init?(_ item: JSONValue) {
        func decimal(_ value: JSONValue?, _ name: String) -> RoundedDecimal? {
            value?[name]?.text.flatMap { RoundedDecimal($0) }
        }
        guard let id = item["id"]?.text else { return nil }
        let reference = decimal(item, "reference")
        let tolerance = item["tolerance"]
        var (low, high) = (decimal(tolerance, "low"), decimal(tolerance, "high"))
        if let reference {
            // Absolute or relative, whichever is wider: within either passes.
            let widths = [
                decimal(tolerance, "absolute"),
                decimal(tolerance, "relative").map { reference.magnitude.times(percent: $0) },
            ]
            high = widths.compactMap { $0 }.max()
            low = high.map(\.negated)
        }
        self.init(
            id: id, unit: item["unit"]?.text ?? "", reference: reference, value: decimal(item, "value"),
            error: decimal(item, "error"), low: low, high: high, passes: item["verdict"]?.text == "passed")
    }
}

extension RoundedDecimal {
    /// The same distance from zero on its other side.
    fileprivate var negated: RoundedDecimal {
        let text = description
        return RoundedDecimal(text.hasPrefix("-") ? String(text.dropFirst()) : "-\(text)") ?? self
    }
}
