import Metrology

/// A profile's framing with its commands: turns requests into bytes and bytes into values. Pure.
struct WireProtocol: Sendable {
    let framing: Framing
    let commands: [String: Command]

    /// The bytes that ask for a command; nil if its parameter is missing, superfluous or out of its range.
    func request(_ command: Command, parameter: Double? = nil) -> [UInt8]? {
        switch command.body {
        case .registers(let function, let address, let count):
            guard case .modbusRTU(let unit) = framing, parameter == nil else { return nil }
            let body = [
                unit, function, UInt8(address >> 8), UInt8(address & 0xFF), UInt8(count >> 8), UInt8(count & 0xFF),
            ]
            let crc = modbusCRC(body)
            return body + [UInt8(crc & 0xFF), UInt8(crc >> 8)]
        case .framed(let code, let fixed, let definition):
            var data = fixed
            switch (definition, parameter) {
            case (nil, nil): break
            case (let definition?, let value?):
                guard value.isFinite, definition.range.contains(value) else { return nil }
                let pattern = Float(value).bitPattern
                data += (0..<4).map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) }
            default: return nil
            }
            let template: FrameTemplate? =
                switch framing {
                case .exchange(let request, _, _): request
                case .stream(_, let request): request
                case .modbusRTU: nil
                }
            return template?.frame(code: code, data: data)
        }
    }

    /// The first byte of a negative answer, where the framing has one.
    var refusal: UInt8? {
        if case .exchange(_, _, let refusal) = framing { refusal } else { nil }
    }

    /// What an intact reply says; nil if the bytes are not exactly one intact reply to the command.
    func decode(reply bytes: [UInt8], to command: Command) -> DecodedFrame? {
        guard let pattern = command.reply, bytes.count == pattern.count, pattern.couldBegin(bytes, at: 0),
            pattern.checks(bytes)
        else { return nil }
        // Register values are counted from the first register, bytes of other frames from the frame's first byte.
        let counted = if case .modbusRTU = framing { Array(bytes[pattern.values]) } else { bytes }
        let conditions = command.bits.filter { counted[$0.byte] >> $0.bit & 1 == 1 }.map(\.condition)
        return DecodedFrame(
            bytes: bytes, values: command.fields.map { $0.decode(counted) },
            conditions: command.bits.isEmpty ? nil : Set(conditions), mode: nil)
    }
}

extension StreamFrame {
    /// What the frame that begins at `start` says; nil if the bytes there are not one.
    ///
    /// Where a stream has no checksum, only its markers, its known tags and the plausible ranges of its values tell a
    /// frame from bytes that look like one.
    func decode(_ bytes: [UInt8], at start: Int) -> DecodedFrame? {
        guard bytes.count - start >= pattern.count, pattern.couldBegin(bytes, at: start) else { return nil }
        let frame = Array(bytes[start..<start + pattern.count])
        guard pattern.checks(frame) else { return nil }
        var mode: OperatingMode?
        if let tag {
            guard let length = tag.modes.keys.first?.count,
                let known = tag.modes[Array(frame[tag.offset..<tag.offset + length])]
            else { return nil }
            mode = known
        }
        if mode == .other { return DecodedFrame(bytes: frame, values: [], conditions: nil, mode: mode) }
        guard fields.allSatisfy({ $0.isPlausible(in: frame) }) else { return nil }
        return DecodedFrame(bytes: frame, values: fields.map { $0.decode(frame) }, conditions: nil, mode: mode)
    }
}

extension DeviceProfile {
    /// The bytes that ask for a command of the profile; nil if the profile has no such command, or if the parameter
    /// is missing, superfluous, not finite or outside the profile's range.
    public func request(_ command: String, parameter: Double? = nil) -> [UInt8]? {
        wire.commands[command].flatMap { wire.request($0, parameter: parameter) }
    }

    /// What an intact reply to a command of the profile says; nil if the bytes are not exactly one such reply.
    public func decode(reply: [UInt8], to command: String) -> DecodedFrame? {
        wire.commands[command].flatMap { wire.decode(reply: reply, to: $0) }
    }

    /// What an intact frame of the instrument's stream says; nil if the bytes are not exactly one such frame.
    public func decode(streamFrame bytes: [UInt8]) -> DecodedFrame? {
        guard case .stream(let frame, _) = wire.framing, bytes.count == frame.pattern.count else { return nil }
        return frame.decode(bytes, at: 0)
    }
}
