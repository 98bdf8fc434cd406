/// A check byte over all bytes of a frame before it (校验字节).
enum Checksum: String, CaseIterable, Sendable {
    /// The sum of the bytes modulo 256 (累加和).
    case sum
    /// The two's complement of that sum, so that the whole adds up to zero.
    case twosComplement = "twos-complement"

    /// The check byte for `bytes`.
    func byte(over bytes: some Sequence<UInt8>) -> UInt8 {
        let sum = bytes.reduce(0, &+)
        return switch self {
        case .sum: sum
        case .twosComplement: 0 &- sum
        }
    }
}

/// The cyclic redundancy check of Modbus RTU, sent low byte first.
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
