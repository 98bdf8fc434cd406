public import Metrology

/// What an intact frame says.
public struct DecodedFrame: Hashable, Sendable {
    /// One value of the frame, named as in the profile.
    public struct Value: Hashable, Sendable {
        /// The field's name in the profile.
        public let field: String
        /// The channel it feeds; nil if the lane has no use for it.
        public let channel: ChannelID?
        /// The number in the field's unit; nil where the instrument gave none.
        public let value: Double?
        /// The number in the channel's unit.
        public let converted: Double?
        /// Whether it may be used.
        public let validity: Validity
    }

    /// The bytes of the frame.
    public let bytes: [UInt8]
    /// The values in the order of the profile.
    public let values: [Value]
    /// What the instrument says about itself; nil if the frame has no status.
    public let conditions: Set<InstrumentCondition>?
    /// What the instrument says it is doing; nil if the frame has no mode.
    public let mode: OperatingMode?

    /// The readings of the frame, all acquired when its last byte was read.
    public func readings(at instant: LaneInstant) -> [TimedReading] {
        values.compactMap { value in
            value.channel.map { TimedReading($0, value.converted, at: instant, validity: value.validity) }
        }
    }
}

extension Field {
    /// The field's raw number in a frame; nil if the bytes hold none.
    func raw(in bytes: [UInt8]) -> Double? {
        let slice = bytes[offset..<offset + size]
        switch encoding {
        case .u8: return Double(bytes[offset])
        case .u16be: return Double(word(in: bytes))
        case .s16be: return Double(Int16(bitPattern: word(in: bytes)))
        case .f32le:
            let pattern = slice.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let value = Float(bitPattern: pattern)
            return value.isFinite ? Double(value) : nil
        case .asciiDecimal:
            guard slice.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Double(slice.reduce(0) { $0 * 10 + Int($1 - 0x30) })
        }
    }

    /// The value with its validity, whatever the bytes are.
    func decode(_ bytes: [UInt8]) -> DecodedFrame.Value {
        guard let raw = raw(in: bytes), !isMarkedInvalid(bytes) else {
            return DecodedFrame.Value(field: name, channel: channel, value: nil, converted: nil, validity: .deviceFault)
        }
        let value = scale.apply(raw)
        let inRange = range?.contains(value) ?? true
        return DecodedFrame.Value(
            field: name, channel: channel, value: value, converted: conversion.apply(value),
            validity: inRange ? .valid : .outOfRange)
    }

    /// Whether the bytes can be this field at all.
    func isPlausible(in bytes: [UInt8]) -> Bool {
        guard let raw = raw(in: bytes) else { return false }
        return plausible?.contains(scale.apply(raw)) ?? true
    }

    private func word(in bytes: [UInt8]) -> UInt16 { UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) }

    private func isMarkedInvalid(_ bytes: [UInt8]) -> Bool {
        switch encoding {
        case .u8: invalid.contains(Int(bytes[offset]))
        case .u16be, .s16be: invalid.contains(Int(word(in: bytes)))
        case .f32le: false
        case .asciiDecimal: raw(in: bytes).map { invalid.contains(Int($0)) } ?? false
        }
    }
}
