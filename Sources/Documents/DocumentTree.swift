import Yams

/// A document as plain data, for whoever shows documents without knowing what they mean.
public indirect enum DocumentTree: Hashable, Sendable {
    /// A word or number as written; an empty text for nothing.
    case scalar(String)
    /// A list.
    case sequence([DocumentTree])
    /// Keys and values, in the order of the document.
    case mapping([DocumentEntry])

    /// The value under a key; nil if this is no mapping or has no such key.
    public subscript(key: String) -> DocumentTree? {
        if case .mapping(let entries) = self { entries.first { $0.key == key }?.value } else { nil }
    }

    /// The text of a scalar.
    public var text: String? { if case .scalar(let text) = self { text } else { nil } }
}

/// A key with its value.
public struct DocumentEntry: Hashable, Sendable {
    /// The key.
    public let key: String
    /// What stands under it.
    public let value: DocumentTree

    /// Creates an entry.
    public init(key: String, value: DocumentTree) {
        self.key = key
        self.value = value
    }
}

extension Document {
    /// The whole document.
    public var tree: DocumentTree { DocumentTree(root) }
}

extension DocumentTree {
    fileprivate init(_ node: Node) {
        switch node {
        case .scalar(let scalar): self = .scalar(scalar.string)
        case .sequence(let sequence): self = .sequence(sequence.map { DocumentTree($0) })
        case .mapping(let mapping):
            self = .mapping(
                mapping.map { DocumentEntry(key: $0.key.scalar?.string ?? "?", value: DocumentTree($0.value)) })
        case .alias: self = .scalar("")
        }
    }
}
