import Evidence
import Foundation
import Lane
import Messages

/// An exported record: an envelope file with its attachments beside it.
struct RecordFiles {
    /// The envelope's path.
    let envelope: String

    /// The envelope's bytes.
    ///
    /// - Throws: ``CommandFailure`` if the file cannot be read.
    func envelopeBytes() throws -> [UInt8] {
        guard let bytes = FileManager.default.contents(atPath: envelope) else {
            throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text(envelope)])
        }
        return Array(bytes)
    }

    /// The bytes of an attachment; nil if it is not there.
    @Sendable func attachment(_ name: String) -> [UInt8]? {
        guard AttachmentReference.isPlain(name) else { return nil }
        let folder = URL(fileURLWithPath: envelope).deletingLastPathComponent().path
        return try? DurableFile.read("\(folder)/\(name)").bytes
    }

    /// Verifies the record from its files.
    ///
    /// - Parameters:
    ///   - keys: the trust file; nil looks for it, see ``trust(keys:)``.
    ///   - allowSimulated: whether a record of a simulated lane may pass.
    /// - Throws: ``CommandFailure`` or `TrustFileError` if a file cannot be read.
    func verify(keys: String?, allowSimulated: Bool) throws -> VerificationReport {
        Verifier(trust: try trust(keys: keys), allowSimulated: allowSimulated).verify(
            try envelopeBytes(), attachments: attachment)
    }

    /// The trust file that was named, or else the demo's.
    ///
    /// A trust file that lies beside a record is never taken by itself: whoever changed the record could have put it
    /// there.
    func trust(keys: String?) throws -> TrustFile {
        let path = keys ?? "\(DataDirectory.demo)/\(RunningLane.trustFileName)"
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.noInput, .commandNoTrust, ["path": .text(path)])
        }
        return try TrustFile(contentsOf: path)
    }
}
