import Evidence
import Foundation
import Testing

@Suite("The vectors of Tests/Verifier")
struct VectorTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Verifier/vectors")

    @Test("Every kind of corruption is found first where it was made")
    func findings() throws {
        let cases = try VectorCase.all()
        let trust = try VectorLane().trust().bytes()
        var kinds: Set<String> = []
        for vector in cases {
            #expect(try vector.findings(trust: trust).first == vector.first, "\(vector.name)")
            if vector.first != nil { kinds.insert(vector.name) }
        }
        print("vectors: \(cases.count) cases, \(kinds.count) kinds of corruption")
        #expect(kinds.count >= 20)
    }

    /// With `LANE_WRITE_VECTORS=1` in the environment the files are written anew.
    @Test("The files are what the code makes from the fixed keys, byte for byte")
    func files() throws {
        let trust = try VectorLane().trust().bytes()
        var files = ["trust.json": trust]
        var entries: [JSONValue] = []
        for vector in try VectorCase.all() {
            let (written, entry) = try vector.output(trust: trust)
            files.merge(written) { first, _ in first }
            entries.append(entry)
        }
        files["cases.json"] = try JSONValue.array(entries).canonicalBytes()
        let manager = FileManager.default
        if ProcessInfo.processInfo.environment["LANE_WRITE_VECTORS"] == "1" {
            try? manager.removeItem(at: Self.folder)
            for (path, bytes) in files {
                let file = Self.folder.appendingPathComponent(path)
                try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file)
            }
        }
        var found: Set<String> = []
        for path in try #require(manager.enumerator(atPath: Self.folder.path)).compactMap({ $0 as? String }) {
            var isFolder: ObjCBool = false
            let full = Self.folder.appendingPathComponent(path).path
            if manager.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue { found.insert(path) }
        }
        #expect(found == Set(files.keys))
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            let content = manager.contents(atPath: Self.folder.appendingPathComponent(path).path)
            #expect(content.map(Array.init) == bytes, "\(path)")
        }
    }
}
