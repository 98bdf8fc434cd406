/// The payload of a record with what the rules need of it at hand; a part that has not its form is nil.
struct TestRecord: Sendable {
    /// The whole payload.
    let payload: JSON
    /// The key that signed it.
    let signer: TrustedKey
    /// Whether a simulated lane may send records.
    let acceptsSimulated: Bool
    /// The reported values.
    let items: [Item]
    /// The record of each second.
    let seconds: [Second]

    init(payload: JSON, signer: TrustedKey, acceptsSimulated: Bool) {
        (self.payload, self.signer, self.acceptsSimulated) = (payload, signer, acceptsSimulated)
        items = (payload.at("result.items")?.elements ?? []).enumerated().map { Item($1, index: $0) }
        seconds = (payload.at("result.seconds")?.elements ?? []).enumerated().map { Second($1, index: $0) }
    }

    /// passed, failed or aborted.
    var verdict: String? { payload.at("result.verdict")?.text }

    /// Whether the record gives a verdict on a vehicle, and so must be complete.
    var isJudged: Bool { verdict == "passed" || verdict == "failed" }

    /// Whether the vehicle was judged by the edition of 2005, whose limits and early failure are not tabled here.
    var isJudgedBy2005: Bool {
        (payload.at("packs")?.elements ?? []).contains { $0.at("id")?.text?.hasPrefix("GB18285-2005") == true }
    }

    /// The modes that have values, in the order in which they are driven.
    var modes: [Mode] { Mode.allCases.filter { mode in items.contains { $0.mode == mode } } }

    /// The mode whose values decide: the second one if it was driven.
    var decidingMode: Mode? { modes.last }

    /// The last ten seconds of a mode's timer, whose mean is the result (GB 18285-2018, Annex B); fewer if there are
    /// not so many.
    func lastTen(of mode: Mode) -> ArraySlice<Second> {
        seconds.filter { $0.mode == mode.rawValue && $0.values["mt"] != nil }.suffix(10)
    }

    /// Every mean that the last ten corrected values of a pollutant can have had before they were rounded.
    func mean(of pollutant: Pollutant, in mode: Mode) -> Interval? {
        let values = lastTen(of: mode).compactMap { $0.values[pollutant.correctedMember] }.map { Interval($0) }
        guard values.count == 10 else { return nil }
        return Interval(values.reduce(0) { $0 + $1.low } / 10, values.reduce(0) { $0 + $1.high } / 10)
    }
}

/// The loaded modes of the steady-state method (稳态工况).
enum Mode: String, CaseIterable, Sendable {
    /// 25 km/h.
    case asm5025
    /// 40 km/h.
    case asm2540
}

/// The pollutants that the steady-state method limits.
enum Pollutant: String, CaseIterable, Sendable {
    case carbonMonoxide = "CO"
    case hydrocarbons = "HC"
    case nitricOxide = "NO"

    /// The unit of its concentration.
    var unit: String { self == .carbonMonoxide ? "%" : "ppm" }

    /// The decimal places that it is reported with.
    var places: Int { self == .carbonMonoxide ? 2 : 0 }

    /// The member of a second that holds its raw value.
    var rawMember: String { rawValue.lowercased() }

    /// The member of a second that holds its corrected value.
    var correctedMember: String { rawMember + "c" }
}

/// A reported value with its limit.
struct Item: Sendable {
    let path: String
    let id: String?
    let mode: Mode?
    let pollutant: Pollutant?
    let value: WrittenDecimal?
    let limit: WrittenDecimal?
    let verdict: String?

    init(_ json: JSON, index: Int) {
        path = "result.items[\(index)]"
        id = json.at("id")?.text
        mode = json.at("mode")?.text.flatMap(Mode.init(rawValue:))
        pollutant = json.at("pollutant")?.text.flatMap(Pollutant.init(rawValue:))
        value = json.at("value")?.text.flatMap(WrittenDecimal.init)
        limit = json.at("limit")?.text.flatMap(WrittenDecimal.init)
        verdict = json.at("verdict")?.text
    }
}

/// The record of one second.
struct Second: Sendable {
    /// The members that hold measured or computed decimals.
    static let decimals = [
        "mt", "speed", "force", "power", "rpm", "co", "co2", "hc", "no", "o2", "lambda", "df", "kh", "coc", "hcc",
        "noc",
    ]

    /// The members that must be there in each second of a mode's timer (GB 18285-2018, list of records; 过程数据).
    static let mandatory = [
        "speed", "rpm", "co", "co2", "hc", "no", "o2", "lambda", "df", "kh", "coc", "hcc", "noc",
    ]

    let path: String
    let number: Int?
    let time: WrittenDecimal?
    let mode: String?
    /// The decimals that are there and have their form.
    let values: [String: WrittenDecimal]
    /// The members that are null: values that were missing when the second was recorded.
    let missing: [String]
    /// The members that are there in another form.
    let malformed: [String]

    init(_ json: JSON, index: Int) {
        path = "result.seconds[\(index)]"
        number = json.at("n")?.integer
        time =
            switch json.at("t") {
            case .number(let text), .string(let text): WrittenDecimal(text)
            default: nil
            }
        mode = json.at("mode")?.text
        var values: [String: WrittenDecimal] = [:]
        var missing: [String] = []
        var malformed: [String] = []
        for name in Self.decimals {
            guard let member = json.at(name) else { continue }
            if member == .null {
                // The mode's timer need not run; it is not a measured value.
                if name != "mt" { missing.append(name) }
            } else if let value = member.text.flatMap(WrittenDecimal.init) {
                values[name] = value
            } else {
                malformed.append(name)
            }
        }
        (self.values, self.missing, self.malformed) = (values, missing, malformed)
    }
}
