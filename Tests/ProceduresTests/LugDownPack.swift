import Documents
import Metrology
import Standards
import Testing

/// The requirement pack of 2018 with some of its text changed.
enum LugDownPack {
    static func changed(_ changes: [String: String]) throws -> LugDownRequirements {
        let document = try #require(try PackLibrary.document("GB3847-2018-lug-down"))
        var text = String(decoding: document.bytes, as: UTF8.self)
        for (old, new) in changes {
            #expect(text.contains(old), "the pack has no “\(old)”")
            text = text.replacing(old, with: new)
        }
        return try LugDownRequirements(document: Document(bytes: Array(text.utf8), name: "changed.yaml"))
    }
}
