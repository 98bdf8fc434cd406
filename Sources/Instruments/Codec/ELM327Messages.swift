/// What the lines of an ELM327 adapter mean, without headers and line numbers: one message for each that a control unit
/// sent, in the order in which they came; nil for each that cannot be read.
///
/// Every emission-related control unit answers a functional request, so that there may be several (SAE J1979,
/// ISO 15031-5). A message in one frame is a line. One in several frames begins with its length as three digits, and its
/// lines are numbered `0:`, `1:` and so on, on a J1939 bus `01:`, `02:` and so on. Where the frames of several units are
/// mixed, nothing tells without headers which belong together, and none of those messages can be read.
///
/// Source: ELM327DS, “Multiline Responses” and “Bus Initiation”.
func elm327Messages(_ text: some Sequence<UInt8>) -> [[UInt8]?] {
    var reader = ELM327LineReader()
    for line in text.split(whereSeparator: { $0 == 0x0D || $0 == 0x0A }) {
        let line = String(decoding: line, as: UTF8.self).trimmingSpaces.uppercased()
        if !line.isEmpty, !line.isConnectionReport { reader.take(line) }
    }
    return reader.end()
}

extension String {
    /// Whether a line only says that the adapter looked for the vehicle, and in the end found it.
    fileprivate var isConnectionReport: Bool {
        hasPrefix("SEARCHING") || hasPrefix("BUS INIT") && hasSuffix("OK")
    }
}

extension StringProtocol {
    /// The number that hexadecimal digits mean; nil for anything else, a sign included, which `Int` would take.
    fileprivate var hexadecimal: Int? { allSatisfy(\.isHexDigit) ? Int(self, radix: 16) : nil }
}

private struct ELM327LineReader {
    /// Those whose last line has come.
    private var messages: [[UInt8]?] = []
    /// The lines of the message that is being told.
    private var open: Block?
    /// How many messages in several frames there were.
    private var blocks = 0
    /// Whether the frames of several messages are mixed.
    private var isMixed = false

    private struct Block {
        let length: Int
        var bytes: [UInt8] = []
        var lines = 0
        var isWhole: Bool { bytes.count >= length }
    }

    mutating func take(_ line: String) {
        if line.count == 3, let length = line.hexadecimal {
            close()
            blocks += 1
            open = Block(length: length)
        } else if let colon = line.firstIndex(of: ":"), line.distance(from: line.startIndex, to: colon) <= 2 {
            takeNumbered(line[..<colon], line[line.index(after: colon)...])
        } else {
            messages.append(bytesFromDigits(line.utf8))
        }
    }

    /// A line of a message in several frames.
    private mutating func takeNumbered(_ mark: Substring, _ digits: Substring) {
        guard var block = open, let bytes = bytesFromDigits(digits.utf8) else { return isMixed = true }
        // ISO 15765 counts from 0 to F and begins again at 0, J1939 from 1 in two digits.
        guard mark.hexadecimal == (mark.count == 2 ? (block.lines + 1) & 0xFF : block.lines & 0xF) else {
            return isMixed = true
        }
        block.bytes += bytes
        block.lines += 1
        open = block
        if block.isWhole { close() }
    }

    private mutating func close() {
        guard let block = open else { return }
        if !block.isWhole { isMixed = true }
        messages.append(block.isWhole ? Array(block.bytes.prefix(block.length)) : nil)
        open = nil
    }

    mutating func end() -> [[UInt8]?] {
        close()
        // A line that is missing from one message may stand in another: none of them is to be trusted.
        if isMixed { return messages.filter { ($0?.count ?? .max) <= 7 } + [nil] }
        return joined(messages)
    }

    /// Texts about the vehicle come without frames of several lines on buses other than CAN: in messages of four
    /// characters each, numbered from 1, the first one of the vehicle's number filled up in front with zeros
    /// (SAE J1979, service 09, information types 2 and 4).
    private func joined(_ messages: [[UInt8]?]) -> [[UInt8]?] {
        let parts = messages.compactMap(\.self)
        let head = parts.first.map { Array($0.prefix(2)) } ?? []
        guard parts.count > 1, parts.count == messages.count, head == [0x49, 0x02] || head == [0x49, 0x04],
            parts.enumerated().allSatisfy({
                $1.count == 7 && $1.starts(with: head + [UInt8(truncatingIfNeeded: $0 + 1)])
            })
        else { return messages }
        return [head + [0x01] + parts.flatMap { $0.dropFirst(3) }.drop { $0 == 0 }]
    }
}
