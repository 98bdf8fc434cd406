import Documents
import Foundation
public import Messages
import Metrology

/// What the check of profile files brought: those that can be read, and every problem of all of them (档案检查).
public struct ProfileCheck: Sendable {
    /// The profiles that can be read, with their files, in the order of the files.
    public private(set) var profiles: [(file: String, profile: DeviceProfile)] = []
    /// Everything wrong; nil if nothing is.
    public let problems: Problems?

    /// Checks files, and every `.yaml` in folders but those in folders called `lanes`.
    public init(paths: [String]) {
        var found: [Problem] = []
        var seen: [String: String] = [:]
        for file in paths.flatMap(Self.files) {
            do throws(Problems) {
                let profile = try DeviceProfile(document: Document(contentsOf: file))
                profiles.append((file, profile))
                found += profile.lint()
                if let misplaced = Self.misplaced(profile, file) { found.append(misplaced) }
                if let other = seen[profile.id] {
                    let message = Message(.documentDuplicateKey, ["key": .text("\(profile.id) (\(other))")])
                    found.append(Problem(message, at: SourceLocation(file: file, line: 1)))
                }
                seen[profile.id] = file
            } catch { found += error.all }
        }
        problems = found.isEmpty ? nil : Problems(found)
    }

    private static func files(_ path: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return [path]
        }
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".yaml") && !$0.split(separator: "/").contains("lanes") }.sorted()
            .map { "\(path)/\($0)" }
    }

    /// A profile that stands under another name or role than its own would be found by the wrong name. A file that is
    /// not in a folder of a role may be anywhere.
    private static func misplaced(_ profile: DeviceProfile, _ file: String) -> Problem? {
        let parts = file.split(separator: "/").map(String.init)
        let stem = parts.last.map { $0.hasSuffix(".yaml") ? String($0.dropLast(5)) : $0 } ?? ""
        let folder = parts.dropLast().last ?? ""
        let role = InstrumentRole.allCases.first { $0.deviceFolder == folder }
        let wrong: (key: String, found: String, expected: String)?
        if profile.id != stem {
            wrong = ("id", profile.id, stem)
        } else if let role, role != profile.role {
            wrong = ("role", profile.role.rawValue, role.rawValue)
        } else {
            wrong = nil
        }
        return wrong.map { wrong in
            Problem(
                Message(
                    .documentUnknownValue,
                    ["key": .text(wrong.key), "found": .text(wrong.found), "expected": .text(wrong.expected)]),
                at: SourceLocation(file: file, line: 1))
        }
    }
}
