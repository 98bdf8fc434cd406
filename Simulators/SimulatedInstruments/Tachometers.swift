import Metrology
import Plant

/// The VTET-1000 tachometer (转速计): sends `fdjzsj:0000rpm` and listens to nothing.
struct VTET1000: WireInstrument {
    private static let period = LaneSpan(nanoseconds: 100_000_000)
    private var ticker: Ticker

    init(switchedOn: LaneInstant) { ticker = Ticker(Self.period, from: switchedOn) }

    var nextEvent: LaneInstant? { ticker.next }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        guard ticker.strikes(surroundings.now) else { return nil }
        return Array("fdjzsj:".utf8) + Wire.digits(surroundings.observe().shownEngineSpeed, count: 4)
            + Array("rpm".utf8)
    }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] { [] }

    mutating func forgetPartialFrame() {}
}

/// The tachometers VMT-2000, VUT-3000 and XCE: `NT0`, address, letter, length, data, and the ones' complement of the sum
/// from the length on.
///
/// What two bytes behind the engine speed hold is not in the source: here they are zero.
struct VMT2000: AnsweringInstrument {
    var received: [UInt8] = []

    private static let head: [UInt8] = [0x4E, 0x54, 0x30]

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(0x4E, in: bytes) { return noise }
        guard bytes.starts(with: Self.head) || Self.head.starts(with: bytes) else { return .noise(1) }
        guard bytes.count >= 6 else { return .unfinished }
        let length = Int(bytes[5]) + 6
        guard (8...16).contains(length) else { return .noise(1) }
        guard bytes.count >= length else { return .unfinished }
        return ~Wire.sum(bytes[5..<length - 1]) == bytes[length - 1] ? .whole(length) : .damaged(length)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        // Other addresses than this one and the common one are others on the line.
        guard request[3] == 0xFF || request[3] == surroundings.unit else { return .notForUs }
        guard request[4] == 0x53, request[6] == 0x01, request[7] == 0x80 else { return .refused }
        let speed = Wire.unsignedWord(surroundings.observe().shownEngineSpeed)
        let body: [UInt8] = [0x07, 0x01, 0x80] + speed + [0, 0]
        return .done("S", Self.head + [request[3], 0x41] + body + [~Wire.sum(body)])
    }
}
