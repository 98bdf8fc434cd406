import Evidence
import Lane
import Messages

/// This program, as records name it.
enum Software {
    /// The version.
    static let version = "0.1.0"

    /// Whether simulators are built in.
    static var isSimulationBuild: Bool {
        #if Simulation
            true
        #else
            false
        #endif
    }

    /// Version, digest of the executable, kind of build.
    ///
    /// - Throws: ``CommandFailure`` if the executable cannot be read.
    static func identity() throws -> SoftwareIdentity {
        guard let path = ShareDirectory.executablePath(), let digest = try? Digest(ofFile: path) else {
            throw CommandFailure(.osError, .commandExecutableUnreadable)
        }
        return SoftwareIdentity(version: version, executable: digest, isSimulationBuild: isSimulationBuild)
    }
}
