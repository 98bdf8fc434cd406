extension JSONValue {
    /// How deeply arrays and objects may be nested.
    public static let maximumDepth = 64

    /// Reads one JSON text, strictly by RFC 8259, from bytes.
    ///
    /// Refused with the offset of the byte: anything but UTF-8 (a byte order mark too), names that stand twice in an
    /// object, lone surrogates, numbers that no finite double holds or whole numbers beyond 2^53, more than
    /// ``maximumDepth`` levels, and anything after the value but white space.
    ///
    /// - Throws: ``JSONError``.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }
}

/// A recursive-descent parser over bytes; `next` is the offset of the byte to read next.
private struct JSONParser {
    let bytes: [UInt8]
    var next = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        let value = try value()
        skipWhiteSpace()
        guard next == bytes.count else { throw JSONError(.trailingBytes, at: next) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch try peek() {
        case UInt8(ascii: "{"): try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): .string(try string())
        case UInt8(ascii: "t"): try word("true", .boolean(true))
        case UInt8(ascii: "f"): try word("false", .boolean(false))
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw JSONError(.unexpectedByte, at: next)
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < JSONValue.maximumDepth else { throw JSONError(.tooDeep, at: next) }
        depth += 1
        next += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if try take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            skipWhiteSpace()
            elements.append(try value())
            skipWhiteSpace()
            if try take(UInt8(ascii: "]")) { return .array(elements) }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [JSONObject.Member] = []
        var offsets: [Int] = []
        skipWhiteSpace()
        if try take(UInt8(ascii: "}")) { return .object(JSONObject()) }
        while true {
            skipWhiteSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: next) }
            offsets.append(next)
            let name = try string()
            skipWhiteSpace()
            try expect(UInt8(ascii: ":"))
            skipWhiteSpace()
            members.append(JSONObject.Member(name: name, value: try value()))
            skipWhiteSpace()
            if try take(UInt8(ascii: "}")) { break }
            try expect(UInt8(ascii: ","))
        }
        switch JSONObject.collect(members) {
        case .success(let object): return .object(object)
        case .failure(let repeated):
            throw JSONError(.repeatedName, at: offsets[repeated.index], name: members[repeated.index].name)
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            try expect(word.utf8Start[offset])
        }
        return value
    }

    // MARK: Texts

    private mutating func string() throws(JSONError) -> String {
        next += 1
        let start = next
        var bits: UInt8 = 0
        while next < bytes.count {
            let byte = bytes[next]
            if byte == UInt8(ascii: "\"") {
                defer { next += 1 }
                // Nearly every text is ASCII, which is always valid.
                return bits < 0x80
                    ? String(decoding: bytes[start..<next], as: UTF8.self) : try validated(start..<next)
            }
            bits |= byte
            if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
            guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: next) }
            next += 1
        }
        throw JSONError(.unexpectedEnd, at: next)
    }

    /// The rest of a text from its first escape on; `start` is where the text began.
    private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
        var text = try validated(start..<next)
        while true {
            let plain = next
            while next < bytes.count, bytes[next] >= 0x20, bytes[next] != UInt8(ascii: "\""),
                bytes[next] != UInt8(ascii: "\\")
            {
                next += 1
            }
            text += try validated(plain..<next)
            switch try peek() {
            case UInt8(ascii: "\""):
                next += 1
                return text
            case UInt8(ascii: "\\"): text.unicodeScalars.append(try escape())
            default: throw JSONError(.controlCharacter, at: next)
            }
        }
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = next
        next += 1
        let byte = try peek()
        next += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONError(.invalidEscape, at: start)
        }
        let unit = try codeUnit(of: start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A surrogate: only a high one followed at once by an escaped low one is a character.
        guard unit < 0xDC00, next + 1 < bytes.count, bytes[next] == UInt8(ascii: "\\"),
            bytes[next + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start) }
        next += 2
        let low = try codeUnit(of: next - 2)
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: start) }
        return scalar
    }

    /// The four hexadecimal digits of the escape that began at `start`.
    private mutating func codeUnit(of start: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let byte = try peek()
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw JSONError(.invalidEscape, at: start)
            }
            unit = unit << 4 | UInt16(digit)
            next += 1
        }
        return unit
    }

    private func validated(_ range: Range<Int>) throws(JSONError) -> String {
        if let text = String(validating: bytes[range], as: UTF8.self) { return text }
        do {
            _ = try UTF8Span(validating: bytes[range].span)
            throw JSONError(.invalidUTF8, at: range.lowerBound)
        } catch let error as UTF8.ValidationError {
            throw JSONError(.invalidUTF8, at: range.lowerBound + error.byteOffsets.lowerBound)
        } catch {
            throw JSONError(.invalidUTF8, at: range.lowerBound)
        }
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = next
        let negative = try take(UInt8(ascii: "-"))
        let whole = try digits(of: start)
        guard whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else {
            throw JSONError(.invalidNumber, at: start)
        }
        var isInteger = true
        if next < bytes.count, bytes[next] == UInt8(ascii: ".") {
            isInteger = false
            next += 1
            _ = try digits(of: start)
        }
        if next < bytes.count, bytes[next] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            next += 1
            if next < bytes.count, bytes[next] == UInt8(ascii: "+") || bytes[next] == UInt8(ascii: "-") { next += 1 }
            _ = try digits(of: start)
        }
        let spelling = String(decoding: bytes[start..<next], as: UTF8.self)
        // “-0” is the double that canonical JSON writes as 0.
        if isInteger, !(negative && spelling == "-0") {
            guard let integer = Int64(spelling), integer.magnitude <= JSONValue.largestInteger else {
                throw JSONError(.numberTooLarge, at: start)
            }
            return .integer(integer)
        }
        guard let value = Double(spelling), value.isFinite else { throw JSONError(.numberTooLarge, at: start) }
        return .number(value)
    }

    /// One digit or more of the number that began at `start`.
    private mutating func digits(of start: Int) throws(JSONError) -> Range<Int> {
        let first = next
        while next < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[next]) { next += 1 }
        guard next > first else { throw JSONError(next == bytes.count ? .unexpectedEnd : .invalidNumber, at: next) }
        return first..<next
    }

    // MARK: Bytes

    private func peek() throws(JSONError) -> UInt8 {
        guard next < bytes.count else { throw JSONError(.unexpectedEnd, at: next) }
        return bytes[next]
    }

    private mutating func take(_ byte: UInt8) throws(JSONError) -> Bool {
        guard try peek() == byte else { return false }
        next += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard try take(byte) else { throw JSONError(.unexpectedByte, at: next) }
    }

    private mutating func skipWhiteSpace() {
        while next < bytes.count {
            switch bytes[next] {
            case 0x20, 0x0A, 0x0D, 0x09: next += 1
            default: return
            }
        }
    }
}
