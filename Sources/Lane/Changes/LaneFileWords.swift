import Documents
public import Evidence
import Foundation

/// What a lane file says word for word (检测线配置), for the audit trail to tell what became of it.
public struct LaneFileWords: Hashable, Sendable {
    /// The file's path.
    public let path: String
    /// The digest of its bytes.
    public let digest: Digest
    /// Each value under its place, such as `instruments.gas-analyzer.port`.
    public let values: [String: String]

    init(_ document: Document) {
        path = document.name
        digest = Digest(of: document.bytes)
        var values: [String: String] = [:]
        document.tree.collect(into: &values, at: "")
        self.values = values
    }
}

extension DocumentTree {
    /// Adds each word under its place; elements of a list go by what they are called, and by number where they are not.
    fileprivate func collect(into values: inout [String: String], at place: String) {
        func under(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }
        switch self {
        case .scalar(let text): values[place] = Self.withoutCredentials(text)
        case .mapping(let entries):
            for entry in entries { entry.value.collect(into: &values, at: under(entry.key)) }
        case .sequence(let elements):
            var names: Set<String> = []
            for (index, element) in elements.enumerated() {
                let called = (element["role"] ?? element["number"])?.text
                let name = called.flatMap { names.insert($0).inserted ? $0 : nil } ?? "\(index + 1)"
                element.collect(into: &values, at: under(name))
            }
        }
    }

    /// An address without the name and password that may stand in it: the audit trail is shown to others.
    private static func withoutCredentials(_ text: String) -> String {
        guard let scheme = text.range(of: "://") else { return text }
        let host = text[scheme.upperBound...].prefix { $0 != "/" }
        guard let mark = host.lastIndex(of: "@") else { return text }
        return text[..<scheme.upperBound] + "…" + text[mark...]
    }
}
