/// Why bytes are not JSON, and at which of them.
struct MalformedJSON: Error, Equatable {
    /// Index of the offending byte.
    let offset: Int
    /// What was wrong there.
    let what: String
}

extension JSON {
    /// Reads exactly one JSON value (RFC 8259); repeated member names and lone surrogates are errors.
    init(parsing bytes: [UInt8]) throws(MalformedJSON) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw MalformedJSON(offset: 0, what: "the bytes are not UTF-8")
        }
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var offset = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Deep enough for any record, and shallow enough for the stack.
    static let deepest = 64

    mutating func document() throws(MalformedJSON) -> JSON {
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw error("something follows the value") }
        return value
    }

    private func error(_ what: String) -> MalformedJSON { MalformedJSON(offset: offset, what: what) }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: wanted) else { return false }
        offset += 1
        return true
    }

    private mutating func value() throws(MalformedJSON) -> JSON {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(MalformedJSON) -> JSON {
        guard bytes[offset...].starts(with: word.utf8) else { throw error("no value here") }
        offset += word.utf8.count
        return value
    }

    private mutating func enter() throws(MalformedJSON) {
        offset += 1
        depth += 1
        guard depth <= Self.deepest else { throw error("nested too deeply") }
        skipSpace()
    }

    private mutating func object() throws(MalformedJSON) -> JSON {
        try enter()
        defer { depth -= 1 }
        var members: [String: JSON] = [:]
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a member name is missing") }
            let place = offset
            let name = try string()
            skipSpace()
            guard take(":") else { throw error("a colon is missing") }
            guard members.updateValue(try value(), forKey: name) == nil else {
                throw MalformedJSON(offset: place, what: "the member \"\(name)\" is there twice")
            }
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("a comma or closing brace is missing") }
        }
    }

    private mutating func array() throws(MalformedJSON) -> JSON {
        try enter()
        defer { depth -= 1 }
        var elements: [JSON] = []
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw error("a comma or closing bracket is missing") }
        }
    }

    private mutating func string() throws(MalformedJSON) -> String {
        offset += 1
        var text = ""
        var start = offset
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                text += String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                text += String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                text.unicodeScalars.append(try escape())
                start = offset
            case 0..<0x20:
                throw error("a control character stands in a string")
            default:
                offset += 1
            }
        }
        throw error("a string does not end")
    }

    private mutating func escape() throws(MalformedJSON) -> Unicode.Scalar {
        guard let byte = next else { throw error("a string does not end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try scalar()
        default: throw error("no such escape")
        }
    }

    /// The character of `\uXXXX`, or of two of them where the first is half a surrogate pair.
    private mutating func scalar() throws(MalformedJSON) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else { throw error("half a surrogate pair") }
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(MalformedJSON) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("four hexadecimal digits are missing")
            }
            value = value << 4 + UInt32(digit)
            offset += 1
        }
        return value
    }

    private mutating func number() throws(MalformedJSON) -> String {
        let start = offset
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func digits() throws(MalformedJSON) {
        let start = offset
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        guard offset > start else { throw error("no value here") }
    }
}
