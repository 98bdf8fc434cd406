/// What bytes turn into between two ends of a serial line that are not set to the same speed.
enum WireSpeed {
    /// The bytes that a receiver makes of others.
    ///
    /// The line rests at 1. A byte is a 0, its bits with the lowest first, and a 1. A receiver waits for a fall from 1 to
    /// 0 and looks at the middles of the eight bits that follow at its own speed; what it finds where the last 1 should
    /// be does not matter to it, as a terminal in raw mode hands over bytes with framing errors as well.
    ///
    /// - Parameters:
    ///   - sent: bits per second of the sender.
    ///   - read: bits per second of the receiver.
    static func heard(_ bytes: [UInt8], sent: Int, read: Int) -> [UInt8] {
        guard sent != read, sent > 0, read > 0, !bytes.isEmpty else { return bytes }
        // A rest before and after the bytes; the receiver has time to finish its last one.
        let rest = 2 + 12 * sent / read
        let line = [true, true] + bytes.flatMap(bits) + [Bool](repeating: true, count: rest)
        func level(_ time: Double) -> Bool {
            let place = Int(time * Double(sent))
            return place < line.count ? line[place] : true
        }
        var heard: [UInt8] = []
        let bit = 1 / Double(read)
        var place = 1
        while place < line.count {
            guard !line[place], line[place - 1] else {
                place += 1
                continue
            }
            let start = Double(place) / Double(sent)
            heard.append(
                (0..<8).reduce(UInt8(0)) { level(start + (Double($1) + 1.5) * bit) ? $0 | 1 << UInt8($1) : $0 })
            // The next byte begins with the next fall behind the middle of this one's last bit.
            place = max(place + 1, Int(((start + 9.5 * bit) * Double(sent)).rounded(.up)))
        }
        return heard
    }

    private static func bits(_ byte: UInt8) -> [Bool] {
        [false] + (0..<8).map { byte >> UInt8($0) & 1 == 1 } + [true]
    }
}
