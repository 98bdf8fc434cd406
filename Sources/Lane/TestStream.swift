import Evidence
import Metrology
import Procedures

/// What the authority is told of a test while it goes on (过程数据): its beginning, and each second as it was measured.
///
/// It is for looking on. What counts is in the record, with every frame.
struct TestStream {
    private var last = -1

    /// What is known before the first frame: order, people, instruments and time.
    static func announcement(of prologue: TestPrologue) -> JSONObject {
        var content: JSONObject = ["method": .string(prologue.method)]
        for name in ["time", "order", "person", "packs", "instruments"] { content[name] = prologue.members[name] }
        return content
    }

    /// The frame as the one of its second; nil if the second has one already.
    ///
    /// Values are those of the instruments in the channels' units, to twelve significant digits; a channel without a
    /// valid value says why.
    mutating func second(of frame: Frame, _ status: ProcedureStatus) -> JSONObject? {
        let second = Int(frame.time.nanoseconds / LaneSpan.seconds(1).nanoseconds)
        guard second > last else { return nil }
        last = second
        var values = JSONObject()
        var others = JSONObject()
        for (channel, sample) in frame.samples {
            if sample.validity == .valid, let value = sample.value, let decimal = try? SignificantDecimal(value) {
                values[channel.rawValue] = .string(decimal.description)
            } else {
                others[channel.rawValue] = .string(sample.validity.rawValue)
            }
        }
        var content: JSONObject = [
            "second": .integer(Int64(second)), "stage": .string(status.stage.rawValue),
            "mode": status.mode.map(JSONValue.string) ?? .null, "values": .object(values),
        ]
        if !others.all.isEmpty { content["invalid"] = .object(others) }
        if !frame.lost.isEmpty {
            content["lost"] = .array(frame.lost.map(\.rawValue).sorted().map(JSONValue.string))
        }
        return content
    }
}
