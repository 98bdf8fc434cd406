/// The part of a frame in which values stand, as its form says they are to be read.
struct FrameContent {
    /// The bytes that offsets count.
    let bytes: [UInt8]
    /// The data as text.
    let text: ArraySlice<UInt8>
    /// The messages of all control units that answered, where a form knows of several: ``bytes`` is the first that can
    /// be read. Nil for each that cannot.
    let messages: [[UInt8]?]
    private let separator: [UInt8]

    init(
        bytes: [UInt8], messages: [[UInt8]?] = [], text: ArraySlice<UInt8> = [], separator: [UInt8] = [0x20]
    ) {
        self.bytes = bytes
        self.messages = messages
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
