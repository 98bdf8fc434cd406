/// The payload of a record with what the rules need of it at hand; a part that has not its form is nil.
struct TestRecord: Sendable {
    /// The whole payload.
    let payload: JSON
    /// The keys that signed it, at least one, each of another algorithm.
    let signers: [TrustedKey]
    /// Whether a simulated lane may send records.
    let acceptsSimulated: Bool
    /// What is asked of records of its method; nil for a method that is not known here.
    let method: RecordedMethod?
    /// The reported values.
    let items: [Item]
    /// The record of each second.
    let seconds: [Second]

    init(payload: JSON, signers: [TrustedKey], acceptsSimulated: Bool) {
        (self.payload, self.signers, self.acceptsSimulated) = (payload, signers, acceptsSimulated)
        let method = RecordedMethod.all.first { $0.name == payload.at("test.method")?.text }
        self.method = method
        items = (payload.at("result.items")?.elements ?? []).enumerated().map { Item($1, index: $0) }
        seconds = (payload.at("result.seconds")?.elements ?? []).enumerated().map {
            Second($1, index: $0, decimals: method?.decimals ?? [])
        }
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

    /// The seconds of a mode's timer since it was last started.
    func run(of mode: Mode) -> ArraySlice<Second> {
        let timed = seconds.filter { $0.timedMode == mode }
        let start = timed.lastIndex { $0.modeTime == 1 } ?? timed.startIndex
        return timed[start...]
    }

    /// The windows of ten seconds that a mode's result can be the mean of (GB 18285-2018, Annex B): the last, and the
    /// newest in which the speed is steady. Where rounded speeds leave open whether it was, both readings are there.
    func windows(of mode: Mode) -> [ArraySlice<Second>] {
        let run = run(of: mode)
        guard run.count >= 10 else { return [] }
        let newestFirst = run.indices.dropFirst(9).reversed().map { run[($0 - 9)...$0] }
        let change = isJudgedBy2005 ? 0.5 : 1.0
        var windows = [newestFirst[0]]
        for window in newestFirst {
            let speeds = window.compactMap { $0.values["speed"]?.value }
            guard let first = speeds.first, speeds.count == 10 else { continue }
            let greatest = speeds.map { abs($0 - first) }.max() ?? 0
            if greatest < change + 0.01 { windows.append(window) }
            if greatest < change - 0.01 { break }
        }
        return windows
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

extension ArraySlice<Second> {
    /// Every mean that the corrected values of a pollutant can have had before they were rounded; nil if one is
    /// missing.
    func mean(of pollutant: Pollutant) -> Interval? {
        let values = compactMap { $0.values[pollutant.correctedMember] }.map { Interval($0) }
        guard values.count == count else { return nil }
        let number = Double(count)
        return Interval(values.reduce(0) { $0 + $1.low } / number, values.reduce(0) { $0 + $1.high } / number)
    }
}

/// A reported value with its limit.
struct Item: Sendable {
    let path: String
    let id: String?
    let mode: Mode?
    let pollutant: Pollutant?
    let value: WrittenDecimal?
    /// The value before it was rounded, at twelve significant digits.
    let full: Double?
    /// The greatest value that passes.
    let limit: WrittenDecimal?
    /// The least value that passes.
    let least: WrittenDecimal?
    let verdict: String?

    init(_ json: JSON, index: Int) {
        path = "result.items[\(index)]"
        id = json.at("id")?.text
        mode = json.at("mode")?.text.flatMap(Mode.init(rawValue:))
        pollutant = json.at("pollutant")?.text.flatMap(Pollutant.init(rawValue:))
        value = json.at("value")?.text.flatMap(WrittenDecimal.init)
        full = json.at("full")?.text.flatMap(Double.init)
        least = json.at("limitLow")?.text.flatMap(WrittenDecimal.init)
        limit = json.at("limit")?.text.flatMap(WrittenDecimal.init)
        verdict = json.at("verdict")?.text
    }
}

/// The record of one second.
struct Second: Sendable {
    let path: String
    let number: Int?
    let time: WrittenDecimal?
    /// Second of the mode's timer; 0 before it runs.
    let modeTime: Int?
    /// The mode whose timer runs, if one does.
    let timedMode: Mode?
    /// The decimals that are there and have their form.
    let values: [String: WrittenDecimal]
    /// The members that are there in another form, and not null, which stands for a value that was missing.
    let malformed: [String]
    private let json: JSON

    /// - Parameter decimals: the members that hold measured or computed decimals.
    init(_ json: JSON, index: Int, decimals: [String]) {
        self.json = json
        path = "result.seconds[\(index)]"
        number = json.at("n")?.integer
        time =
            switch json.at("t") {
            case .number(let text), .string(let text): WrittenDecimal(text)
            default: nil
            }
        modeTime = json.at("mt")?.integer
        timedMode = (modeTime ?? 0) > 0 ? json.at("mode")?.text.flatMap(Mode.init(rawValue:)) : nil
        var values: [String: WrittenDecimal] = [:]
        var malformed: [String] = []
        for name in decimals {
            guard let member = json.at(name), member != .null else { continue }
            if let value = member.text.flatMap(WrittenDecimal.init) {
                values[name] = value
            } else {
                malformed.append(name)
            }
        }
        (self.values, self.malformed) = (values, malformed)
    }

    /// A member that is a word, such as a stage.
    func text(_ member: String) -> String? { json.at(member)?.text }

    /// A member that counts.
    func integer(_ member: String) -> Int? { json.at(member)?.integer }

    /// A member that is yes or no.
    func truth(_ member: String) -> Bool? { json.at(member)?.truth }

    /// What a member can have been before it was rounded; nil if it is not there.
    func interval(_ member: String) -> Interval? { values[member].map { Interval($0) } }
}
