import Metrology

/// A profile's framing with its commands: turns requests into bytes and bytes into values. Pure.
struct WireProtocol: Sendable {
    private(set) var framing: Framing
    private(set) var commands: [String: Command]

    init(framing: Framing, commands: [String: Command]) {
        self.framing = framing
        self.commands = commands
    }

    /// The bytes that ask for a command; nil if a parameter is missing, superfluous, or cannot be sent.
    ///
    /// - Parameters:
    ///   - values: the parameters by name; a single value serves a single parameter of any name.
    ///   - transaction: the number by which Modbus TCP tells replies apart.
    func request(
        _ command: Command, _ values: [String: ParameterValue] = [:], transaction: UInt16 = 1
    ) -> [UInt8]? {
        let named = command.bound(values)
        guard named.count == values.count else { return nil }
        var data: [UInt8] = []
        for parameter in command.parameters {
            guard let value = named[parameter.name], let bytes = parameter.bytes(value) else { return nil }
            data += bytes
        }
        switch command.body {
        case .modbus(let request):
            guard case .modbus(let kind, let unit) = framing else { return nil }
            return kind.frame(unit: unit, request.unit(data), transaction: transaction)
        case .framed(let template, let code, let fixed): return template.frame(code: code, data: fixed + data)
        }
    }

    /// Whether requests carry a number by which replies are told apart.
    var hasTransactions: Bool { if case .modbus(.tcp, _) = framing { true } else { false } }

    /// What ends a request where that is a line of text: a carriage return, perhaps with a line feed; nil otherwise.
    var lineEnd: [UInt8]? {
        guard case .exchange(let rules) = framing, case .fixed(let end)? = rules.request.parts.last,
            end == [0x0D] || end == [0x0D, 0x0A]
        else { return nil }
        return end
    }

    /// The Modbus unit, or the address in frames of another kind, that is asked; nil where frames carry none.
    var unit: UInt8? {
        switch framing {
        case .modbus(_, let unit): unit
        case .exchange(let rules): rules.unit?.number
        case .stream: nil
        }
    }

    /// The numbers that ``unit`` can have; nil where frames carry none.
    var units: ClosedRange<UInt8>? {
        switch framing {
        // 0 is the broadcast on a serial line, and common over TCP.
        case .modbus(let kind, _): (kind == .tcp ? 0 : 1)...247
        case .exchange(let rules): rules.unit?.form.range
        case .stream: nil
        }
    }

    /// The same protocol for an instrument with another unit or address; where frames carry none, itself.
    func with(unit: UInt8) -> WireProtocol {
        switch framing {
        case .modbus(let kind, _):
            return WireProtocol(
                framing: .modbus(kind, unit: unit), commands: commands.mapValues { $0.with(kind, unit: unit) })
        case .exchange(let rules):
            guard let moved = rules.unit?.with(number: unit) else { return self }
            return WireProtocol(
                framing: .exchange(rules.with(unit: moved)), commands: commands.mapValues { $0.with(unit: moved) })
        case .stream: return self
        }
    }

    /// The unit or address that the bytes of a request ask; nil if they hold none.
    func unit(asked request: [UInt8]) -> UInt8? {
        if case .exchange(let rules) = framing { return rules.unit(asked: request) }
        guard case .modbus(let kind, _) = framing else { return nil }
        switch kind {
        case .rtu: return request.first
        case .tcp: return request.count > 6 ? request[6] : nil
        case .ascii: return request.count > 2 ? bytesFromASCII(request[1...2])?.first : nil
        }
    }

    /// What an intact reply says; nil if the bytes are not exactly one intact reply to the command.
    func decode(reply bytes: [UInt8], to command: Command) -> DecodedFrame? {
        guard let pattern = command.reply?.pattern(of: bytes), let content = content(bytes, pattern, command.expect),
            content.bytes.starts(with: command.expect) || content.text.starts(with: command.expect)
        else { return nil }
        return DecodedFrame(
            bytes: bytes, values: command.fields.map { $0.decode(content) },
            conditions: command.bits.isEmpty
                ? nil : Set(command.bits.filter { $0.applies(to: content) }.map(\.condition)), mode: nil)
    }

    /// The bytes and the text of a reply that its fields count; nil if they cannot be read in the framing's form.
    ///
    /// - Parameter expect: the bytes with which the message of every control unit begins.
    private func content(_ bytes: [UInt8], _ pattern: FramePattern, _ expect: [UInt8]) -> FrameContent? {
        let data = bytes[pattern.values]
        switch framing {
        // Register values are counted from the first register, as manuals number them.
        case .modbus(.ascii, _): return bytesFromASCII(data).map { FrameContent(bytes: $0) }
        case .modbus: return FrameContent(bytes: Array(data))
        case .stream: return nil
        case .exchange(let rules):
            switch rules.form {
            case .bytes: return FrameContent(bytes: bytes, text: data, separator: rules.separator)
            case .hex:
                return bytesFromDigits(data).map { FrameContent(bytes: $0, text: data, separator: rules.separator) }
            case .elm327:
                // A unit that says anything else, such as that it is busy, has not told what was asked.
                let messages = elm327Messages(data).map { $0.flatMap { $0.starts(with: expect) ? $0 : nil } }
                return FrameContent(
                    bytes: messages.lazy.compactMap(\.self).first ?? [], messages: messages, text: data,
                    separator: rules.separator)
            }
        }
    }
}

extension Command {
    /// The values that belong to this command's parameters.
    func bound(_ values: [String: ParameterValue]) -> [String: ParameterValue] {
        if values.isEmpty { return values }
        if let only = values.values.first, values.count == 1, let parameter = parameters.first, parameters.count == 1 {
            return [parameter.name: only]
        }
        return values.filter { entry in parameters.contains { $0.name == entry.key } }
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
        let content = FrameContent(bytes: frame, text: frame[pattern.values])
        guard fields.allSatisfy({ $0.isPlausible(in: content) }) else { return nil }
        let conditions = bits.filter { $0.applies(to: content) }.map(\.condition)
        return DecodedFrame(
            bytes: frame, values: fields.map { $0.decode(content) }, conditions: bits.isEmpty ? nil : Set(conditions),
            mode: mode)
    }
}

extension DeviceProfile {
    /// The bytes that ask for a command of the profile; nil if the profile has no such command, or if a parameter is
    /// missing, superfluous, not finite or outside the profile's range.
    public func request(_ command: String, parameters: [String: ParameterValue]) -> [UInt8]? {
        wire.commands[command].flatMap { wire.request($0, parameters) }
    }

    /// The bytes that ask for a command with one number, or with none.
    public func request(_ command: String, parameter: Double? = nil) -> [UInt8]? {
        request(command, parameters: parameter.map { ["value": .number($0)] } ?? [:])
    }

    /// What an intact reply to a command of the profile says; nil if the bytes are not exactly one such reply.
    public func decode(reply: [UInt8], to command: String) -> DecodedFrame? {
        wire.commands[command].flatMap { wire.decode(reply: reply, to: $0) }
    }

    /// What an intact frame of the instrument's stream says; nil if the bytes are not exactly one such frame.
    public func decode(streamFrame bytes: [UInt8]) -> DecodedFrame? {
        guard case .stream(let frame, _, _) = wire.framing, bytes.count == frame.pattern.count else { return nil }
        return frame.decode(bytes, at: 0)
    }
}
