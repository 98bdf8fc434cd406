public import Messages
import Foundation
import Yams

/// Reads one mapping of a document, key by key, and notes every problem with its line.
///
/// Each accessor returns the value, or nil after noting why there is none; a reader collects all its values first and
/// gives up only then, so that a person sees every problem at once. Keys nobody asked for are problems too: a
/// misspelt optional key would otherwise change behaviour in silence.
public final class MappingReader {
    /// The key under which this mapping stands.
    public let key: String

    /// Where the mapping begins.
    public let location: SourceLocation

    private let entries: [(key: String, keyLine: Int?, value: Node)]
    private var asked: Set<String> = []
    private let sink: ProblemSink

    init?(node: Node, key: String, file: String, sink: ProblemSink) {
        self.key = key
        self.sink = sink
        location = SourceLocation(file: file, line: node.mark?.line)
        guard case .mapping(let mapping) = node else {
            sink.problems.append(
                Problem(
                    Message(
                        .documentWrongType,
                        [
                            "key": .text(key), "found": .text(shown(node)),
                            "expected": .message(Message(.expectedMapping)),
                        ]),
                    at: location))
            return nil
        }
        entries = mapping.map { ($0.key.scalar?.string ?? "?", $0.key.mark?.line, $0.value) }
    }

    /// The keys, in the order of the document.
    public var keys: [String] { entries.map(\.key) }

    /// Whether a key is there and not null.
    public func has(_ key: String) -> Bool { node(key) != nil }

    /// Where a key's value stands; the mapping's own place if the key is absent.
    public func location(of key: String) -> SourceLocation {
        SourceLocation(file: location.file, line: entries.first { $0.key == key }?.value.mark?.line ?? location.line)
    }

    /// Notes a problem that only the caller can see.
    public func report(_ message: Message, at key: String? = nil) {
        sink.problems.append(Problem(message, at: key.map(location(of:)) ?? location))
    }

    // MARK: Required values

    /// The text under a key.
    public func text(_ key: String) -> String? { required(key, Message(.expectedText)) { $0.scalar?.string } }

    /// The whole number under a key, in decimal or `0x…`, within `range`.
    public func integer(_ key: String, in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        required(key, Message(.expectedInteger), wholeNumber(of:)).flatMap { within(range, $0, key) }
    }

    /// The number under a key, within `range`.
    public func number(
        _ key: String, in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    ) -> Double? {
        required(key, Message(.expectedNumber), finiteNumber(of:)).flatMap { within(range, $0, key) }
    }

    /// The number under a key with its digits as written, such as `0.50`.
    public func decimal(_ key: String) -> String? {
        required(key, Message(.expectedNumber)) { node in finiteNumber(of: node).flatMap { _ in node.scalar?.string } }
    }

    /// The truth value under a key, `true` or `false`.
    public func boolean(_ key: String) -> Bool? { required(key, Message(.expectedBoolean), truth(of:)) }

    /// The date under a key, `YYYY-MM-DD`, as written.
    public func date(_ key: String) -> String? {
        required(key, Message(.expectedDate)) { node in
            node.scalar.map(\.string).flatMap { isCalendarDay($0) ? $0 : nil }
        }
    }

