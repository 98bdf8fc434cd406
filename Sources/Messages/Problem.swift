/// Where in a file something stands.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file's path, or the name of an embedded document.
    public let file: String
    /// The line, from 1; nil where the whole file is meant.
    public let line: Int?

    /// Creates a location.
    public init(file: String, line: Int? = nil) {
        self.file = file
        self.line = line
    }

    /// `file:line`, as editors and terminals link it.
    public var description: String { line.map { "\(file):\($0)" } ?? file }
}

/// One thing wrong with a document that a person wrote: what was found, what was expected, and where.
public struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// Where it stands.
    public let location: SourceLocation
    /// What is wrong.
    public let message: Message

    /// Creates a problem.
    public init(_ message: Message, at location: SourceLocation) {
        self.message = message
        self.location = location
    }

    /// Location and code, for logs.
    public var description: String { "\(location): \(message)" }
}

/// Everything wrong with a set of documents, reported at once so that a person mends it in one go.
public struct Problems: Error, Sendable, CustomStringConvertible {
    /// The problems, in the order of file and line.
    public let all: [Problem]

    /// Creates the error; the problems are put in the order of file and line.
    public init(_ problems: [Problem]) {
        all = problems.sorted {
            ($0.location.file, $0.location.line ?? 0) < ($1.location.file, $1.location.line ?? 0)
        }
    }

    /// One problem a line.
    public var description: String { all.map(\.description).joined(separator: "\n") }
}
