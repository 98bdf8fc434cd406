import Assurance
public import Evidence
import Foundation
import Glibc
public import Journal

/// Copies everything that a lane would lose with its computer (数据备份), while tests run.
///
/// The journal has records, frames, attachments, wire logs of tests under way, deliveries, receipts and the audit trail,
/// and with them the sealed parameters. Beside it go people, trust file, daily roots, the register of keys, and the files
/// that the lane is configured with. Private keys go only where that is asked, encrypted under a passphrase of their own.
public struct LaneBackup: Sendable {
    /// The data directory.
    let directory: String
    /// Opens the lane's private keys; nil for keys in clear.
    let passphrase: [UInt8]?

    /// Prepares the backup of a data directory.
    public init(of directory: String, passphrase: [UInt8]? = nil) {
        self.directory = directory
        self.passphrase = passphrase
    }

    /// Makes the backup; what has its name in the end is whole.
    ///
    /// - Parameters:
    ///   - target: a folder, or a file that ends with `.tar`; nothing of that name may be there.
    ///   - keyPassphrase: what the private keys are encrypted under in the backup; nil leaves them out.
    ///   - configuration: paths of the lane file and what it names.
    ///   - at: the wall clock, RFC 3339.
    /// - Returns: the manifest, and the digest of its bytes.
    /// - Throws: ``BackupError``, `JournalError`, `SigningKeyError`, `KeyRegisterError`.
    public func write(
        to target: String, journal: Journal, keyPassphrase: [UInt8]?, configuration: [String] = [], at: String
    ) async throws -> (manifest: BackupManifest, digest: Digest) {
        guard access(target, F_OK) != 0 else { throw BackupError.targetExists(path: target) }
        let staging = "\(target).\(UInt32.random(in: .min ... .max)).partial"
        try make(staging)
        defer { try? FileManager.default.removeItem(atPath: staging) }
        try await journal.backup(to: "\(staging)/\(Journal.fileName)")
        let summary = try JournalCopySummary(of: "\(staging)/\(Journal.fileName)")
        let register = try KeyRegister(directory: "\(directory)/keys", passphrase: passphrase)
        guard let owner = register.entries.last?.key, summary.counter > 0 || !register.entries.isEmpty else {
            throw BackupError.empty(path: directory)
        }
        try register.copy(
            to: "\(staging)/keys", passphrase: keyPassphrase, includesPrivate: keyPassphrase != nil)
        for name in [RunningLane.trustFileName, PeopleFile.fileName] {
            try copy("\(directory)/\(name)", to: "\(staging)/\(name)")
        }
        try copyFolder("chain", into: staging)
        if !configuration.isEmpty { try make("\(staging)/configuration") }
        for path in configuration {
            let name = URL(fileURLWithPath: path).lastPathComponent
            guard BackupManifest.isPlain(name), access(path, F_OK) == 0 else {
                throw BackupError.unreadable(path: path, detail: String(cString: strerror(ENOENT)))
            }
            try copy(path, to: "\(staging)/configuration/\(name)")
        }
        let manifest = BackupManifest(
            lane: summary.lane ?? owner.lane, origin: owner.origin, at: at, epoch: summary.epoch,
            counter: summary.counter, head: summary.head, holdsKeys: keyPassphrase != nil,
            files: try files(in: staging))
        let bytes = try manifest.bytes()
        let path = "\(staging)/\(BackupManifest.fileName)"
        do throws(DurableFile.Failure) { try DurableFile.replace(bytes, at: path, mode: 0o600) } catch {
            throw BackupError.unwritable(path: path, detail: error.words)
        }
        try name(staging, target, manifest)
        return (manifest, Digest(of: bytes))
    }

    /// Gives the backup its name.
    private func name(_ staging: String, _ target: String, _ manifest: BackupManifest) throws {
        do {
            guard target.hasSuffix(".tar") else {
                try DurableFile.synchronizeDirectory(of: "\(staging)/x")
                guard rename(staging, target) == 0 else { throw DurableFile.Failure(path: target) }
                try DurableFile.synchronizeDirectory(of: target)
                return
            }
            // The manifest first, so that whoever reads the file knows at once what is to come.
            let names = [BackupManifest.fileName] + manifest.files.map(\.name)
            let packed = "\(staging)/packed"
            try TarFile.write(names.map { ($0, "\(staging)/\($0)") }, to: packed)
            guard rename(packed, target) == 0 else { throw DurableFile.Failure(path: target) }
            try DurableFile.synchronizeDirectory(of: target)
        } catch let failure as DurableFile.Failure {
            throw BackupError.unwritable(path: failure.path, detail: failure.words)
        } catch let error as TarFile.Malformed {
            throw BackupError.unwritable(path: target, detail: error.detail)
        }
    }

    private func make(_ folder: String) throws(BackupError) {
        guard mkdir(folder, 0o700) == 0 else {
            throw .unwritable(path: folder, detail: String(cString: strerror(errno)))
        }
    }

    /// Copies a file; one that is not there is not in the backup.
    private func copy(_ source: String, to target: String) throws(BackupError) {
        guard access(source, F_OK) == 0 else { return }
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(source).bytes } catch {
            throw .unreadable(path: source, detail: error.words)
        }
        do { try DurableFile.replace(bytes, at: target, mode: 0o600) } catch {
            throw .unwritable(path: target, detail: error.words)
        }
    }

    private func copyFolder(_ name: String, into staging: String) throws(BackupError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(name)")) ?? []
        guard !names.isEmpty else { return }
        try make("\(staging)/\(name)")
        for file in names where BackupManifest.isPlain(file) {
            try copy("\(directory)/\(name)/\(file)", to: "\(staging)/\(name)/\(file)")
        }
    }

    /// The files of a folder as a manifest lists them.
    private func files(in folder: String) throws -> [BackupManifest.File] {
        try BackupFolder.names(in: folder).map { name in
            let path = "\(folder)/\(name)"
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            do throws(DurableFile.Failure) {
                return BackupManifest.File(name: name, size: size, digest: try Digest(ofFile: path))
            } catch {
                throw BackupError.unreadable(path: path, detail: error.words)
            }
        }
    }
}

/// The files of a backup that is a folder.
enum BackupFolder {
    /// The names of all files, one folder deep, in their order.
    static func names(in folder: String) -> [String] {
        let files = FileManager.default
        var names: [String] = []
        for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] {
            var isFolder: ObjCBool = false
            guard files.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                names += ((try? files.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? []).map { "\(name)/\($0)" }
            } else {
                names.append(name)
            }
        }
        return names.sorted()
    }
}
