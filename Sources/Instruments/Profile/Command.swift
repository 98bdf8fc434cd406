import Documents
import Messages
import Metrology

/// One request that an instrument understands, and what its reply holds.
struct Command: Sendable {
    /// A bit of the reply and what it says when set.
    struct StatusBit: Sendable {
        let byte: Int
        let bit: Int
        let condition: InstrumentCondition
    }

    /// A number that the host sends with the command, in single precision, low byte first.
    struct Parameter: Sendable {
        let unit: String
        let range: ClosedRange<Double>
    }

    enum Body: Sendable {
        /// A code and either fixed data or a parameter, put into the framing's request template.
        case framed(code: [UInt8], data: [UInt8], parameter: Parameter?)
        /// Modbus registers to read with function 3 or 4.
        case registers(function: UInt8, address: UInt16, count: UInt16)
    }

    let name: String
    let body: Body
    /// What the reply looks like; nil if there is none.
    let reply: FramePattern?
    let fields: [Field]
    let bits: [StatusBit]
    let replyTimeout: Duration?
    let pauseAfter: Duration?

    var parameter: Parameter? {
        if case .framed(_, _, let parameter) = body { parameter } else { nil }
    }

    init?(name: String, _ reader: MappingReader, framing: Framing, role: InstrumentRole?) {
        let body: Body?
        let reply: FramePattern?
        var answered = true
        switch framing {
        case .modbusRTU(let unit):
            let function = reader.integer("function", in: 3...4)
            let address = reader.integer("register", in: 0...0xFFFF)
            let count = reader.integer("count", in: 1...125)
            guard let function, let address, let count else { return nil }
            body = .registers(function: UInt8(function), address: UInt16(address), count: UInt16(count))
            reply = .modbus(unit: unit, function: UInt8(function), dataCount: 2 * count)
        case .exchange(let request, let template, _):
            body = Self.framed(reader, request)
            let code = reader.optional("code", reader.bytes) ?? []
            let acknowledgement = template.length(code: code, dataCount: 0)
            let length = reader.has("reply-length") ? reader.integer("reply-length", in: acknowledgement...255) : nil
            reply = template.pattern(code: code, total: length ?? acknowledgement)
            if let length, length > acknowledgement, !template.parts.contains(.data) {
                reader.reportWrong("reply-length", found: "\(length)", expected: .profileExpectedDataPart)
            }
        case .stream(_, let request?):
            body = Self.framed(reader, request)
            reply = nil
            answered = false
        case .stream(_, nil):
            reader.reportWrong("code", found: name, expected: .profileExpectedRequest)
            return nil
        }
        // Register values are counted from the first register, as manuals number them; frame bytes from the first byte.
        let space = if case .modbusRTU = framing { 0..<(reply?.values.count ?? 0) } else { reply?.values ?? 0..<0 }
        let fields =
            answered ? reader.optional("fields") { reader.mappings($0) { Field($0, role: role, space: space) } } : nil
        let bits =
            answered ? reader.optional("status") { reader.mappings($0) { StatusBit($0, space: space) } } : nil
        let replyTimeout = reader.optional("reply-timeout-ms") { reader.milliseconds($0, from: 1) }
        let pauseAfter = reader.optional("pause-after-ms") { reader.milliseconds($0) }
        guard let body, uniqueNames(fields ?? [], reader) else { return nil }
        self.name = name
        self.body = body
        self.reply = reply
        self.fields = fields ?? []
        self.bits = bits ?? []
        self.replyTimeout = replyTimeout
        self.pauseAfter = pauseAfter
    }

    private static func framed(_ reader: MappingReader, _ request: FrameTemplate) -> Body? {
        let code = reader.bytes("code")
        let data = reader.optional("data", reader.bytes)
        let hasParameter = reader.has("parameter")
        let parameter = reader.optional("parameter") { reader.mapping($0, Parameter.init) }
        guard let code, !hasParameter || parameter != nil else { return nil }
        guard !code.isEmpty else {
            reader.reportWrong("code", found: "", expected: .expectedBytes)
            return nil
        }
        if hasParameter || data != nil, !request.parts.contains(.data) {
            reader.reportWrong(
                hasParameter ? "parameter" : "data", found: "", expected: .profileExpectedDataPart)
            return nil
        }
        return .framed(code: code, data: data ?? [], parameter: parameter)
    }
}

extension Command.StatusBit {
    init?(_ reader: MappingReader, space: Range<Int>) {
        let byte = space.isEmpty ? nil : reader.integer("byte", in: space.lowerBound...space.upperBound - 1)
        if space.isEmpty { reader.reportWrong("byte", found: "", expected: .profileExpectedReply) }
        let bit = reader.integer("bit", in: 0...7)
        let condition: InstrumentCondition? = reader.choice("condition")
        guard let byte, let bit, let condition else { return nil }
        self.init(byte: byte, bit: bit, condition: condition)
    }
}

extension Command.Parameter {
    init?(_ reader: MappingReader) {
        let encoding: Field.Encoding? = reader.choice("type")
        let unit = reader.text("unit")
        let range = reader.range("range")
        guard let encoding, let unit, let range else { return nil }
        guard encoding == .f32le else {
            reader.reportUnknown("type", found: encoding.rawValue, known: [Field.Encoding.f32le.rawValue])
            return nil
        }
        self.init(unit: unit, range: range)
    }
}

extension FramePattern {
    /// The reply of a Modbus unit that carries `dataCount` bytes of register values.
    static func modbus(unit: UInt8, function: UInt8, dataCount: Int) -> FramePattern {
        FramePattern(
            known: [unit, function, UInt8(dataCount)] + Array(repeating: nil, count: dataCount + 2),
            check: .modbusCRC, values: 3..<3 + dataCount)
    }
}
