import Foundation

/// A JSON value that tests build records of and then spoil in one place.
enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Int)
    case string(String)
    case array([Value])
    case object([String: Value])

    /// Replaces the value at a path such as `result.items[2].limit`, or removes the member if nil.
    mutating func set(_ path: String, _ value: Value?) {
        let steps = path.split { ".[".contains($0) }.map { $0.hasSuffix("]") ? String($0.dropLast()) : String($0) }
        set(steps[...], value)
    }

    private mutating func set(_ steps: ArraySlice<String>, _ value: Value?) {
        guard let step = steps.first else {
            if let value { self = value }
            return
        }
        let rest = steps.dropFirst()
        switch self {
        case .object(var members):
            if rest.isEmpty {
                members[step] = value
            } else if var inner = members[step] {
                inner.set(rest, value)
                members[step] = inner
            }
            self = .object(members)
        case .array(var elements):
            guard let index = Int(step), elements.indices.contains(index) else { return }
            elements[index].set(rest, value)
            self = .array(elements)
        default: break
        }
    }

    /// The value as compact JSON with sorted members.
    var json: [UInt8] {
        var text = ""
        write(to: &text)
        return Array(text.utf8)
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let truth): text += truth ? "true" : "false"
        case .number(let number): text += String(number)
        case .string(let string): text += "\"\(string)\""
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, name) in members.keys.sorted().enumerated() {
                text += (index > 0 ? "," : "") + "\"\(name)\":"
                members[name]?.write(to: &text)
            }
            text += "}"
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(arrayLiteral elements: Value...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, Value)...) { self = .object(Dictionary(uniqueKeysWithValues: elements)) }
    init(nilLiteral: ()) { self = .null }
}
