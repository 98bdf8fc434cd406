public import Metrology

/// What an intact frame says.
public struct DecodedFrame: Hashable, Sendable {
    /// One value of the frame, named as in the profile.
    public struct Value: Hashable, Sendable {
        /// The field's name in the profile.
        public let field: String
        /// The channel it feeds; nil if the lane has no use for it.
        public let channel: ChannelID?
        /// The number in the field's unit; nil where the instrument gave none, or a text.
        public let value: Double?
        /// The number in the channel's unit.
        public let converted: Double?
        /// The text, or the word that the profile has for the number; nil if there is none.
        public let text: String?
        /// The unit of ``value``.
        public let unit: String
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
    /// The field's bytes; nil if the frame does not hold them.
    private func slice(of content: FrameContent) -> ArraySlice<UInt8>? {
        switch locator {
        case .offset(let offset): content.slice(offset, size)
        case .item(let item): content.item(item).flatMap { cut($0) }
        case .after(let word): content.after(word).flatMap { cut($0) }
        }
    }

    private func cut(_ item: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let size else { return item }
        return item.count >= size ? item.prefix(size) : nil
    }

    /// The field's number in a frame, scaled; nil if the bytes hold none.
    private func number(in content: FrameContent) -> Double? {
        guard let slice = slice(of: content), let value = raw(slice).map(scale.apply) else { return nil }
        guard let addend else { return value + shift }
        guard let part = content.slice(addend.offset, addend.encoding.size).flatMap(addend.encoding.number) else {
            return nil
        }
        return value + addend.scale.apply(part) + shift
    }

    private func raw(_ slice: ArraySlice<UInt8>) -> Double? {
        guard let bits else { return encoding.number(slice) }
        return encoding.pattern(slice).map { Double($0 >> bits.lowerBound & (1 << bits.count - 1)) }
    }

    /// The value with its validity, whatever the bytes are.
    func decode(_ content: FrameContent) -> DecodedFrame.Value {
        guard let combination, content.messages.count > 1 else { return decodeOne(content) }
        // What some control units say is no answer for all as long as another's cannot be understood.
        let values = content.messages.compactMap { $0.map { decodeOne(FrameContent(bytes: $0)) } }
        guard values.count == content.messages.count, values.allSatisfy({ $0.validity != .deviceFault }) else {
            return absent
        }
        if encoding.isText { return textValue(combination.text(values.compactMap(\.text), encoding)) }
        guard let value = combination.number(values.compactMap(\.value)) else { return absent }
        return numberValue(value)
    }

    /// The value of one message.
    private func decodeOne(_ content: FrameContent) -> DecodedFrame.Value {
        if encoding.isText { return textValue(slice(of: content).flatMap(encoding.text)) }
        guard let value = number(in: content), !isMarkedInvalid(content) else { return absent }
        return numberValue(value)
    }

    private var absent: DecodedFrame.Value {
        DecodedFrame.Value(
            field: name, channel: channel, value: nil, converted: nil, text: nil, unit: unit, validity: .deviceFault)
    }

    private func numberValue(_ value: Double) -> DecodedFrame.Value {
        let inRange = range?.contains(value) ?? true
        return DecodedFrame.Value(
            field: name, channel: channel, value: value, converted: conversion.apply(value),
            text: Int(exactly: value).flatMap { labels[$0] }, unit: unit, validity: inRange ? .valid : .outOfRange)
    }

    private func textValue(_ text: String?) -> DecodedFrame.Value {
        DecodedFrame.Value(
            field: name, channel: nil, value: nil, converted: nil, text: text, unit: unit,
            validity: text == nil ? .deviceFault : .valid)
    }

    /// Whether the bytes can be this field at all.
    func isPlausible(in content: FrameContent) -> Bool {
        if encoding.isText { return true }
        guard let number = number(in: content) else { return false }
        return plausible?.contains(number) ?? true
    }

    private func isMarkedInvalid(_ content: FrameContent) -> Bool {
        guard !invalid.isEmpty, let slice = slice(of: content), let pattern = encoding.pattern(slice) else {
            return false
        }
        return invalid.contains(pattern)
    }
}
