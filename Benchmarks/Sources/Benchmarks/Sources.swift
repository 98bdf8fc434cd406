import Foundation
import Glibc

/// The sources that this program was built from.
enum Sources {
    /// The folder with `Devices`.
    static let root: String = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.path
    }()
}

/// A folder of a benchmark's own, removed when it is over.
final class Workspace {
    let path: String

    /// Makes a folder inside another; by default beside the program, on the disk that the project is built on.
    init(in parent: String? = nil) throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = parent ?? URL(fileURLWithPath: program).deletingLastPathComponent().path
        var template = Array("\(folder)/benchmark-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw NotMeasured("no folder can be made in \(folder)") }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path inside.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// A folder inside, made now.
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }
}
