/// How numbers and check sums stand in the frames of these instruments.
enum Wire {
    /// A signed 16-bit number, high byte first, rounded to its scale and kept within the word.
    static func word(_ value: Double, scale: Double = 1) -> [UInt8] {
        let number = Int16(max(-32_768, min(32_767, (value * scale).rounded())))
        return bytes(UInt16(bitPattern: number))
    }

    /// An unsigned 16-bit number, high byte first, rounded to its scale and kept within the word.
    static func unsignedWord(_ value: Double, scale: Double = 1) -> [UInt8] {
        bytes(UInt16(max(0, min(65_535, (value * scale).rounded()))))
    }

    /// A number as so many decimal digits, rounded to its scale and kept within them.
    static func digits(_ value: Double, scale: Double = 1, count: Int) -> [UInt8] {
        let greatest = (0..<count).reduce(1.0) { power, _ in power * 10 } - 1
        let text = String(Int(max(0, min(greatest, (value * scale).rounded()))))
        return Array((String(repeating: "0", count: count - text.count) + text).utf8)
    }

    /// A number with so many digits behind the point, none of them nor a point if there are to be none.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
        let units = Int((abs(value) * scale).rounded())
        let sign = value < 0 && units > 0 ? "-" : ""
        if places == 0 { return "\(sign)\(units)" }
        let digits = String(units)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    /// Two hexadecimal digits.
    static func hexDigits(_ byte: UInt8) -> [UInt8] { Array(code(byte).utf8) }

    /// A single byte, kept within it.
    static func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }

    /// High byte first.
    static func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 0xFF)] }

    /// The unsigned number that two bytes make, high byte first.
    static func number(_ high: UInt8, _ low: UInt8) -> UInt16 { UInt16(high) << 8 | UInt16(low) }

    /// The 8-bit sum.
    static func sum(_ bytes: some Sequence<UInt8>) -> UInt8 { bytes.reduce(0, &+) }

    /// A command's code as manuals write it, two hexadecimal digits.
    static func code(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return text.count == 1 ? "0" + text : text
    }

    /// A frame with the 8-bit sum at its end.
    static func summed(_ bytes: [UInt8]) -> [UInt8] { bytes + [sum(bytes)] }

    /// A frame with the byte at its end that brings its 8-bit sum to zero.
    static func complemented(_ bytes: [UInt8]) -> [UInt8] { bytes + [0 &- sum(bytes)] }
}
