import Messages
import Metrology

extension WireCapture {
    /// One line for each entry: seconds, instrument, direction, bytes.
    public var text: String {
        entries.map { entry in
            let nanoseconds = entry.frame.at.nanoseconds
            let fraction = String(nanoseconds.magnitude % 1_000_000_000 / 1000)
            let padded = String(repeating: "0", count: 6 - fraction.count) + fraction
            let sign = nanoseconds < 0 ? "-" : ""
            let mark =
                switch entry.frame.kind {
                case .sent: ">"
                case .received: "<"
                case .discarded: "x"
                }
            let bytes = hexadecimal(entry.frame.bytes)
            return
                "\(sign)\(nanoseconds.magnitude / 1_000_000_000).\(padded) \(instruments[entry.instrument]) \(mark) \(bytes)\n"
        }.joined()
    }

    /// The capture as a pcapng file: an interface for each instrument, a packet for each entry.
    ///
    /// - Parameter origin: what the lane's clock at zero was in nanoseconds since 1970.
    ///
    /// Source: draft-ietf-opsawg-pcapng, sections 4.1 to 4.3.
    public func pcapng(origin: Int64 = 0) -> [UInt8] {
        var file = Self.block(
            0x0A0D_0D0A, Self.bytes(UInt32(0x1A2B_3C4D)) + [1, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8))
        for name in instruments {
            let options = Self.option(2, Array(name.utf8)) + Self.option(9, [9]) + Self.option(0, [])
            file += Self.block(
                1, [UInt8(Self.linkType & 0xFF), UInt8(Self.linkType >> 8), 0, 0] + Self.bytes(UInt32(0)) + options)
        }
        for entry in entries {
            let time = UInt64(bitPattern: entry.frame.at.nanoseconds &+ origin)
            let bytes = entry.frame.bytes
            let count = Self.bytes(UInt32(bytes.count))
            var body = Self.bytes(UInt32(entry.instrument)) + Self.bytes(UInt32(time >> 32))
            body += Self.bytes(UInt32(time & 0xFFFF_FFFF)) + count + count + Self.padded(bytes)
            if entry.frame.kind == .discarded { body += Self.option(1, Array("discarded".utf8)) }
            // The two lowest bits of the flags are the direction: 1 inbound, 2 outbound.
            body += Self.option(2, Self.bytes(UInt32(entry.frame.kind == .sent ? 2 : 1))) + Self.option(0, [])
            file += Self.block(6, body)
        }
        return file
    }

    private static func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let length = bytes(UInt32(body.count + 12))
        return bytes(type) + length + body + length
    }

    private static func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
        // The length has sixteen bits.
        let value = Array(value.prefix(0xFFFF))
        return [UInt8(code & 0xFF), UInt8(code >> 8), UInt8(value.count & 0xFF), UInt8(value.count >> 8)]
            + padded(value)
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    private static func bytes(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
}
