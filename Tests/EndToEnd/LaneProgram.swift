import Foundation
import Testing

/// The built `lane` program, run as a person runs it.
enum LaneProgram {
    /// The executable beside the test bundle, of the same build.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("lane").path
    }()

    /// The sources' root, where `Devices` is.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Runs the program to its end.
    static func run(
        _ arguments: String..., executable: String = path, environment: [String: String] = [:]
    ) async throws -> Finished {
        await (try Running(executable, arguments, environment: environment)).finished()
    }

    /// What a program left behind.
    struct Finished {
        let code: Int32
        let output: String
        let errors: String

        /// The JSON object that the program printed.
        func json() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(value as? [String: Any], "\(output) \(errors)")
        }
    }
}
