import Foundation
import Yams

/// As much of JSON Schema (draft 2020-12) as this project's schemas use; any other keyword is reported as a problem.
public struct JSONSchema {
    /// The schema's own members.
    public let root: [String: Any]

    /// Reads a schema from a file.
    public init(contentsOf path: String) throws {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
        guard let root = object as? [String: Any] else { throw CocoaError(.fileReadCorruptFile) }
        self.root = root
    }

    /// A YAML document as a validator sees it; dates stay texts.
    ///
    /// - Throws: `YamlError`, or a Cocoa error for an empty document.
    public static func load(_ yaml: String) throws -> Any {
        guard let value = try Yams.load(yaml: yaml, Resolver.default.removing(.timestamp)) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return value
    }

    /// The words of a definition that lists some.
    public func words(_ name: String) -> Set<String> {
        let definitions = root["$defs"] as? [String: [String: Any]]
        return Set(definitions?[name]?["enum"] as? [String] ?? [])
    }

    /// What is wrong with a value, each with its place.
    public func problems(_ value: Any, at place: String = "") -> [String] { check(value, root, place) }

    private func check(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
        schema.flatMap { keyword, rule in check(value, keyword, rule, schema, place) }
    }

    private func check(
        _ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any], _ place: String
    ) -> [String] {
        let mapping = value as? [String: Any]
        let list = value as? [Any]
        switch keyword {
        case "$schema", "$id", "$defs", "title", "description": return []
        case "$ref":
            let name = (rule as? String)?.split(separator: "/").last.map(String.init) ?? ""
            let definitions = root["$defs"] as? [String: [String: Any]]
            return definitions?[name].map { check(value, $0, place) } ?? ["\(place): no \(name)"]
        case "type":
            let types = rule as? [String] ?? [rule as? String ?? ""]
            return types.contains { isOf($0, value) } ? [] : ["\(place): not \(types)"]
        case "properties":
            let rules = rule as? [String: [String: Any]] ?? [:]
            return (mapping ?? [:]).flatMap { key, part in rules[key].map { check(part, $0, "\(place)/\(key)") } ?? [] }
        case "additionalProperties":
            let known = (schema["properties"] as? [String: Any] ?? [:]).keys
            let others = (mapping ?? [:]).filter { !known.contains($0.key) }
            if let rule = rule as? [String: Any] {
                return others.flatMap { check($0.value, rule, "\(place)/\($0.key)") }
            }
            return rule as? Bool == false ? others.map { "\(place): unknown \($0.key)" } : []
        case "required":
            guard let mapping else { return [] }
            return (rule as? [String] ?? []).filter { mapping[$0] == nil }.map { "\(place): no \($0)" }
        case "items":
            return (list ?? []).enumerated().flatMap { check($1, rule as? [String: Any] ?? [:], "\(place)/\($0)") }
        case "minItems": return (list?.count ?? .max) < number(rule) ? ["\(place): too few"] : []
        case "maxItems": return (list?.count ?? 0) > number(rule) ? ["\(place): too many"] : []
        case "minProperties": return (mapping?.count ?? .max) < number(rule) ? ["\(place): too few"] : []
        case "enum": return (rule as? [Any] ?? []).contains { same($0, value) } ? [] : ["\(place): not one of the enum"]
        case "const": return same(rule, value) ? [] : ["\(place): not \(rule)"]
        case "minimum": return numeric(value).map { $0 < Double(number(rule)) } == true ? ["\(place): too small"] : []
        case "maximum": return numeric(value).map { $0 > Double(number(rule)) } == true ? ["\(place): too great"] : []
        case "exclusiveMinimum":
            return numeric(value).map { $0 <= Double(number(rule)) } == true ? ["\(place): too small"] : []
        case "pattern":
            guard let text = value as? String, let pattern = rule as? String else { return [] }
            return text.range(of: pattern, options: .regularExpression) == nil ? ["\(place): not \(pattern)"] : []
        case "anyOf", "oneOf":
            let fitting = (rule as? [[String: Any]] ?? []).filter { check(value, $0, place).isEmpty }.count
            return fitting == 1 || keyword == "anyOf" && fitting > 1 ? [] : ["\(place): fits \(fitting) of \(keyword)"]
        default: return ["\(place): the validator does not know \(keyword)"]
        }
    }

    private func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": value is Bool
        case "integer": value is Int && !(value is Bool)
        case "number": (value is Int || value is Double) && !(value is Bool)
        default: false
        }
    }

    private func numeric(_ value: Any) -> Double? {
        value is Bool ? nil : (value as? Int).map(Double.init) ?? value as? Double
    }

    private func number(_ rule: Any) -> Int { (rule as? NSNumber)?.intValue ?? 0 }

    private func same(_ left: Any, _ right: Any) -> Bool {
        if let left = left as? String { return left == right as? String }
        return (left as? NSNumber).map { number in numeric(right).map { number.doubleValue == $0 } ?? false } ?? false
    }
}
