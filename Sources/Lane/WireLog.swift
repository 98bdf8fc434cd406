import Evidence
import Instruments
import Messages
import Metrology

/// What was on the wires during a test, as a ``WireLogWriter`` wrote it.
struct WireLog {
    /// The name of the schema, in the first line.
    static let schema = "laneagent.wire/1"

    /// What one report of an instrument brought to a tick.
    struct Entry {
        let tick: Int
        let role: InstrumentRole
        let frames: [WireFrame]
        /// Whether the link was lost from here on, or up again; nil if nothing changed.
        let isLost: Bool?
        /// What the instrument was known to be busy with.
        let doing: (condition: InstrumentCondition, at: LaneInstant)?
        /// What it was known to have failed at.
        let failed: Set<InstrumentCondition>
        /// The line of the file, from 1.
        let line: Int
    }

    /// The reports, in the order in which they were taken.
    private(set) var entries: [Entry] = []
    /// The first tick of which not everything is there; nil if the log is whole.
    private(set) var endsBefore: Int?

    /// Reads a log; times count from tick 0.
    ///
    /// - Throws: ``Finding`` with the first line that is not what it should be.
    init(parsing bytes: [UInt8]) throws(Finding) {
        var line = 0
        for text in bytes.split(separator: 0x0A) {
            line += 1
            guard let value = try? JSONValue(parsing: Array(text)) else { throw Self.wrong(line) }
            if line == 1 {
                guard value["schema"]?.text == Self.schema else { throw Self.wrong(line) }
                continue
            }
            guard endsBefore == nil, let tick = value["n"]?.wholeNumber else { throw Self.wrong(line) }
            if value["full"]?.truth == true {
                endsBefore = tick
                continue
            }
            guard let entry = Self.entry(value, tick, line) else { throw Self.wrong(line) }
            entries.append(entry)
        }
        if line == 0 { throw Self.wrong(1) }
    }

    private static func wrong(_ line: Int) -> Finding {
        Finding(Message(.wireLine), at: "\(TestRecord.wireName) \(line)")
    }

    private static func entry(_ value: JSONValue, _ tick: Int, _ line: Int) -> Entry? {
        guard let role = value["r"]?.text.flatMap(InstrumentRole.init) else { return nil }
        let frames = (value["w"]?.elements ?? []).map(frame)
        guard !frames.contains(where: { $0 == nil }) else { return nil }
        var doing: (InstrumentCondition, LaneInstant)?
        if let told = value["doing"] {
            guard let condition = told.elements?.first?.text.flatMap(InstrumentCondition.init),
                let at = told.elements?.last?.wholeNumber
            else { return nil }
            doing = (condition, LaneInstant(nanoseconds: Int64(at)))
        }
        let failed = (value["failed"]?.elements ?? []).map { $0.text.flatMap(InstrumentCondition.init) }
        guard !failed.contains(nil) else { return nil }
        return Entry(
            tick: tick, role: role, frames: frames.compactMap { $0 }, isLost: value["lost"]?.truth, doing: doing,
            failed: Set(failed.compactMap { $0 }), line: line)
    }

    private static func frame(_ value: JSONValue) -> WireFrame? {
        guard let fields = value.elements, fields.count == 4,
            let kind = fields[0].text.flatMap(WireFrame.Kind.init), let at = fields[1].wholeNumber,
            let bytes = fields[2].text.flatMap(bytes(fromHexadecimal:))
        else { return nil }
        return WireFrame(
            kind: kind, bytes: bytes, at: LaneInstant(nanoseconds: Int64(at)), command: fields[3].text)
    }

    private static func bytes(fromHexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
