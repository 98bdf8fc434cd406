import Foundation
import Glibc

/// Finds the folder with the device profiles and example lanes.
///
/// The search is explicit, so that an installed copy works after the sources are gone: a given folder, the installed
/// one beside the executable's `bin`, or the sources above a build folder.
public enum ShareDirectory {
    /// The folder that holds `Devices`, or nil if there is none.
    ///
    /// - Parameter given: a folder that the person named; nothing else is tried then.
    public static func find(given: String? = nil) -> String? {
        let candidates: [String]
        if let given {
            candidates = [given]
        } else {
            guard let executable = executablePath() else { return nil }
            var folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
            var found = [folder.deletingLastPathComponent().appendingPathComponent("share/laneagent").path]
            // A build folder lies a few levels below the sources.
            for _ in 0..<5 {
                folder.deleteLastPathComponent()
                found.append(folder.path)
            }
            candidates = found
        }
        return candidates.first { FileManager.default.fileExists(atPath: "\($0)/Devices") }
    }

    /// The path of the running executable.
    public static func executablePath() -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}
