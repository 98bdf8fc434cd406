import Documents
import Messages
import Metrology

/// One request that an instrument understands, and what its reply holds.
struct Command: Sendable {
    enum Body: Sendable {
        /// A code with fixed data and parameters, put into a request template.
        case framed(FrameTemplate, code: [UInt8], data: [UInt8])
        /// Modbus registers to read or to write.
        case modbus(ModbusRequest)
    }

    /// An answer other than the reply.
    enum Alternative: Sendable {
        case negative(NegativeReply.Meaning)
        /// What was asked for is not done yet.
        case waiting
    }

    let name: String
    var body: Body
    let parameters: [Parameter]
    /// What the reply looks like; nil if there is none.
    var reply: ReplyShape?
    /// Whether the reply says which command it answers, as far as the profile knows.
    let isReplyNamed: Bool
    var alternatives: [(shape: ReplyShape, meaning: Alternative)]
    /// What the bytes of a reply that are counted must begin with.
    let expect: [UInt8]
    let fields: [Field]
    let bits: [StatusRule]
    var wait: Wait?
    let replyTimeout: Duration?
    let pauseAfter: Duration?
    /// Where the profile describes it.
    let location: SourceLocation

    init?(name: String, _ reader: MappingReader, framing: Framing, roles: [InstrumentRole]) {
        let parameters = Self.parameters(reader)
        let body: Body?
        var reply: ReplyShape?
        var isReplyNamed = true
        var alternatives: [(ReplyShape, Alternative)] = []
        var wait: Wait?
        var space = 0..<0
        switch framing {
        case .modbus(let kind, let unit):
            let request = ModbusRequest(reader, parameters: parameters ?? [])
            body = request.map(Body.modbus)
            if let request {
                reply = request.reply(kind, unit: unit)
                alternatives = request.exceptions(kind, unit: unit)
                space = 0..<request.dataCount
            }
        case .exchange(let rules):
            let own = OwnRules(reader, rules)
            body = Self.framed(reader, own.request, hasParameters: parameters?.isEmpty == false)
            guard let body, case .framed(_, let code, _) = body else { return nil }
            wait = reader.optional("wait") { key in
                reader.mapping(key) { Wait($0, rules: own.replyRules, code: code) }
            }
            if reader.has("wait"), wait == nil { return nil }
            if let template = own.reply {
                reply = Self.reply(reader, template, code)
                isReplyNamed = template.parts.contains(.command)
            }
            alternatives = own.negatives.compactMap { negative in
                negative.shape(code: code).map { ($0, .negative(negative.meaning)) }
            }
            if let wait { alternatives.insert((wait.pattern, .waiting), at: 0) }
            space = rules.form == .bytes ? reply?.values ?? 0..<0 : 0..<ReplyShape.longest
        case .stream(_, let request?, _):
            body = Self.framed(reader, request, hasParameters: parameters?.isEmpty == false)
        case .stream(_, nil, _):
            reader.reportWrong("code", found: name, expected: .profileExpectedRequest)
            return nil
        }
        let fields =
            reply == nil
            ? nil
            : reader.optional("fields") { reader.mappings($0) { Field($0, roles: roles, space: space) } }
        let bits =
            reply == nil
            ? nil : reader.optional("status") { reader.mappings($0) { StatusRule($0, space: space) } }
        expect = reader.optional("expect", reader.code) ?? []
        replyTimeout = reader.optional("reply-timeout-ms") { reader.milliseconds($0, from: 1) }
        pauseAfter = reader.optional("pause-after-ms") { reader.milliseconds($0) }
        guard let body, let parameters, uniqueNames(fields ?? [], reader) else { return nil }
        self.name = name
        self.body = body
        self.parameters = parameters
        self.reply = reply
        self.isReplyNamed = isReplyNamed
        self.alternatives = alternatives
        self.fields = fields ?? []
        self.bits = bits ?? []
        self.wait = wait
        location = reader.location
    }

    /// The same command to another Modbus unit.
    func with(_ kind: ModbusKind, unit: UInt8) -> Command {
        guard case .modbus(let request) = body else { return self }
        var command = self
        if reply != nil { command.reply = request.reply(kind, unit: unit) }
        command.alternatives = request.exceptions(kind, unit: unit)
        return command
    }

    /// The same command to an instrument whose frames carry another address.
    func with(unit: FrameUnit) -> Command {
        guard case .framed(let template, let code, let data) = body else { return self }
        var command = self
        command.body = .framed(template.with(unit: unit), code: code, data: data)
        command.reply = reply?.with(unit: unit)
        command.alternatives = alternatives.map { ($0.shape.with(unit: unit), $0.meaning) }
        if let wait { command.wait?.pattern = wait.pattern.with(unit: unit) }
        return command
    }

    // MARK: Parts

