/// The check bytes of a frame (校验): how they are computed, over what, and how they are written.
struct Checksum: Sendable {
    /// How the check value is computed.
    enum Rule: String, CaseIterable, Sendable {
        /// The sum of the bytes modulo 256 (累加和).
        case sum
        /// The two's complement of that sum, so that the whole adds up to zero; Modbus calls it LRC.
        case twosComplement = "twos-complement"
        /// The one's complement of that sum.
        case onesComplement = "ones-complement"
        /// The exclusive or of the bytes (异或).
        case xor
        /// The sum of the bytes modulo 65536, high byte first.
        case sum16be = "sum16-be"
        /// The sum of the bytes modulo 65536, low byte first.
        case sum16le = "sum16-le"
        /// The sum modulo 65536 of the two-byte words, both high byte first.
        case wordSum = "words-be"
        /// The cyclic redundancy check of Modbus RTU, low byte first.
        case crc16 = "crc16-modbus"

        /// The number of bytes of the check value.
        var size: Int {
            switch self {
            case .sum, .twosComplement, .onesComplement, .xor: 1
            case .sum16be, .sum16le, .wordSum, .crc16: 2
            }
        }

        /// The check value of `bytes`.
        func value(over bytes: some Sequence<UInt8>) -> [UInt8] {
            switch self {
            case .sum: return [bytes.reduce(0, &+)]
            case .twosComplement: return [0 &- bytes.reduce(0, &+)]
            case .onesComplement: return [~bytes.reduce(0, &+)]
            case .xor: return [bytes.reduce(0, ^)]
            case .sum16be: return Self.bytes(bytes.reduce(0) { $0 &+ UInt16($1) })
            case .sum16le: return Self.bytes(bytes.reduce(0) { $0 &+ UInt16($1) }).reversed()
            case .wordSum:
                var isHigh = true
                return Self.bytes(
                    bytes.reduce(0) { sum, byte in
                        defer { isHigh.toggle() }
                        return sum &+ (isHigh ? UInt16(byte) << 8 : UInt16(byte))
                    })
            case .crc16: return Self.bytes(modbusCRC(bytes)).reversed()
            }
        }

        private static func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 0xFF)] }
    }

    /// How the check value stands in the frame.
    enum Form: String, CaseIterable, Sendable {
        /// As bytes.
        case binary
        /// As upper-case hexadecimal digits in ASCII, two for each byte.
        case hex
    }

    let rule: Rule
    /// The first byte of the frame that is counted; the last is the one before the check value.
    let from: Int
    let form: Form

    init(_ rule: Rule, from: Int = 0, form: Form = .binary) {
        self.rule = rule
        self.from = from
        self.form = form
    }

    /// The number of bytes that the check takes in the frame.
    var size: Int { form == .hex ? 2 * rule.size : rule.size }

    /// The check bytes for the frame that begins with `bytes`.
    func bytes(over bytes: some Sequence<UInt8>) -> [UInt8] {
        let value = rule.value(over: bytes.dropFirst(from))
        return form == .hex ? value.flatMap(hexadecimalDigits) : value
    }
}

/// The two upper-case digits of a byte, in ASCII.
func hexadecimalDigits(_ byte: UInt8) -> [UInt8] {
    [byte >> 4, byte & 0x0F].map { $0 < 10 ? 0x30 + $0 : 0x37 + $0 }
}

/// The bytes that ASCII digits mean, ignoring white space; nil if there is anything else or half a byte.
func bytesFromDigits(_ digits: some Sequence<UInt8>) -> [UInt8]? {
    bytesFromASCII(digits, skipping: [0x20, 0x09, 0x0D, 0x0A])
}

/// The bytes that ASCII digits mean; nil if there is anything else but the bytes to skip, or half a byte.
func bytesFromASCII(_ digits: some Sequence<UInt8>, skipping: Set<UInt8> = []) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in digits where !skipping.contains(digit) {
        let value: UInt8
        switch digit {
        case 0x30...0x39: value = digit - 0x30
        case 0x41...0x46: value = digit - 0x37
        case 0x61...0x66: value = digit - 0x57
        default: return nil
        }
        if let first = high {
            bytes.append(first << 4 | value)
            high = nil
        } else {
            high = value
        }
    }
    return high == nil ? bytes : nil
}

/// The cyclic redundancy check of Modbus RTU.
///
/// Source: MODBUS over Serial Line specification V1.02, 6.2.2; polynomial A001, start value FFFF.
func modbusCRC(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var crc: UInt16 = 0xFFFF
    for byte in bytes {
        crc ^= UInt16(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
    }
    return crc
}
