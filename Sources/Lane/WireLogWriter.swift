import Evidence
import Instruments
import Metrology

/// Writes down what was on the wires during a test (原始通信记录), so that its frames can be assembled again from the
/// bytes alone: lines of canonical JSON, each with what one report of an instrument brought to a tick.
///
/// Besides bytes and their times a line holds what no byte says: that a link was lost or is up again, and what an
/// instrument was known to be busy with. `Docs/RecordFormat.md` has the members.
struct WireLogWriter {
    /// The greatest length in bytes. Half an hour of four instruments needs less than a third of it.
    static let limit = 32 << 20

    /// The file so far.
    private(set) var file: GrowingFile
    /// How much of it was handed over.
    private var taken = 0

    private let origin: LaneInstant
    private let limit: Int
    private var lost: Set<InstrumentRole> = []
    private var isFull = false

    /// - Parameter origin: the lane's time at tick 0, from which times count, as they do in frames.
    init(origin: LaneInstant, limit: Int = Self.limit) {
        self.origin = origin
        self.limit = limit
        file = GrowingFile(Self.line(["schema": .string(WireLog.schema)]))
    }

    /// Writes down a report that the frame of a tick will hold.
    mutating func add(_ report: InstrumentReport, tick: Int) {
        guard !isFull else { return }
        var members = JSONObject()
        if !report.wire.isEmpty { members["w"] = .array(report.wire.map(entry)) }
        let isLost = if case .lost = report.link { true } else { false }
        if isLost != lost.contains(report.role) {
            members["lost"] = .boolean(isLost)
            if isLost { lost.insert(report.role) } else { lost.remove(report.role) }
        }
        if let conditions = report.conditions, let doing = conditions.doing {
            members["doing"] = [.string(doing.rawValue), .integer((conditions.at - origin).nanoseconds)]
        }
        if let failed = report.conditions?.failed, !failed.isEmpty {
            members["failed"] = .array(failed.map(\.rawValue).sorted().map(JSONValue.string))
        }
        guard !members.all.isEmpty else { return }
        members["n"] = .integer(Int64(tick))
        members["r"] = .string(report.role.rawValue)
        let line = Self.line(members)
        isFull = file.bytes.count + line.count > limit
        file.append(isFull ? Self.line(["n": .integer(Int64(tick)), "full": true]) : line)
    }

    /// What was written since the last call, to be kept while the test runs.
    mutating func takeNew() -> [UInt8] {
        defer { taken = file.bytes.count }
        return Array(file.bytes[taken...])
    }

    private func entry(_ frame: WireFrame) -> JSONValue {
        [
            .string(frame.kind.rawValue), .integer((frame.at - origin).nanoseconds),
            .string(hexadecimal(frame.bytes)), frame.command.map(JSONValue.string) ?? .null,
        ]
    }

    private static func line(_ members: JSONObject) -> [UInt8] {
        // Names of ours and nanoseconds since the test began: JSON can hold every one.
        ((try? JSONValue.object(members).canonicalBytes()) ?? []) + [0x0A]
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
