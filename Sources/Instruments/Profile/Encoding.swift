import Messages

/// How bytes encode a number or a text.
enum Encoding: String, CaseIterable, Sendable {
    /// One byte, unsigned.
    case u8
    /// One byte, two's complement.
    case s8
    /// Two bytes, high byte first, unsigned.
    case u16be
    /// Two bytes, low byte first, unsigned.
    case u16le
    /// Two bytes, high byte first, two's complement.
    case s16be
    /// Two bytes, low byte first, two's complement.
    case s16le
    /// Two bytes, high byte first: the highest bit is the sign, the others are the magnitude.
    case sm16be
    /// Three bytes, high byte first, unsigned.
    case u24be
    /// Four bytes, high byte first, unsigned.
    case u32be
    /// Four bytes, low byte first, unsigned.
    case u32le
    /// Four bytes in two registers, low register first, unsigned.
    case u32cdab
    /// Four bytes, high byte first, two's complement.
    case s32be
    /// Four bytes, low byte first, two's complement.
    case s32le
    /// IEEE 754 single precision, high byte first.
    case f32be
    /// IEEE 754 single precision, low byte first.
    case f32le
    /// IEEE 754 single precision in two registers, low register first.
    case f32cdab
    /// Two decimal digits in each byte, highest first (BCD码).
    case bcd
    /// ASCII digits.
    case asciiDecimal = "ascii-decimal"
    /// A number in ASCII, with sign, decimal point, exponent and spaces around it as they come.
    case asciiNumber = "ascii-number"
    /// A whole number in hexadecimal ASCII digits.
    case asciiHex = "ascii-hex"
    /// A text; bytes that are not printable ASCII are left out.
    case text
    /// Bytes, shown as hexadecimal pairs.
    case hex
    /// Trouble codes of two bytes each, shown as P0123 (SAE J2012, ISO 15031-6); zeros fill up and are left out. An odd
    /// number of bytes begins with the number of codes, as on CAN; on other buses six bytes come without (SAE J1979,
    /// services 03 and 07).
    case dtc
    /// A Chinese text in GB 2312; for parameters.
    case gb2312

    /// The number of bytes; nil where the profile states it.
    var size: Int? {
        switch self {
        case .u8, .s8: 1
        case .u16be, .u16le, .s16be, .s16le, .sm16be: 2
        case .u24be: 3
        case .u32be, .u32le, .u32cdab, .s32be, .s32le, .f32be, .f32le, .f32cdab: 4
        case .bcd, .asciiDecimal, .asciiNumber, .asciiHex, .text, .hex, .dtc, .gb2312: nil
        }
    }

    /// Whether the bytes mean a text and not a number.
    var isText: Bool { [.text, .hex, .dtc, .gb2312].contains(self) }

    /// Whether the bytes are characters, so that an item of a text may be read this way.
    var isASCII: Bool { [.asciiDecimal, .asciiNumber, .asciiHex, .text].contains(self) }

    /// The bytes of a number with the most significant first.
    private func ordered(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        switch self {
        case .u16le, .s16le, .u32le, .s32le, .f32le: bytes.reversed()
        case .u32cdab, .f32cdab: Array(bytes.suffix(2) + bytes.prefix(2))
        default: Array(bytes)
        }
    }

    /// The number as an unsigned pattern of bits, by which markers of invalidity and bit fields are written; nil for
    /// floating-point numbers and texts.
    func pattern(_ bytes: ArraySlice<UInt8>) -> Int? {
        switch self {
        case .f32be, .f32le, .f32cdab, .text, .hex, .dtc, .gb2312: nil
        case .bcd, .asciiDecimal, .asciiNumber, .asciiHex: number(bytes).flatMap { Int(exactly: $0) }
        default: ordered(bytes).reduce(0) { $0 << 8 | Int($1) }
        }
    }

