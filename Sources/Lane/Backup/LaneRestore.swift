public import Evidence
public import Foundation
import Glibc
public import Journal
import Messages

/// Puts a backup into a new data directory (数据恢复) and begins a new epoch: whatever the old computer sealed after the
/// backup is another line of the chain, and no number that is used again can be taken for it.
public struct LaneRestore: Sendable {
    /// What a restore came to.
    public struct Outcome: Sendable {
        /// What was restored.
        public let manifest: BackupManifest
        /// The epoch that has begun.
        public let epoch: StoredEpoch
        /// Whether keys had to be made, which nobody has enrolled yet.
        public let madeKeys: Bool
        /// Whether there are files that the lane was configured with.
        public let hasConfiguration: Bool
    }

    /// Where the keys of a backup are until they are the lane's.
    private static let keyFolder = "keys"

    private let source: String
    private let target: String

    /// Prepares a restore.
    ///
    /// - Parameters:
    ///   - source: the backup, a folder or a tar file.
    ///   - target: the data directory; it must not be there, or be empty.
    public init(from source: String, to target: String) {
        self.source = source
        self.target = target
    }

    /// Restores the backup; the data directory has its name only when everything in it was verified.
    ///
    /// - Parameters:
    ///   - keyPassphrase: what the keys in the backup are encrypted under.
    ///   - passphrase: what the lane's keys are to be encrypted under; nil for keys in clear.
    ///   - reason: why, for the authority.
    ///   - least: the least number of the epoch, where the authority knows of later ones.
    ///   - permit: is asked before anything begins anew, with the restored journal; signs people in.
    /// - Throws: ``BackupError`` with every file that is not as it was and every finding in journal and chain,
    ///   `JournalError`, `SigningKeyError`, `KeyRegisterError`, `TrustFileError`, or what `permit` throws.
    public func run(
        keyPassphrase: [UInt8]?, passphrase: [UInt8]?, reason: String, atLeast least: Int = 2, at now: Date,
        permit: (Journal, BackupManifest) async throws -> Void
    ) async throws -> Outcome {
        let present = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []
        var status = stat()
        if !present.isEmpty || lstat(target, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR {
            throw BackupError.targetExists(path: target)
        }
        let staging = "\(target).\(UInt32.random(in: .min ... .max)).partial"
        guard mkdir(staging, 0o700) == 0 else {
            throw BackupError.unwritable(path: staging, detail: String(cString: strerror(errno)))
        }
        defer { try? FileManager.default.removeItem(atPath: staging) }
        let manifest = try unpack(into: staging)
        if manifest.holdsKeys {
            guard let keyPassphrase else { throw BackupError.passphraseNeeded }
            try changePassphrase(in: staging, from: keyPassphrase, to: passphrase)
        }
        let journal = try await Journal.open(staging)
        do {
            try await verify(journal, manifest)
            try await permit(journal, manifest)
            let (epoch, madeKeys) = try await EpochBeginning(
                lane: manifest.lane, origin: manifest.origin, reason: reason
            ).begin(in: journal, atLeast: least, passphrase: passphrase, at: now)
            try await journal.audit(
                "backup.restored",
                [
                    "made": .string(manifest.at), "counter": .integer(Int64(manifest.counter)),
                    "head": manifest.head.map { .string($0.description) } ?? .null,
                ], at: now)
            try journal.close()
            guard rename(staging, target) == 0 else {
                throw BackupError.unwritable(path: target, detail: String(cString: strerror(errno)))
            }
            do throws(DurableFile.Failure) { try DurableFile.synchronizeDirectory(of: target) } catch {
                throw BackupError.unwritable(path: target, detail: error.words)
            }
            return Outcome(
                manifest: manifest, epoch: epoch, madeKeys: madeKeys,
                hasConfiguration: manifest.files.contains { $0.name.hasPrefix("configuration/") })
        } catch {
            try? journal.close()
            throw error
        }
    }

    // MARK: Steps

    /// Copies the backup's files and holds every one against the manifest.
    private func unpack(into staging: String) throws -> BackupManifest {
        func place(_ name: String) throws -> String? {
            guard BackupManifest.isPlain(name) else { return nil }
            if let slash = name.firstIndex(of: "/") { mkdir("\(staging)/\(name[..<slash])", 0o700) }
            return "\(staging)/\(name)"
        }
        let names: [String]
        do {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: source, isDirectory: &isFolder), isFolder.boolValue {
                names = BackupFolder.names(in: source)
                for name in names {
                    guard let path = try place(name) else { throw TarFile.Malformed(detail: name) }
                    try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: path)
                }
            } else {
                names = try TarFile.unpack(source, place: place)
            }
        } catch let failure as DurableFile.Failure {
            throw BackupError.unreadable(path: failure.path, detail: failure.words)
        } catch let error as TarFile.Malformed {
            throw BackupError.unreadable(path: source, detail: error.detail)
        } catch let error as CocoaError {
            throw BackupError.unreadable(path: source, detail: error.localizedDescription)
        }
        let path = "\(staging)/\(BackupManifest.fileName)"
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path).bytes } catch {
            throw BackupError.unreadable(path: source, detail: "\(BackupManifest.fileName): \(error.words)")
        }
        let manifest = try BackupManifest(parsing: bytes, path: source)
        let findings = compare(manifest, Set(names).subtracting([BackupManifest.fileName]), in: staging)
        guard findings.isEmpty else { throw BackupError.changed(findings) }
        unlink(path)
        return manifest
    }

    private func compare(_ manifest: BackupManifest, _ names: Set<String>, in staging: String) -> [Message] {
        var findings: [Message] = []
        for file in manifest.files {
            guard names.contains(file.name), let found = try? Digest(ofFile: "\(staging)/\(file.name)") else {
                findings.append(Message(.backupFileMissing, ["name": .text(file.name)]))
                continue
            }
            if found != file.digest {
                findings.append(
                    Message(
                        .backupFileChanged,
                        [
                            "name": .text(file.name), "found": .text(found.description),
                            "expected": .text(file.digest.description),
                        ]))
            }
        }
        for name in names.subtracting(manifest.files.map(\.name)).sorted() {
            findings.append(Message(.backupFileUnknown, ["name": .text(name)]))
        }
        return findings
    }

    /// Puts the keys under the passphrase that the lane is started with.
    private func changePassphrase(in staging: String, from old: [UInt8], to new: [UInt8]?) throws {
        let (folder, arrived) = ("\(staging)/\(Self.keyFolder)", "\(staging)/\(Self.keyFolder).arrived")
        guard rename(folder, arrived) == 0 else {
            throw BackupError.unwritable(path: folder, detail: String(cString: strerror(errno)))
        }
        try KeyRegister(directory: arrived, passphrase: old).copy(
            to: folder, passphrase: new, includesPrivate: true)
        try? FileManager.default.removeItem(atPath: arrived)
    }

    /// Judges the journal and its chain as `lane journal check` and `lane chain verify` do, with the backup's own trust
    /// file: whether that is the right one only a person or the authority can tell.
    private func verify(_ journal: Journal, _ manifest: BackupManifest) async throws {
        var findings = try await journal.check()
        let path = "\(journal.directory)/\(RunningLane.trustFileName)"
        if manifest.counter > 0 || access(path, F_OK) == 0 {
            let verifier = Verifier(trust: try TrustFile(contentsOf: path), allowSimulated: true)
            let report = try await verifier.verifyChain(of: journal)
            findings += report.findings.map(\.message)
            if report.digests.last != manifest.head { findings.append(Message(.backupWhole, ["path": .text(source)])) }
        }
        guard findings.isEmpty else { throw BackupError.damaged(path: source, findings) }
    }
}

extension Verifier {
    /// Verifies all records of a journal as one chain, with the epochs that the lane opened and what is kept of removed
    /// records.
    ///
    /// - Throws: `JournalError` if the journal cannot be read.
    public func verifyChain(of journal: Journal) async throws -> ChainReport {
        var envelopes: [[UInt8]] = []
        let withheld = try await journal.withheldRecords()
        let removed = Set(withheld.map(\.counter))
        let last = try await journal.records(limit: 1).first?.counter ?? 0
        for counter in 1...max(1, last) where last > 0 && !removed.contains(counter) {
            do throws(JournalError) { envelopes.append(try await journal.envelope(of: counter)) } catch {
                // A number that is missing is the chain's finding.
                guard case .unknown = error else { throw error }
            }
        }
        return verifyChain(
            envelopes, through: last, isOrdered: true, openings: try await journal.epochs().map(\.statement),
            withheld: withheld)
    }
}
