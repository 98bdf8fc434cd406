import ArgumentParser
import Assurance
import Evidence
import Foundation
import Journal
import Lane
import Messages

/// `lane backup`: copies everything that a lane would lose with its computer, while tests run.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "backup", abstract: help(.helpBackup))

    @Option(help: help(.helpBackupDestination)) var to: String
    @Option(name: .customLong("lane"), help: help(.helpBackupLane)) var laneFile: String?
    @Flag(help: help(.helpBackupKeys)) var withKeys = false
    @Option(help: help(.helpBackupPassphrase)) var backupPassphraseFile: String?
    @OptionGroup var keys: KeyDirectoryOptions
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let keyPassphrase = try BackupPassphrase.read(backupPassphraseFile)
        if withKeys, keyPassphrase == nil { throw BackupError.passphraseNeeded }
        let journal = try await keys.data.openForReading()
        let backup = LaneBackup(of: keys.data.directory, passphrase: try Passphrase.read(keys.passphraseFile))
        let (manifest, digest) = try await backup.write(
            to: to, journal: journal, keyPassphrase: withKeys ? keyPassphrase : nil, configuration: try files(),
            at: Moment.now)
        let size = manifest.files.reduce(0) { $0 + $1.size }
        if json {
            Output.json([
                "backup": .string(to), "lane": .string(manifest.lane), "records": .integer(Int64(manifest.counter)),
                "head": manifest.head.map { .string($0.description) } ?? .null, "keys": .boolean(manifest.holdsKeys),
                "files": .array(manifest.files.map { .string($0.name) }), "bytes": .integer(Int64(size)),
                "manifest": .string(digest.description),
            ])
            return
        }
        Output.line(
            output.catalogue.text(
                Message(
                    .backupMade,
                    [
                        "path": .text(to), "records": .integer(manifest.counter),
                        "files": .integer(manifest.files.count), "bytes": .integer(size),
                        "digest": .text(digest.description),
                    ])))
        if !manifest.holdsKeys { Output.line(output.catalogue.text(Message(.backupWithoutKeys))) }
    }

    /// The lane file and what it names.
    private func files() throws -> [String] {
        guard let laneFile else { return [] }
        let inputs = try TestInputs(lane: laneFile, order: nil, share: try output.shareDirectory())
        return [laneFile] + (inputs.configuration.assurance?.files ?? [])
    }
}

/// `lane restore`: puts a backup into a new data directory and begins a new epoch.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "restore", abstract: help(.helpRestore))

    @Option(help: help(.helpRestoreFrom)) var from: String
    @Option(help: help(.helpEpochReason)) var reason: String
    @Option(help: help(.helpEpochNumber)) var epoch = 2
    @Option(help: help(.helpBackupPassphrase)) var backupPassphraseFile: String?
    @OptionGroup var keys: KeyDirectoryOptions
    @OptionGroup var signIn: SignInOptions
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = keys.data.directory
        do {
            let outcome = try await LaneRestore(from: from, to: target).run(
                keyPassphrase: try BackupPassphrase.read(backupPassphraseFile),
                passphrase: try Passphrase.read(keys.passphraseFile), reason: reason, atLeast: epoch, at: Date()
            ) { journal, _ in
                try await EpochPermission.require(signIn, journal)
            }
            show(outcome, target)
        } catch let error as BackupError {
            for detail in error.details where detail != error.message {
                Output.line("  \(output.catalogue.text(detail)) [\(detail.code.rawValue)]")
            }
            throw error
        }
    }

    private func show(_ outcome: LaneRestore.Outcome, _ target: String) {
        if json {
            Output.json([
                "data": .string(target), "lane": .string(outcome.manifest.lane),
                "records": .integer(Int64(outcome.manifest.counter)), "epoch": .integer(Int64(outcome.epoch.epoch)),
                "after": .integer(Int64(outcome.epoch.after)), "newKeys": .boolean(outcome.madeKeys),
            ])
            return
        }
        var messages = [
            Message(
                .backupRestored,
                [
                    "path": .text(target), "records": .integer(outcome.manifest.counter),
                    "epoch": .integer(outcome.epoch.epoch), "after": .integer(outcome.epoch.after),
                ])
        ]
        if outcome.madeKeys { messages.append(Message(.backupNewKeys)) }
        if outcome.hasConfiguration {
            messages.append(Message(.backupConfiguration, ["path": .text("\(target)/configuration")]))
        }
        for message in messages { Output.line(output.catalogue.text(message)) }
    }
}

extension ChainCommand {
    /// `lane chain begin`: begins a new epoch in a directory that is there.
    struct Begin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "begin", abstract: help(.helpChainBegin))

        @Option(help: help(.helpEpochReason)) var reason: String
        @Option(help: help(.helpEpochNumber)) var epoch = 2
        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var signIn: SignInOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await Journal.open(keys.data.directory)
            do {
                try await EpochPermission.require(signIn, journal)
                let passphrase = try Passphrase.read(keys.passphraseFile)
                let register = try KeyRegister(directory: keys.directory, passphrase: passphrase)
                guard let key = register.entries.last?.key else {
                    throw BackupError.empty(path: keys.data.directory)
                }
                let lane = try await journal.records(limit: 1).first?.lane ?? key.lane
                let (begun, madeKeys) = try await EpochBeginning(lane: lane, origin: key.origin, reason: reason).begin(
                    in: journal, atLeast: epoch, passphrase: passphrase, at: Date())
                try journal.close()
                Output.line(
                    output.catalogue.text(
                        Message(
                            .epochBegun,
                            [
                                "epoch": .integer(begun.epoch), "lane": .text(lane), "after": .integer(begun.after),
                            ])))
                if madeKeys { Output.line(output.catalogue.text(Message(.backupNewKeys))) }
            } catch {
                try? journal.close()
                throw error
            }
        }
    }
}

/// Who may begin an epoch: where the lane has people, one who may restore.
enum EpochPermission {
    static func require(_ signIn: SignInOptions, _ journal: Journal) async throws {
        guard try await signIn.signIn(journal, for: .restore) == nil else { return }
        guard try PeopleFile(in: journal.directory).people.isEmpty else { throw PeopleError.nobody(task: .restore) }
    }
}

/// The passphrase of the keys in a backup.
enum BackupPassphrase {
    /// The first line of a file; nil if none is named. The environment's is the lane's own, and not asked.
    static func read(_ path: String?) throws -> [UInt8]? { try path.map { try SignInOptions.password(in: $0) } }
}
