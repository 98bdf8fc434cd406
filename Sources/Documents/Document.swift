public import Messages
import Foundation
import Yams

/// A YAML document that a person wrote, read with the place of every word kept.
///
/// Packs, profiles, lane files, orders and vehicles are all read through this type, so that every mistake is reported
/// with file and line, all at once. The parser is Yams; its nodes keep their marks, which `Codable` would lose.
public struct Document {
    /// The bytes as they were read: what a digest is made of.
    public let bytes: [UInt8]

    let root: Node

    /// The file's path, or the name of an embedded document.
    public let name: String

    /// Reads a document from bytes.
    ///
    /// - Parameter name: how problems name the document.
    /// - Throws: ``Problems`` if the bytes are not UTF-8 or not YAML, or if a key stands twice in one mapping.
    public init(bytes: [UInt8], name: String) throws(Problems) {
        self.bytes = bytes
        self.name = name
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problems([
                Problem(Message(.documentUnreadable, ["detail": "UTF-8"]), at: SourceLocation(file: name))
            ])
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw Problems([
                    Problem(
                        Message(.documentSyntax, ["detail": "empty document"]), at: SourceLocation(file: name, line: 1))
                ])
            }
            root = node
        } catch let problems as Problems {
            throw problems
        } catch {
            throw Problems([Document.problem(error, in: name)])
        }
    }

    /// Reads a document from a file.
    ///
    /// - Throws: ``Problems`` as ``init(bytes:name:)`` does, and if the file cannot be read.
    public init(contentsOf path: String) throws(Problems) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Problems([
                Problem(
                    Message(.documentUnreadable, ["detail": "no such file, or no permission to read it"]),
                    at: SourceLocation(file: path))
            ])
        }
        try self.init(bytes: Array(data), name: path)
    }

    /// Reads the document's top mapping with `read`, and throws every problem that came up.
    ///
    /// - Parameter read: takes the reader of the top mapping; may return nil only after it recorded a problem.
    /// - Throws: ``Problems`` if anything was missing, unknown, of the wrong type or out of range.
    public func read<Value>(_ read: (MappingReader) -> Value?) throws(Problems) -> Value {
        let sink = ProblemSink()
        var value: Value?
        if let mapping = MappingReader(node: root, key: "document", file: name, sink: sink) {
            value = read(mapping)
            mapping.reportUnknownKeys()
        }
        if let value, sink.problems.isEmpty { return value }
        if sink.problems.isEmpty {
            // A reader that returns nil without saying why is a defect; it must not look like a good document.
            sink.problems.append(
                Problem(
                    Message(.documentUnreadable, ["detail": "rejected without a reason"]),
                    at: SourceLocation(file: name)))
        }
        throw Problems(sink.problems)
    }

    /// Where the value at a path of keys stands, such as `vehicle.fuel`; as near as the document has it.
    public func location(of path: String) -> SourceLocation {
        var node = root
        for key in path.split(separator: ".") {
            guard case .mapping(let mapping) = node, let next = mapping[Node(String(key))] else { break }
            node = next
        }
        return SourceLocation(file: name, line: node.mark?.line)
    }

    private static func problem(_ error: any Error, in name: String) -> Problem {
        let location: SourceLocation
        let message: Message
        switch error as? YamlError {
        case .duplicatedKeysInMapping(let keys, let context):
            location = SourceLocation(file: name, line: context.mark.line)
            message = Message(.documentDuplicateKey, ["key": .text(keys.joined(separator: ", "))])
        case .scanner(_, let detail, let mark, _), .parser(_, let detail, let mark, _),
            .composer(_, let detail, let mark, _):
            location = SourceLocation(file: name, line: mark.line)
            message = Message(.documentSyntax, ["detail": .text(detail)])
        default:
            location = SourceLocation(file: name)
            message = Message(.documentSyntax, ["detail": "\(error)"])
        }
        return Problem(message, at: location)
    }
}

/// Where problems gather while a document is read. Used by one reader at a time.
final class ProblemSink {
    var problems: [Problem] = []
}