    /// The case of an enumeration whose raw value stands under a key.
    public func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type = Choice.self)
        -> Choice?
    where Choice.RawValue == String {
        guard let word = text(key) else { return nil }
        if let choice = Choice(rawValue: word) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        report(
            Message(.documentUnknownValue, ["key": .text(key), "found": .text(word), "expected": .text(known)]), at: key
        )
        return nil
    }

    /// The bytes under a key, written as hexadecimal pairs with optional spaces, such as `02 60 03 9B`.
    public func bytes(_ key: String) -> [UInt8]? {
        required(key, Message(.expectedBytes)) { $0.scalar.flatMap { bytesFromHexadecimal($0.string) } }
    }

    /// The mapping under a key; `read` sees it, and its unknown keys are reported afterwards.
    public func mapping<Value>(_ key: String, _ read: (MappingReader) -> Value?) -> Value? {
        asked.insert(key)
        guard let node = node(key) else {
            missing(key, Message(.expectedMapping))
            return nil
        }
        return self.read(node, key: key, read)
    }

    /// The sequence of mappings under a key, each seen by `read`; nil if one of them was rejected.
    public func mappings<Value>(_ key: String, _ read: (MappingReader) -> Value?) -> [Value]? {
        guard let nodes = sequence(key) else { return nil }
        let values = nodes.map { self.read($0, key: key, read) }
        return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
    }

    /// The sequence of texts under a key; a single text counts as a sequence of one.
    public func texts(_ key: String) -> [String]? {
        if let node = node(key), let text = node.scalar?.string {
            asked.insert(key)
            return [text]
        }
        guard let nodes = sequence(key) else { return nil }
        let texts = nodes.compactMap { $0.scalar?.string }
        if texts.count == nodes.count { return texts }
        wrongType(key, node(key), Message(.expectedText))
        return nil
    }

    /// A mapping whose keys are names, each value a mapping seen by `read`, in the order of the document.
    public func named<Value>(_ key: String, _ read: (String, MappingReader) -> Value?) -> [(
        name: String, value: Value
    )]? {
        mapping(key) { group in
            var values: [(String, Value)] = []
            var complete = true
            for name in group.keys {
                if let value = group.mapping(name, { read(name, $0) }) {
                    values.append((name, value))
                } else {
                    complete = false
                }
            }
            return complete ? values : nil
        }
    }

    // MARK: Optional values

    /// Reads a key only if it is there: `optional("note", reader.text)`. Absent gives nil without a problem.
    public func optional<Value>(_ key: String, _ read: (String) -> Value?) -> Value? {
        asked.insert(key)
        return has(key) ? read(key) : nil
    }

    // MARK: Inside

    func reportUnknownKeys() {
        for entry in entries where !asked.contains(entry.key) {
            sink.problems.append(
                Problem(
                    Message(
                        .documentUnknownKey,
                        ["key": .text(entry.key), "known": .text(asked.sorted().joined(separator: ", "))]),
                    at: SourceLocation(file: location.file, line: entry.keyLine)))
        }
    }

    private func read<Value>(_ node: Node, key: String, _ read: (MappingReader) -> Value?) -> Value? {
        guard let mapping = MappingReader(node: node, key: key, file: location.file, sink: sink) else { return nil }
        let before = sink.problems.count
        let value = read(mapping)
        // A rejected mapping may have been read in part only; its remaining keys are not known to be unknown.
        if value != nil || sink.problems.count == before { mapping.reportUnknownKeys() }
        return value
    }

    private func node(_ key: String) -> Node? {
        guard let node = entries.first(where: { $0.key == key })?.value else { return nil }
        if let scalar = node.scalar, scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return nil }
        return node
    }

    private func sequence(_ key: String) -> [Node]? {
        asked.insert(key)
        guard let node = node(key) else {
            missing(key, Message(.expectedSequence))
            return nil
        }
        guard case .sequence(let sequence) = node else {
            wrongType(key, node, Message(.expectedSequence))
            return nil
        }
        return Array(sequence)
    }

    private func required<Value>(_ key: String, _ expected: Message, _ convert: (Node) -> Value?) -> Value? {
        asked.insert(key)
        guard let node = node(key) else {
            missing(key, expected)
            return nil
        }
        if let value = convert(node) { return value }
        wrongType(key, node, expected)
        return nil
    }

    private func missing(_ key: String, _ expected: Message) {
        report(Message(.documentMissingKey, ["key": .text(key), "expected": .message(expected)]))
    }

    private func wrongType(_ key: String, _ node: Node?, _ expected: Message) {
        report(
            Message(
                .documentWrongType,
                ["key": .text(key), "found": .text(node.map(shown) ?? ""), "expected": .message(expected)]),
            at: key)
    }

    private func within<Value: Comparable>(_ range: ClosedRange<Value>, _ value: Value, _ key: String) -> Value? {
        if range.contains(value) { return value }
        report(
            Message(
                .documentOutOfRange,
                [
                    "key": .text(key), "found": .text("\(value)"),
                    "expected": .message(
                        Message(
                            .expectedRange, ["low": .text("\(range.lowerBound)"), "high": .text("\(range.upperBound)")])
                    ),
                ]),
            at: key)
        return nil
    }
}

/// The bytes of a text of hexadecimal pairs with optional white space between them; nil if it is anything else.
public func bytesFromHexadecimal(_ text: some StringProtocol) -> [UInt8]? {
    let digits = String(text.filter { !$0.isWhitespace })
    guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
    var bytes: [UInt8] = []
    var rest = Substring(digits)
    while !rest.isEmpty {
        guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    return bytes
}

private func wholeNumber(of node: Node) -> Int? {
    guard let text = node.scalar?.string else { return nil }
    return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
}

private func finiteNumber(of node: Node) -> Double? {
    node.scalar.flatMap { Double($0.string) }.flatMap { $0.isFinite ? $0 : nil }
}

private func truth(of node: Node) -> Bool? {
    switch node.scalar?.string {
    case "true": true
    case "false": false
    default: nil
    }
}

private func shown(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string
    case .mapping: "{…}"
    case .sequence: "[…]"
    case .alias: "*"
    }
}
