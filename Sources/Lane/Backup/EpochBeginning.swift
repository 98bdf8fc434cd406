public import Evidence
public import Foundation
public import Journal

/// Begins a new epoch of a lane's chain (开启新纪元): after a restore, or in a directory that was refused.
public struct EpochBeginning: Sendable {
    /// The lane.
    let lane: String
    /// Where its records come from.
    let origin: RecordOrigin
    /// Why, in a person's words.
    let reason: String

    /// Prepares the beginning.
    public init(lane: String, origin: RecordOrigin, reason: String) {
        self.lane = lane
        self.origin = origin
        self.reason = reason
    }

    /// Signs the statement over the last record with the lane's keys, made where there are none, and queues it for the
    /// authority; the lane's trust file has the keys then, and `epoch-N.json` in the data directory the statement.
    ///
    /// - Parameters:
    ///   - least: the least number of the epoch, where the authority knows of later ones.
    ///   - passphrase: what the private keys are encrypted under; nil for keys in clear.
    /// - Returns: the epoch, and whether keys were made.
    /// - Throws: `JournalError`, `SigningKeyError`, `KeyRegisterError`, `TrustFileError`.
    public func begin(
        in journal: Journal, atLeast least: Int = 2, passphrase: [UInt8]?, at now: Date
    ) async throws -> (epoch: StoredEpoch, madeKeys: Bool) {
        let wallTime = now.formatted(.iso8601)
        var register = try KeyRegister(directory: "\(journal.directory)/keys", passphrase: passphrase)
        let known = Set(register.entries.map(\.key.id))
        let keys = try register.loadOrCreate(lane: lane, origin: origin, SignatureAlgorithm.allCases, at: wallTime)
        for entry in register.entries where !known.contains(entry.key.id) {
            try await journal.audit("key.created", SystemAccount.current.noted(in: entry.auditDetail), at: now)
        }
        try RunningLane.enrol(
            register.entries.filter { entry in keys.contains { $0.id == entry.key.id } },
            in: "\(journal.directory)/\(RunningLane.trustFileName)")
        let epoch = try await journal.beginEpoch(of: lane, atLeast: least, at: now) { context in
            let header = StatementHeader(
                .epoch, lane: lane, epoch: context.epoch, origin: origin, signing: keys.map(\.algorithm), at: wallTime)
            return try EpochOpening(header: header, after: context.after, head: context.head, reason: reason)
                .sealed(with: keys)
        }
        // For whoever verifies by hand; the journal's own is the one that counts.
        let path = "\(journal.directory)/epoch-\(epoch.epoch).json"
        do throws(DurableFile.Failure) { try DurableFile.replace(epoch.statement, at: path, mode: 0o644) } catch {
            throw BackupError.unwritable(path: path, detail: error.words)
        }
        return (epoch, keys.contains { !known.contains($0.id) })
    }
}