    /// The templates of a command that may differ from its framing's.
    private struct OwnRules {
        let request: FrameTemplate
        let reply: FrameTemplate?
        let replyRules: FrameRules
        let negatives: [NegativeReply]

        init(_ reader: MappingReader, _ rules: ExchangeRules) {
            let requestRules = FrameRules(reader, base: rules.requestRules)
            let replyRules = FrameRules(reader, prefix: "reply-", base: rules.replyRules)
            request =
                reader.optional("request") { FrameTemplate(reader, $0, rules: requestRules, needsCommand: false) }
                ?? rules.request
            let answered = reader.optional("answered") { reader.boolean($0) } ?? true
            reply =
                answered
                ? reader.optional("reply") { FrameTemplate(reader, $0, rules: replyRules, needsCommand: false) }
                    ?? rules.reply : nil
            let own: [(String, NegativeReply.Meaning)] = [("refusal", .refused), ("busy", .busy)]
            negatives =
                own.compactMap { key, meaning in
                    reader.optional(key) { FrameTemplate(reader, $0, rules: replyRules, needsCommand: false) }
                        .map { NegativeReply(template: $0, meaning: meaning) }
                } + rules.negatives
            self.replyRules = replyRules
        }
    }

    private static func parameters(_ reader: MappingReader) -> [Parameter]? {
        let single = reader.optional("parameter") { reader.mapping($0, Parameter.init) }
        let several = reader.optional("parameters") { reader.mappings($0, Parameter.init) }
        if reader.has("parameter"), single == nil { return nil }
        if reader.has("parameters"), several == nil { return nil }
        let parameters = (single.map { [$0] } ?? []) + (several ?? [])
        guard Set(parameters.map(\.name)).count == parameters.count else {
            reader.report(Message(.documentDuplicateKey, ["key": "name"]), at: "parameters")
            return nil
        }
        return parameters
    }

    private static func reply(_ reader: MappingReader, _ template: FrameTemplate, _ code: [UInt8]) -> ReplyShape? {
        let least = template.length(code: code, dataCount: 0)
        if reader.has("reply-length"), reader.text("reply-length") == "any" {
            if let shape = ReplyShape(template, code: code) { return shape }
            reader.reportWrong("reply-length", found: "any", expected: .profileExpectedEnd)
            return nil
        }
        let length = reader.optional("reply-length") { reader.integer($0, in: least...255) }
        if let length, length > least, !template.parts.contains(.data) {
            reader.reportWrong("reply-length", found: "\(length)", expected: .profileExpectedDataPart)
        }
        return ReplyShape(template, code: code, total: length ?? least)
    }

    private static func framed(_ reader: MappingReader, _ request: FrameTemplate, hasParameters: Bool) -> Body? {
        let code = reader.code("code")
        let data = reader.optional("data", reader.code)
        guard let code else { return nil }
        guard !code.isEmpty || !request.parts.contains(.command) else {
            reader.reportWrong("code", found: "", expected: .expectedBytes)
            return nil
        }
        if hasParameters || data != nil, !request.parts.contains(.data) {
            reader.reportWrong(
                hasParameters ? "parameter" : "data", found: "", expected: .profileExpectedDataPart)
            return nil
        }
        return .framed(request, code: code, data: data ?? [])
    }
}

/// What to do while an instrument says that it is not done: ask again, and fetch the result (轮询至完成).
struct Wait: Sendable {
    /// The answer that means “not yet”.
    var pattern: ReplyShape
    /// The command by which to ask; nil to send the same one again.
    let ask: String?
    /// The command whose reply is the result; nil if the last answer is.
    let then: String?
    let every: Duration
    let atMost: Duration
    /// What the instrument is doing meanwhile.
    let condition: InstrumentCondition?
    /// What is so if it ends badly, until it is done well.
    let failure: InstrumentCondition?

    init?(_ reader: MappingReader, rules: FrameRules, code: [UInt8]) {
        let template = FrameTemplate(reader, "while", rules: rules, needsCommand: false)
        let length = reader.optional("length") { reader.integer($0, in: 1...255) }
        let ask = reader.optional("ask", reader.text)
        let then = reader.optional("then", reader.text)
        let every = reader.milliseconds("every-ms", from: 10)
        let atMost = reader.milliseconds("at-most-ms", from: 10)
        let condition = reader.optional("condition") { reader.choice($0, InstrumentCondition.self) }
        failure = reader.optional("failure") { reader.choice($0, InstrumentCondition.self) }
        guard let template, let every, let atMost else { return nil }
        let least = template.length(code: code, dataCount: 0)
        pattern = ReplyShape(template, code: code, total: max(least, length ?? least))
        self.ask = ask
        self.then = then
        self.every = every
        self.atMost = atMost
        self.condition = condition
    }
}
