import Documents
import Messages
public import Metrology

/// An exchange or a frame with its known meaning, from a manual, a capture, or computed from the manual's rules.
public struct ProfileExample: Sendable {
    /// Where the bytes of an example come from.
    public enum Origin: String, CaseIterable, Sendable {
        /// Recorded from a real instrument.
        case captured
        /// Printed in the source as they stand here.
        case printed
        /// Composed by the rules of the source, and checked by hand.
        case computed
    }

    /// What an example shows.
    public enum Subject: Hashable, Sendable {
        /// A command, its bytes, and its reply if it has one.
        case exchange(command: String, parameters: [String: ParameterValue], request: [UInt8], reply: [UInt8]?)
        /// One frame of a stream.
        case stream([UInt8])
    }

    /// What the example is about, in a few words.
    public let title: String
    /// The short name of its source in the profile.
    public let source: String
    /// Where its bytes come from.
    public let origin: Origin
    /// The bytes.
    public let subject: Subject
    /// The values that the bytes mean, by field name and in the field's unit.
    public let values: [String: Double]
    /// The texts that the bytes mean, by field name.
    public let texts: [String: String]
    /// The fields for which the bytes say that there is no value.
    public let absent: [String]
    /// The conditions that the bytes mean; nil if the example says nothing about them.
    public let conditions: Set<InstrumentCondition>?
    /// The mode that the bytes mean; nil if the example says nothing about it.
    public let mode: OperatingMode?

    init?(_ reader: MappingReader, sources: [String]?, wire: WireProtocol) {
        let title = reader.text("title")
        let source = reader.text("source")
        let origin: Origin? = reader.choice("origin")
        let values = reader.optional("values") { key in
            reader.mapping(key) { group -> [String: Double]? in
                let pairs = group.keys.map { ($0, group.number($0)) }
                if pairs.contains(where: { $0.1 == nil }) { return nil }
                return Dictionary(pairs.compactMap { key, number in number.map { (key, $0) } }) { first, _ in first }
            }
        }
        let texts = reader.optional("texts") { key in
            reader.mapping(key) { group -> [String: String]? in
                let pairs = group.keys.map { ($0, group.text($0)) }
                return Dictionary(pairs.compactMap { key, text in text.map { (key, $0) } }) { first, _ in first }
            }
        }
        let conditions = reader.optional("conditions") { key in
            reader.texts(key).flatMap { words -> Set<InstrumentCondition>? in
                let known = words.compactMap(InstrumentCondition.init)
                if known.count == words.count { return Set(known) }
                reader.reportUnknown(
                    key, found: words.filter { InstrumentCondition(rawValue: $0) == nil }.joined(separator: ", "),
                    known: InstrumentCondition.allCases.map(\.rawValue))
                return nil
            }
        }
        let mode = reader.optional("mode") { reader.choice($0, OperatingMode.self) }
        let subject = Self.subject(reader, wire)
        if let source, let sources, !sources.contains(source) {
            reader.reportUnknown("source", found: source, known: sources.sorted())
        }
        guard let title, let source, let origin, let subject else { return nil }
        self.title = title
        self.source = source
        self.origin = origin
        self.subject = subject
        self.values = values ?? [:]
        self.texts = texts ?? [:]
        absent = reader.optional("absent", reader.texts) ?? []
        self.conditions = conditions
        self.mode = mode
        if let contradiction = contradiction(wire) {
            reader.report(
                Message(
                    .profileExampleContradicts,
                    [
                        "title": .text(title), "expected": .text(contradiction.stated),
                        "found": .text(contradiction.found),
                    ]), at: contradiction.key)
        }
    }

    private static func subject(_ reader: MappingReader, _ wire: WireProtocol) -> Subject? {
        if reader.has("stream") { return reader.bytes("stream").map(Subject.stream) }
        let command = reader.text("command")
        let parameters = Self.parameters(reader)
        let request = reader.bytes("request")
        let reply = reader.optional("reply", reader.bytes)
        guard let command, let request else { return nil }
        guard wire.commands[command] != nil else {
            reader.reportUnknown("command", found: command, known: wire.commands.keys.sorted())
            return nil
        }
        return .exchange(command: command, parameters: parameters, request: request, reply: reply)
    }

    private static func parameters(_ reader: MappingReader) -> [String: ParameterValue] {
        if let number = reader.optional("parameter", { reader.number($0) }) { return ["value": .number(number)] }
        return reader.optional("parameters") { key in
            reader.mapping(key) { group in
                var values: [String: ParameterValue] = [:]
                for name in group.keys {
                    guard let text = group.text(name) else { continue }
                    values[name] = Double(text).map(ParameterValue.number) ?? .text(text)
                }
                return values
            }
        } ?? [:]
    }

    // MARK: Against the profile's own rules

    private typealias Contradiction = (key: String, stated: String, found: String)

    /// The first thing in the example that the profile's rules do not bear out.
    private func contradiction(_ wire: WireProtocol) -> Contradiction? {
        switch subject {
        case .stream(let bytes):
            var frame: DecodedFrame?
            if case .stream(let rules, _, _) = wire.framing, bytes.count == rules.pattern.count {
                frame = rules.decode(bytes, at: 0)
            }
            return contradiction(of: frame, bytes, key: "stream")
        case .exchange(let name, let parameters, let request, let reply):
            guard let command = wire.commands[name] else { return nil }
            let composed = wire.request(command, parameters)
            if composed != request {
                return ("request", hexadecimal(request), composed.map { hexadecimal($0) } ?? "–")
            }
            guard let reply else {
                return values.isEmpty && texts.isEmpty && conditions == nil ? nil : ("request", "reply", "–")
            }
            return contradiction(of: wire.decode(reply: reply, to: command), reply, key: "reply")
        }
    }

    private func contradiction(of frame: DecodedFrame?, _ bytes: [UInt8], key: String) -> Contradiction? {
        guard let frame else { return (key, hexadecimal(bytes), "–") }
        for (name, expected) in values.sorted(by: { $0.key < $1.key }) {
            guard let value = frame.values.first(where: { $0.field == name }) else { return ("values", name, "–") }
            // A number of a manual is a decimal; in a single-precision field it stands as the nearest such value.
            let agrees = value.value.map { Double(Float(expected)) == $0 || abs(expected - $0) < 1e-9 } ?? false
            if !agrees { return ("values", "\(name) \(expected)", value.value.map { "\($0)" } ?? "–") }
        }
        for (name, expected) in texts.sorted(by: { $0.key < $1.key }) {
            let found = frame.values.first { $0.field == name }?.text
            if found != expected { return ("texts", "\(name) \(expected)", found ?? "–") }
        }
        for name in absent {
            let found = frame.values.first { $0.field == name }
            if found?.validity != .deviceFault { return ("absent", name, found?.value.map { "\($0)" } ?? "–") }
        }
        if let conditions, conditions != frame.conditions {
            return ("conditions", names(conditions), names(frame.conditions ?? []))
        }
        if let mode, mode != frame.mode { return ("mode", mode.rawValue, frame.mode?.rawValue ?? "–") }
        return nil
    }

    private func names(_ conditions: Set<InstrumentCondition>) -> String {
        conditions.isEmpty ? "–" : conditions.map(\.rawValue).sorted().joined(separator: ", ")
    }
}
