import Glibc
import Synchronization

/// The terminal that a person types at, while the screen is redrawn: letters come one by one and are not echoed by the
/// terminal, since the echo would be torn by the redrawing.
///
/// It is given back as it was when it is asked for, at the end of the program, and before a signal ends it.
enum TypingTerminal {
    private struct State {
        var original: termios?
        var isTyping = false
    }

    private static let state = Mutex(State())

    /// Lets letters come one by one; does nothing where standard input is no terminal.
    static func begin() {
        state.withLock { state in
            guard !state.isTyping, isatty(STDIN_FILENO) == 1 else { return }
            var settings = termios()
            guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
            if state.original == nil {
                state.original = settings
                atexit { TypingTerminal.end() }
            }
            // Ctrl-C goes on to be a signal.
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
            state.isTyping = tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0
        }
    }

    /// Gives the terminal back as it was.
    static func end() {
        state.withLock { state in
            guard state.isTyping, var original = state.original else { return }
            tcsetattr(STDIN_FILENO, TCSANOW, &original)
            state.isTyping = false
        }
    }
}

/// Makes lines of what is typed, with the keys that take back.
struct TypedLine {
    private var bytes: [UInt8] = []
    /// Within an escape sequence of an arrow or the like, which means nothing here.
    private var escape: [UInt8]?

    /// What has been typed of the line so far.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Takes a byte; gives the line if it was its end.
    mutating func take(_ byte: UInt8) -> String? {
        if let begun = escape {
            let isOver = begun.isEmpty ? byte != UInt8(ascii: "[") && byte != UInt8(ascii: "O") : (0x40...0x7E) ~= byte
            escape = isOver ? nil : begun + [byte]
            return nil
        }
        switch byte {
        case 0x0A, 0x0D:
            defer { bytes = [] }
            return text
        case 0x1B: escape = []
        case 0x7F, 0x08:
            // A character of several bytes goes as a whole.
            while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
        case 0x15: bytes = []
        case 0x09, 0x20...: bytes.append(byte)
        default: break
        }
        return nil
    }
}
