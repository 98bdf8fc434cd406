extension JSONValue {
    /// The largest magnitude of a whole number, 2^53: beyond it a reader with doubles would see another number.
    static let largestInteger: UInt64 = 1 << 53

    /// The one way to write the value: the JSON Canonicalization Scheme (RFC 8785).
    ///
    /// Members stand in the order of their names' UTF-16 code units, without white space; numbers are written as
    /// ECMAScript writes them.
    ///
    /// - Throws: ``JSONError`` for what could not be read back: numbers that are not finite, whole numbers beyond
    ///   2^53, and more than ``maximumDepth`` levels.
    public func canonicalBytes() throws(JSONError) -> [UInt8] {
        var bytes: [UInt8] = []
        try write(to: &bytes, depth: 0)
        return bytes
    }

    private func write(to bytes: inout [UInt8], depth: Int) throws(JSONError) {
        switch self {
        case .null: bytes += "null".utf8
        case .boolean(let truth): bytes += (truth ? "true" : "false").utf8
        case .integer(let integer):
            guard integer.magnitude <= Self.largestInteger else { throw JSONError(.numberTooLarge) }
            bytes += String(integer).utf8
        case .number(let number):
            guard let digits = canonicalNumber(number) else { throw JSONError(.numberTooLarge) }
            // From 1e21 on numbers carry an exponent and do not look like whole ones.
            let looksWhole = number.magnitude < 1e21 && number == number.rounded(.towardZero)
            guard !looksWhole || number.magnitude <= Double(Self.largestInteger) else {
                throw JSONError(.numberTooLarge)
            }
            bytes += digits.utf8
        case .string(let text): writeText(text, to: &bytes)
        case .array(let elements):
            guard depth < Self.maximumDepth else { throw JSONError(.tooDeep) }
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try element.write(to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            guard depth < Self.maximumDepth else { throw JSONError(.tooDeep) }
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.all.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                writeText(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                try member.value.write(to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private func writeText(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { text in
            // What needs no escape, nearly everything, goes out in one piece.
            var plain = 0
            for (index, byte) in text.enumerated() where Self.needsEscape(byte) {
                bytes += text[plain..<index]
                Self.writeEscape(of: byte, to: &bytes)
                plain = index + 1
            }
            bytes += text[plain...]
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func writeEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case UInt8(ascii: "\\"): bytes += "\\\\".utf8
        case 0x08: bytes += "\\b".utf8
        case 0x09: bytes += "\\t".utf8
        case 0x0A: bytes += "\\n".utf8
        case 0x0C: bytes += "\\f".utf8
        case 0x0D: bytes += "\\r".utf8
        default:
            bytes += byte < 0x10 ? "\\u000".utf8 : "\\u00".utf8
            bytes += String(byte, radix: 16).utf8
        }
    }
}

/// A number as ECMAScript writes it (ECMA-262, Number::toString), which RFC 8785 prescribes; nil if it is not finite.
///
/// Swift prints the shortest digits that read back as the same double, and of those the closest, as ECMAScript asks;
/// only the place of the point and the spelling of the exponent differ.
public func canonicalNumber(_ number: Double) -> String? {
    guard number.isFinite else { return nil }
    guard number != 0 else { return "0" }
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    for (index, byte) in number.magnitude.description.utf8.enumerated() {
        if byte == UInt8(ascii: ".") {
            point = digits.count
        } else if byte == UInt8(ascii: "e") {
            exponent = Int(number.magnitude.description.dropFirst(index + 1)) ?? 0
            break
        } else {
            digits.append(byte)
        }
    }
    // The value is 0.digits × 10^scale once the zeros at both ends are gone.
    var scale = (point ?? digits.count) + exponent
    let leadingZeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(leadingZeros)
    scale -= leadingZeros
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }

    let text = String(decoding: digits, as: UTF8.self)
    let zeros = { (count: Int) in String(repeating: "0", count: count) }
    let sign = number < 0 ? "-" : ""
    switch scale {
    case digits.count...21: return sign + text + zeros(scale - digits.count)
    case 1...21: return "\(sign)\(text.prefix(scale)).\(text.dropFirst(scale))"
    case -5...0: return "\(sign)0.\(zeros(-scale))\(text)"
    default:
        let fraction = text.count > 1 ? ".\(text.dropFirst())" : ""
        return "\(sign)\(text.prefix(1))\(fraction)e\(scale > 0 ? "+" : "-")\((scale - 1).magnitude)"
    }
}
