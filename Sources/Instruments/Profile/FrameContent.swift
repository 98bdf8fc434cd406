/// The part of a frame in which values stand, as its form says they are to be read.
struct FrameContent {
    /// The bytes that offsets count.
    let bytes: [UInt8]
    /// The data as text.
    let text: ArraySlice<UInt8>
    private let separator: [UInt8]

    init(bytes: [UInt8], text: ArraySlice<UInt8> = [], separator: [UInt8] = [0x20]) {
        self.bytes = bytes
        self.text = text
        self.separator = separator
    }

    func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }

    /// So many bytes from an offset on, or all that are left; nil if they are not there.
    func slice(_ offset: Int, _ size: Int?) -> ArraySlice<UInt8>? {
        let end = size.map { offset + $0 } ?? bytes.count
        return offset <= end && end <= bytes.count ? bytes[offset..<end] : nil
    }

    /// The n-th item of the text; several spaces count as one separator, other separators each for itself.
    func item(_ index: Int) -> ArraySlice<UInt8>? {
        var items: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var position = start
        while position < text.endIndex {
            if text[position...].starts(with: separator) {
                items.append(text[start..<position])
                position += separator.count
                start = position
            } else {
                position += 1
            }
        }
        items.append(text[start..<text.endIndex])
        if separator == [0x20] { items.removeAll(where: \.isEmpty) }
        return items.indices.contains(index) ? items[index] : nil
    }

    /// What follows a word, after spaces, up to the next white space, separator or `<`.
    func after(_ word: [UInt8]) -> ArraySlice<UInt8>? {
        var position = text.startIndex
        while position < text.endIndex, !text[position...].starts(with: word) { position += 1 }
        guard position < text.endIndex else { return nil }
        let rest = text[(position + word.count)...].drop { $0 == 0x20 }
        let end = rest.indices.first {
            rest[$0] <= 0x20 || rest[$0] == 0x3C || (!separator.isEmpty && rest[$0...].starts(with: separator))
        }
        return rest[rest.startIndex..<(end ?? rest.endIndex)]
    }
}

/// What the lines of an ELM327 adapter mean, without echo, headers and line numbers; nil if a line is no data.
///
/// One answer of several frames begins with its length as three digits, and its lines are numbered `0:`, `1:` and so
/// on, on a J1939 bus `01:`, `02:` and so on. Of several answers only the first is taken; a search that went before is passed over.
///
/// Source: ELM327DS, “Multiline Responses”.
func elm327Message(_ text: some Sequence<UInt8>) -> [UInt8]? {
    let lines = text.split { $0 == 0x0D || $0 == 0x0A }.map { String(decoding: $0, as: UTF8.self).trimmingSpaces }
        .filter { !$0.isEmpty && !$0.hasPrefix("SEARCHING") }
    guard let first = lines.first else { return nil }
    if lines.count > 1, first.count == 3, let length = Int(first, radix: 16) {
        var bytes: [UInt8] = []
        for (number, line) in lines.dropFirst().enumerated() {
            let isTruckBus = lines[1].dropFirst(2).hasPrefix(":")
            guard let part = elm327Part(line.uppercased(), number: number, isTruckBus: isTruckBus) else { break }
            bytes += part
        }
        return bytes.count >= length ? Array(bytes.prefix(length)) : nil
    }
    return bytesFromDigits(first.utf8)
}

/// The bytes of a numbered line; nil if it is another one.
private func elm327Part(_ line: String, number: Int, isTruckBus: Bool) -> [UInt8]? {
    // ISO 15765 counts from 0 to F and begins again at 0, J1939 from 1 in two digits.
    let count = String(isTruckBus ? number + 1 : number % 16, radix: 16, uppercase: true)
    let mark = (isTruckBus && count.count == 1 ? "0" : "") + count + ":"
    guard line.hasPrefix(mark) else { return nil }
    return bytesFromDigits(line.dropFirst(mark.count).utf8)
}
