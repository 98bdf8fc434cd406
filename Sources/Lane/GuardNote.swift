import Evidence
import Foundation
import Journal

/// What a guard leaves behind that had to unload the dynamometer: its lane was dead, and the next start is to say so.
struct GuardNote: Codable {
    /// The file's name in a data directory.
    static let fileName = "guard-note.json"

    /// When the guard was done.
    let at: Date
    /// Whether the port took the bytes.
    let isUnloaded: Bool

    /// Writes the file; a guard that cannot has still done what matters.
    func write(to path: String) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        if let bytes = try? encoder.encode(self) { try? bytes.write(to: URL(fileURLWithPath: path), options: .atomic) }
    }

    /// Takes a note that was left in a data directory over into the audit trail, and removes the file.
    ///
    /// - Throws: `JournalError`; then the file stays for the next start.
    static func take(from directory: String, into journal: Journal) async throws {
        let path = "\(directory)/\(fileName)"
        guard let bytes = FileManager.default.contents(atPath: path) else { return }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let note = try? decoder.decode(GuardNote.self, from: bytes)
        try await journal.audit(
            "dynamometer.guard-unloaded",
            [
                "at": note.map { .string($0.at.formatted(.iso8601)) } ?? .null,
                "unloaded": note.map { .boolean($0.isUnloaded) } ?? .null,
            ], at: Date())
        try? FileManager.default.removeItem(atPath: path)
    }
}