    /// The number that the bytes mean; nil if they mean none.
    func number(_ bytes: ArraySlice<UInt8>) -> Double? {
        switch self {
        case .u8, .u16be, .u16le, .u24be, .u32be, .u32le, .u32cdab: return pattern(bytes).map { Double($0) }
        case .s8, .s16be, .s16le, .s32be, .s32le:
            let half = 1 << (8 * bytes.count - 1)
            return pattern(bytes).map { Double($0 < half ? $0 : $0 - 2 * half) }
        case .sm16be: return pattern(bytes).map { $0 & 0x8000 == 0 ? Double($0) : -Double($0 & 0x7FFF) }
        case .f32be, .f32le, .f32cdab:
            let value = Float(bitPattern: ordered(bytes).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            return value.isFinite ? Double(value) : nil
        case .bcd:
            guard bytes.allSatisfy({ $0 >> 4 < 10 && $0 & 0x0F < 10 }) else { return nil }
            return bytes.reduce(0) { $0 * 100 + Double($1 >> 4) * 10 + Double($1 & 0x0F) }
        case .asciiDecimal:
            guard !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return bytes.reduce(0) { $0 * 10 + Double($1 - 0x30) }
        case .asciiNumber: return decimalNumber(bytes)
        case .asciiHex:
            guard !bytes.isEmpty, bytes.count <= 12, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            return Int(String(decoding: bytes, as: UTF8.self), radix: 16).flatMap { $0 < 0 ? nil : Double($0) }
        case .text, .hex, .dtc, .gb2312: return nil
        }
    }

    /// The text that the bytes mean; nil for numbers.
    func text(_ bytes: ArraySlice<UInt8>) -> String? {
        switch self {
        case .text:
            let printable = bytes.filter { (0x20...0x7E).contains($0) }
            return String(decoding: printable, as: UTF8.self).trimmingSpaces
        case .hex: return hexadecimal(bytes)
        case .dtc:
            if bytes.isEmpty { return nil }
            if !bytes.count.isMultiple(of: 2) {
                guard let count = bytes.first, bytes.count == 1 + 2 * Int(count) else { return nil }
                return text(bytes.dropFirst()) ?? ""
            }
            let pairs = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { (bytes[$0], bytes[$0 + 1]) }
            return pairs.filter { $0 != (0, 0) }.map(troubleCode).joined(separator: " ")
        default: return nil
        }
    }

    /// The bytes of a number; nil if it does not fit, or is not whole where only whole numbers exist.
    func bytes(of number: Double, size: Int) -> [UInt8]? {
        switch self {
        case .f32be, .f32le, .f32cdab:
            let value = Float(number)
            return value.isFinite ? arranged(Int(value.bitPattern), size) : nil
        case .asciiNumber:
            let text = number == number.rounded() ? String(Int(number)) : "\(number)"
            return size == 0 ? Array(text.utf8) : padded(text, size, with: " ")
        default: break
        }
        guard let whole = Int(exactly: number) else { return nil }
        switch self {
        case .asciiDecimal: return whole < 0 ? nil : padded(String(whole), size, with: "0")
        case .asciiHex: return whole < 0 ? nil : padded(String(whole, radix: 16, uppercase: true), size, with: "0")
        case .bcd:
            guard whole >= 0, let digits = padded(String(whole), 2 * size, with: "0") else { return nil }
            return bytesFromASCII(digits)
        case .s8, .s16be, .s16le, .s32be, .s32le:
            let half = 1 << (8 * size - 1)
            return (-half..<half).contains(whole) ? arranged(whole & (2 * half - 1), size) : nil
        case .sm16be:
            return abs(whole) < 0x8000 ? arranged(whole < 0 ? -whole | 0x8000 : whole, size) : nil
        case .text, .hex, .dtc, .gb2312: return nil
        default: return whole >= 0 && whole < 1 << (8 * size) ? arranged(whole, size) : nil
        }
    }

    /// The bytes of a pattern of bits in the order of this encoding.
    private func arranged(_ pattern: Int, _ size: Int) -> [UInt8] {
        let bytes = (0..<size).reversed().map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) }
        // The order is its own reverse.
        return ordered(bytes[...])
    }

    private func padded(_ text: String, _ size: Int, with filler: Character) -> [UInt8]? {
        if size == 0 { return Array(text.utf8) }
        guard text.utf8.count <= size else { return nil }
        return Array((String(repeating: filler, count: size - text.utf8.count) + text).utf8)
    }
}

/// A decimal number written in ASCII with spaces around it; nil if it is anything else.
private func decimalNumber(_ bytes: ArraySlice<UInt8>) -> Double? {
    let text = String(decoding: bytes, as: UTF8.self).trimmingSpaces
    guard !text.isEmpty,
        text.utf8.allSatisfy({ (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) })
    else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
}

/// A trouble code: two bits for the system, two for the first digit, three hexadecimal digits.
private func troubleCode(_ high: UInt8, _ low: UInt8) -> String {
    let system = ["P", "C", "B", "U"][Int(high >> 6)]
    let digits = [high >> 4 & 0x03, high & 0x0F, low >> 4, low & 0x0F]
    return system + digits.map { String($0, radix: 16, uppercase: true) }.joined()
}

extension String {
    /// The text without white space and control characters at its ends.
    var trimmingSpaces: String {
        let isBlank = { (character: Character) in character.asciiValue.map { $0 <= 0x20 } ?? false }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
