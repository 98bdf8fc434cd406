import Documents
import Messages
import Metrology

/// How an instrument's bytes are put into frames.
enum Framing: Sendable {
    /// The host asks, the instrument answers.
    case exchange(ExchangeRules)
    /// The instrument sends on its own accord, frame after frame; commands, if any, are not answered.
    case stream(StreamFrame, request: FrameTemplate?, rules: FrameRules)
    /// Modbus, with the instrument's unit identifier (从站地址).
    case modbus(ModbusKind, unit: UInt8)

    /// The words by which a profile names the kinds.
    enum Kind: String, CaseIterable {
        case exchange = "request-reply"
        case stream
        case modbusRTU = "modbus-rtu"
        case modbusASCII = "modbus-ascii"
        case modbusTCP = "modbus-tcp"
    }

    init?(_ reader: MappingReader, roles: [InstrumentRole]) {
        let kind: Kind? = reader.choice("kind")
        switch kind {
        case nil: return nil
        case .modbusRTU, .modbusASCII, .modbusTCP:
            // A unit identifier of 0 is the broadcast on a serial line, and common over TCP.
            guard let unit = reader.integer("unit", in: (kind == .modbusTCP ? 0 : 1)...247) else { return nil }
            let modbus: ModbusKind = kind == .modbusRTU ? .rtu : kind == .modbusASCII ? .ascii : .tcp
            self = .modbus(modbus, unit: UInt8(unit))
        case .exchange:
            guard let rules = ExchangeRules(reader) else { return nil }
            self = .exchange(rules)
        case .stream:
            let rules = FrameRules(reader)
            let request = reader.optional("request") { FrameTemplate(reader, $0, rules: rules) }
            let frame = reader.mapping("frame") { StreamFrame($0, roles: roles) }
            guard let frame else { return nil }
            self = .stream(frame, request: request, rules: rules)
        }
    }
}

/// How Modbus frames are put on the wire.
enum ModbusKind: Sendable {
    /// Binary with a cyclic check, on a serial line.
    case rtu
    /// Hexadecimal digits between colon and line end, with a longitudinal check.
    case ascii
    /// Binary behind a header with a transaction number, over TCP.
    case tcp
}

/// How requests and replies look where the host asks and the instrument answers.
struct ExchangeRules: Sendable {
    /// How the data of a reply are to be read.
    enum Form: String, CaseIterable, Sendable {
        /// As they are; offsets count from the first byte of the frame.
        case bytes
        /// As hexadecimal digits; offsets count from the first byte that they mean.
        case hex
        /// As the lines of an ELM327 adapter: hexadecimal digits, in several numbered lines if they are many.
        case elm327
    }

    private(set) var request: FrameTemplate
    private(set) var requestRules: FrameRules
    /// What replies look like; nil if nothing is answered.
    let reply: FrameTemplate?
    let replyRules: FrameRules
    let negatives: [NegativeReply]
    /// What stands between two items of a reply's data.
    let separator: [UInt8]
    let form: Form

    init?(_ reader: MappingReader) {
        var requestRules = FrameRules(reader)
        let unit = FrameUnit(reader)
        requestRules.unit = unit ?? (reader.has("unit") ? .unread : nil)
        self.requestRules = requestRules
        replyRules = FrameRules(reader, prefix: "reply-", base: requestRules)
        let replyRules = replyRules
        let request = FrameTemplate(reader, "request", rules: requestRules)
        let reply = reader.optional("reply") { FrameTemplate(reader, $0, rules: replyRules, needsCommand: false) }
        let refusal = reader.optional("refusal") {
            FrameTemplate(reader, $0, rules: replyRules, needsCommand: false)
        }
        let busy = reader.optional("busy") { FrameTemplate(reader, $0, rules: replyRules, needsCommand: false) }
        let listed = reader.optional("negatives") { key in
            reader.mappings(key) { entry -> NegativeReply? in
                let template = FrameTemplate(
                    entry, "reply", rules: FrameRules(entry, base: replyRules), needsCommand: false)
                let meaning: NegativeReply.Meaning? = entry.choice("meaning")
                guard let template, let meaning else { return nil }
                return NegativeReply(template: template, meaning: meaning)
            }
        }
        separator = reader.optional("separator", reader.code) ?? [0x20]
        form = reader.optional("form") { reader.choice($0) } ?? .bytes
        guard let request, !reader.has("reply") || reply != nil, !reader.has("unit") || unit != nil else { return nil }
        if reader.has("unit"), request.unitOffset == nil {
            reader.reportWrong(
                "request", found: reader.texts("request")?.joined(separator: ", ") ?? "",
                expected: .profileExpectedUnitPart)
            return nil
        }
        self.request = request
        self.reply = reply
        negatives =
            (refusal.map { [NegativeReply(template: $0, meaning: .refused)] } ?? [])
            + (busy.map { [NegativeReply(template: $0, meaning: .busy)] } ?? []) + (listed ?? [])
    }

    /// The address that requests carry; nil if they carry none.
    var unit: FrameUnit? { requestRules.unit }

    /// The number of the instrument that the bytes of a request ask; nil if there is none in them.
    func unit(asked request: [UInt8]) -> UInt8? {
        guard let unit, let offset = self.request.unitOffset, request.indices.contains(offset) else { return nil }
        return unit.number(of: request[offset])
    }

    /// The same requests to an instrument that is set to another address. What replies look like is with the commands.
    func with(unit: FrameUnit) -> ExchangeRules {
        var rules = self
        rules.requestRules.unit = unit
        rules.request = request.with(unit: unit)
        return rules
    }
}
