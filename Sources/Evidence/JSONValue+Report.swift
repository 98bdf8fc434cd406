import Metrology
public import Procedures

extension JSONValue {
    /// A procedure's report as JSON: decimals as strings exactly as rounded, what was not measured as null.
    public init(_ report: Report) {
        switch report {
        case .absent: self = .null
        case .text(let text): self = .string(text)
        case .count(let count): self = .integer(Int64(count))
        case .flag(let flag): self = .boolean(flag)
        case .decimal(let decimal): self = .string(decimal.description)
        case .significant(let decimal): self = .string(decimal.description)
        case .list(let list): self = .array(list.map(JSONValue.init))
        case .members(let members):
            self = .object(
                JSONObject(members.map { JSONObject.Member(name: $0, value: JSONValue($1)) }))
        }
    }
}
