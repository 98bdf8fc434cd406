/// A JSON value as the lane sent it; numbers keep their spelling, since a decimal must not pass through binary.
enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// The value at a path of member names with dots between them, or nil where there is none.
    func at(_ path: String) -> JSON? {
        var place = self
        for name in path.split(separator: ".") {
            guard case .object(let members) = place, let member = members[String(name)] else { return nil }
            place = member
        }
        return place
    }

    /// The characters of a string.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a number that is written as an integer.
    var integer: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    /// Yes or no.
    var truth: Bool? {
        if case .bool(let truth) = self { truth } else { nil }
    }

    /// The elements of an array.
    var elements: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object.
    var members: [String: JSON]? {
        if case .object(let members) = self { members } else { nil }
    }
}
