/// A JSON value (RFC 8259), read strictly and written in one way only.
///
/// Swift's own tools are not enough for evidence: `String` compares by canonical equivalence, and its `<` is not the
/// order of UTF-16 code units that canonical JSON (RFC 8785) sorts by. Here texts are compared code unit by code
/// unit and never normalised.
public enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number written without point and exponent; at most 2^53 in magnitude, where a double is still exact.
    case integer(Int64)
    /// Any other number. Measured values do not belong here: they are strings, with their digits as rounded.
    case number(Double)
    /// A text.
    case string(String)
    /// A sequence of values.
    case array([JSONValue])
    /// A set of members with distinct names.
    case object(JSONObject)
}

extension JSONValue {
    /// The text, if this is one.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The whole number, if this is one that fits.
    public var wholeNumber: Int? { if case .integer(let number) = self { Int(exactly: number) } else { nil } }

    /// The truth value, if this is one.
    public var truth: Bool? { if case .boolean(let truth) = self { truth } else { nil } }

    /// The elements, if this is an array.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members, if this is an object.
    public var members: JSONObject? { if case .object(let object) = self { object } else { nil } }

    /// The value of a member; nil if this is no object or has no such member.
    public subscript(name: String) -> JSONValue? { members?[name] }
}

extension JSONValue: Equatable {
    /// Whether two values have the same canonical form; no text is normalised.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.integer(let integer), .number(let number)), (.number(let number), .integer(let integer)):
            Int64(exactly: number) == integer
        case (.string(let left), .string(let right)): compareUTF16(left, right) == 0
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

// No `nil` literal: `object[name] == nil` must ask whether there is a member, never whether it is `null`.
extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A sequence of values.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; a name that stands twice in the source text is a programming error, as in Swift's `Dictionary`.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(literal: elements)) }
}

/// The members of a JSON object, kept in canonical order: by the UTF-16 code units of their names.
public struct JSONObject: Sendable {
    /// A name with its value.
    public struct Member: Equatable, Sendable {
        /// The name, distinct within its object.
        public let name: String
        /// The value.
        public var value: JSONValue

        /// Whether name and value are the same, code unit by code unit.
        public static func == (left: Self, right: Self) -> Bool {
            compareUTF16(left.name, right.name) == 0 && left.value == right.value
        }
    }

    /// The members in canonical order.
    public private(set) var all: [Member] = []

    /// An object without members.
    public init() {}

    init(literal elements: [(String, JSONValue)]) {
        for (name, value) in elements {
            // The names stand in the program's source; a duplicate would lose a value in silence.
            precondition(self[name] == nil, "the member “\(name)” stands twice in a literal")
            self[name] = value
        }
    }

    /// Members as a parser found them; returns the index of a repeated name instead of an object.
    static func collect(_ members: [Member]) -> Result<JSONObject, RepeatedName> {
        var object = JSONObject()
        let inOrder = zip(members, members.dropFirst()).allSatisfy { compareUTF16($0.name, $1.name) < 0 }
        if inOrder {
            object.all = members
            return .success(object)
        }
        let order = members.indices.sorted { left, right in
            let comparison = compareUTF16(members[left].name, members[right].name)
            return comparison == 0 ? left < right : comparison < 0
        }
        for (left, right) in zip(order, order.dropFirst())
        where compareUTF16(members[left].name, members[right].name) == 0 {
            return .failure(RepeatedName(index: right))
        }
        object.all = order.map { members[$0] }
        return .success(object)
    }

    struct RepeatedName: Error {
        let index: Int
    }

    /// Members of the program's own making; of those with one name the last counts.
    init(_ members: [Member]) {
        switch Self.collect(members) {
        case .success(let object): self = object
        case .failure: for member in members { self[member.name] = member.value }
        }
    }

    /// The value of a member; nil where there is none. Setting replaces, setting nil removes.
    public subscript(name: String) -> JSONValue? {
        get {
            let (index, found) = position(of: name)
            return found ? all[index].value : nil
        }
        set {
            let (index, found) = position(of: name)
            switch (newValue, found) {
            case (let value?, true): all[index].value = value
            case (let value?, false): all.insert(Member(name: name, value: value), at: index)
            case (nil, true): all.remove(at: index)
            case (nil, false): break
            }
        }
    }

    private func position(of name: String) -> (index: Int, found: Bool) {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            let comparison = compareUTF16(all[middle].name, name)
            if comparison == 0 { return (middle, true) }
            if comparison < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }
}

extension JSONObject: Equatable {
    /// Whether names and values are the same, code unit by code unit.
    public static func == (left: Self, right: Self) -> Bool { left.all == right.all }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object; a name that stands twice in the source text is a programming error, as in Swift's `Dictionary`.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(literal: elements) }
}

/// Compares texts by their UTF-16 code units: negative, zero or positive.
///
/// UTF-8 bytes sort by code point, which differs from UTF-16 only in that the characters beyond U+FFFF (lead bytes
/// F0…F4) come before U+E000…U+FFFF (lead bytes EE and EF), because their surrogates do.
func compareUTF16(_ left: String, _ right: String) -> Int {
    var (left, right) = (left, right)
    return left.withUTF8 { left in
        right.withUTF8 { right in
            for index in 0..<min(left.count, right.count) where left[index] != right[index] {
                return sortKey(left[index]) < sortKey(right[index]) ? -1 : 1
            }
            return left.count - right.count
        }
    }
}

private func sortKey(_ byte: UInt8) -> UInt8 { byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte }
