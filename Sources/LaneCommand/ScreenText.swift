import Glibc

/// Text in cells of a terminal, where a Chinese character takes two.
enum ScreenText {
    /// The terminal's width in cells; 80 where it does not say.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// How many cells a text takes.
    static func width(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ((0x2E80...0xFFEF).contains($1.value) ? 2 : 1) }
    }

    /// The text in lines of at most so many cells, broken at blanks, and within Chinese anywhere.
    static func wrapped(_ text: String, columns: Int) -> [String] {
        var lines = [""]
        var used = 0
        for piece in pieces(text) {
            let size = width(piece)
            if used > 0, used + size > columns {
                lines.append("")
                used = 0
            }
            let words = used == 0 ? piece.drop { $0 == " " } : piece
            lines[lines.count - 1] += words
            used += width(words)
        }
        return lines
    }

    private static let closing: Set<Character> = ["，", "。", "；", "：", "、", "）", "？", "！", "”"]

    /// The smallest parts that stay together: a word with the blanks before it, or a Chinese character with the marks
    /// behind it.
    private static func pieces(_ text: String) -> [Substring] {
        var pieces: [Substring] = []
        var start = text.startIndex
        for index in text.indices where index > start {
            let (before, here) = (text[text.index(before: index)], text[index])
            // No line begins with a mark that closes something.
            let isBesideChinese = [before, here].contains { width(String($0)) > 1 } && !closing.contains(here)
            guard here == " " ? before != " " : isBesideChinese else { continue }
            pieces.append(text[start..<index])
            start = index
        }
        pieces.append(text[start...])
        return pieces
    }
}
