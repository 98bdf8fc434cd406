import Evidence
import Foundation
import Journal

/// The keys that a lane signed with last, by what lies outside its key directory (密钥使用记录): trust file, audit trail
/// and records.
///
/// A first start makes keys. Every other start must find them: a key directory that was lost, or another that was put
/// in its place, would otherwise give the lane new keys that nobody asked for and nobody but its own trust file knows.
struct KeyHistory {
    private let lane: String
    private let origin: RecordOrigin
    /// Fingerprints of keys that are still to be signed with, as far as trust file and audit trail know.
    private var current: [SignatureAlgorithm: Set<String>] = [:]
    /// Keys that a rotation or a revocation ended.
    private var ended: Set<String> = []
    private let hasRecords: Bool

    /// Reads what there is.
    ///
    /// - Throws: `JournalError`, `TrustFileError`.
    init(of lane: String, _ origin: RecordOrigin, journal: Journal, trustFile: String) async throws {
        self.lane = lane
        self.origin = origin
        hasRecords = try await !journal.records(limit: 1).isEmpty
        for entry in try await journal.auditEntries(of: ["key.created", "key.rotated", "key.revoked"]) {
            guard let detail = try? JSONValue(parsing: entry.detail), let id = detail["id"]?.text else { continue }
            if entry.kind == "key.revoked" {
                ended.insert(id)
                continue
            }
            if let old = detail["old"]?.text { ended.insert(old) }
            guard detail["lane"]?.text == lane, detail["origin"]?.text == origin.rawValue,
                let algorithm = detail["algorithm"]?.text.flatMap(SignatureAlgorithm.init(rawValue:))
            else { continue }
            current[algorithm, default: []].insert(id)
        }
        guard FileManager.default.fileExists(atPath: trustFile) else { return }
        for key in try TrustFile(contentsOf: trustFile).keys where key.lane == lane && key.origin == origin {
            current[key.algorithm, default: []].insert(key.id)
            if key.revocation != nil || key.validity.throughCounter != nil { ended.insert(key.id) }
        }
    }

    /// Makes sure that the register has the keys that the lane signs with, or that there were none yet, or that they
    /// were ended on purpose.
    ///
    /// - Throws: `KeyRegisterError.lost` naming every algorithm whose key is not there, `SigningKeyError`.
    func require(_ algorithms: [SignatureAlgorithm], in register: KeyRegister) throws {
        let known = Set(register.entries.filter { !$0.isLost }.map(\.key.id))
        let lost = try algorithms.filter { algorithm in
            guard register.active(lane: lane, origin: origin, algorithm) == nil else { return false }
            // A lane's first key may lie there from before the register, or after the register alone was lost.
            let unregistered = try register.unregisteredKey(origin: origin, algorithm)?.id
            let signed = (current[algorithm] ?? []).subtracting(ended).subtracting(known)
            if !signed.isEmpty { return unregistered.map { !signed.contains($0) } ?? true }
            // Older journals noted no keys.
            return hasRecords && register.entries.isEmpty && current.isEmpty && unregistered == nil
        }
        guard lost.isEmpty else {
            throw KeyRegisterError.lost(
                directory: register.directory, lane: lane, origin: origin.rawValue, algorithms: lost.map(\.rawValue))
        }
    }
}

extension KeyRegister.Entry {
    /// Whether its private half is gone without rotation or revocation.
    fileprivate var isLost: Bool { file == nil && key.revocation == nil && key.validity.throughCounter == nil }
}
