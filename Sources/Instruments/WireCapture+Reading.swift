import Documents
public import Messages
import Metrology

extension WireCapture {
    /// Reads a capture that this type has written, pcapng or text.
    ///
    /// - Parameter limit: how many entries are kept.
    /// - Throws: ``WireCaptureError`` with the first place that is not as it should be.
    public init(parsing bytes: [UInt8], limit: Int = 1_000_000) throws(WireCaptureError) {
        let isPcapng = bytes.starts(with: [0x0A, 0x0D, 0x0D, 0x0A])
        let parsed = isPcapng ? try PcapngReader.read(bytes) : try Self.readText(bytes)
        self.init(instruments: parsed.instruments, limit: limit)
        for entry in parsed.entries { add([entry.frame], of: entry.instrument) }
    }

    private static func readText(
        _ bytes: [UInt8]
    ) throws(WireCaptureError) -> (instruments: [String], entries: [Entry]) {
        var instruments: [String] = []
        var entries: [Entry] = []
        var number = 0
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            if words.isEmpty { continue }
            let kinds: [String: WireFrame.Kind] = [">": .sent, "<": .received, "x": .discarded]
            guard words.count >= 3, let time = nanoseconds(words[0]), let kind = kinds[words[2]],
                let frame = bytesFromHexadecimal(words.dropFirst(3).joined(separator: " "))
            else { throw WireCaptureError(place: "\(number)", expected: "SECONDS INSTRUMENT > | < | x BYTES") }
            let instrument = instruments.firstIndex(of: words[1]) ?? instruments.count
            if instrument == instruments.count { instruments.append(words[1]) }
            entries.append(
                Entry(
                    instrument: instrument,
                    frame: WireFrame(kind: kind, bytes: frame, at: LaneInstant(nanoseconds: time))))
        }
        return (instruments, entries)
    }

    /// Seconds with six places; nil for anything else.
    private static func nanoseconds(_ text: String) -> Int64? {
        guard let match = text.wholeMatch(of: /(-?)(\d{1,9})\.(\d{6})/), let seconds = Int64(match.2),
            let micros = Int64(match.3)
        else { return nil }
        let time = seconds * 1_000_000_000 + micros * 1000
        return match.1.isEmpty ? time : -time
    }
}

/// The blocks of a pcapng file of this link type, low byte first.
///
/// Source: draft-ietf-opsawg-pcapng, sections 4.1 to 4.3.
private struct PcapngReader {
    private let bytes: [UInt8]
    private var position = 0
    private var instruments: [String] = []
    private var entries: [WireCapture.Entry] = []

    static func read(
        _ bytes: [UInt8]
    ) throws(WireCaptureError) -> (instruments: [String], entries: [WireCapture.Entry]) {
        var reader = PcapngReader(bytes: bytes)
        while reader.position < bytes.count { try reader.block() }
        return (reader.instruments, reader.entries)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func block() throws(WireCaptureError) {
        let length = word(position + 4)
        guard length >= 12, length % 4 == 0, length <= bytes.count - position, word(position + length - 4) == length
        else { throw wrong("a whole block, low byte first") }
        let body = position + 8..<position + length - 4
        switch word(position) {
        case 0x0A0D_0D0A:
            guard body.count >= 16, word(body.lowerBound) == 0x1A2B_3C4D else { throw wrong("low byte first") }
        case 1: try interface(body)
        case 6: try packet(body)
        // Other blocks may be there, and say nothing about frames.
        default: break
        }
        position += length
    }

    private mutating func interface(_ body: Range<Int>) throws(WireCaptureError) {
        guard body.count >= 8, half(body.lowerBound) == Int(WireCapture.linkType) else {
            throw wrong("link type \(WireCapture.linkType)")
        }
        let values = options(body.lowerBound + 8..<body.upperBound)
        // Nanoseconds, as this program writes them.
        guard values[9].map({ bytes[$0].first == 9 }) ?? false else { throw wrong("if_tsresol 9") }
        instruments.append(values[2].map { String(decoding: bytes[$0], as: UTF8.self) } ?? "\(instruments.count)")
    }

    private mutating func packet(_ body: Range<Int>) throws(WireCaptureError) {
        guard body.count >= 20, instruments.indices.contains(word(body.lowerBound)) else {
            throw wrong("an interface of the file")
        }
        let time = UInt64(word(body.lowerBound + 4)) << 32 | UInt64(word(body.lowerBound + 8))
        let count = word(body.lowerBound + 12)
        let data = body.lowerBound + 20
        guard count <= body.upperBound - data else { throw wrong("as many bytes as the packet says") }
        let end = min(body.upperBound, data + (count + 3) / 4 * 4)
        let values = options(end..<body.upperBound)
        let isSent = values[2].map { $0.count == 4 && bytes[$0.lowerBound] & 3 == 2 } ?? false
        let isDiscarded = values[1].map { bytes[$0].elementsEqual("discarded".utf8) } ?? false
        entries.append(
            WireCapture.Entry(
                instrument: word(body.lowerBound),
                frame: WireFrame(
                    kind: isSent ? .sent : isDiscarded ? .discarded : .received,
                    bytes: Array(bytes[data..<data + count]),
                    at: LaneInstant(nanoseconds: Int64(bitPattern: time)))))
    }

    /// Where the values of the options are, by code; the first of a code counts.
    private func options(_ range: Range<Int>) -> [Int: Range<Int>] {
        var found: [Int: Range<Int>] = [:]
        var place = range.lowerBound
        while range.upperBound - place >= 4 {
            let (code, count) = (half(place), half(place + 2))
            guard code != 0, count <= range.upperBound - place - 4 else { break }
            if found[code] == nil { found[code] = place + 4..<place + 4 + count }
            place += 4 + (count + 3) / 4 * 4
        }
        return found
    }

    private func half(_ place: Int) -> Int {
        place + 2 <= bytes.count ? Int(bytes[place]) | Int(bytes[place + 1]) << 8 : 0
    }

    private func word(_ place: Int) -> Int {
        place + 4 <= bytes.count ? half(place) | half(place + 2) << 16 : 0
    }

    private func wrong(_ expected: String) -> WireCaptureError {
        WireCaptureError(place: "+\(position)", expected: expected)
    }
}

/// A file that is no capture of this program.
public struct WireCaptureError: MessageError, Hashable {
    /// The line, or behind a plus the byte.
    public let place: String
    /// What should be there.
    public let expected: String

    /// What to tell the person who named the file.
    public var message: Message {
        Message(.wireCapture, ["place": .text(place), "expected": .text(expected)])
    }
}
