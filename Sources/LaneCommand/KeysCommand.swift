import ArgumentParser
import Evidence
import Foundation
import Journal
import Messages

/// `lane keys`: the keys that a lane signs with, and those that a verifier believes.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: help(.helpKeysCommand),
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self, Export.self, Enroll.self])

    /// `lane keys create`
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "create", abstract: help(.helpKeysCreate))

        @OptionGroup var owner: KeyOwnerOptions
        @OptionGroup var keys: KeyDirectoryOptions
        @Option(name: .customLong("algorithm"), help: help(.helpAlgorithm)) var algorithms: [SignatureAlgorithm] = []
        @Option(help: help(.helpNotAfter)) var notAfter: String?
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let notAfter, Timestamp(notAfter) == nil { throw ValidationError("--not-after: \(notAfter)") }
            let algorithms = algorithms.isEmpty ? SignatureAlgorithm.allCases : algorithms
            try await keys.change { register, _ in
                var made: [(String, JSONObject)] = []
                for algorithm in algorithms {
                    let now = Moment.now
                    let (entry, _) = try register.create(
                        lane: owner.lane, origin: owner.origin, algorithm, validity: KeyValidity(notAfter: notAfter),
                        at: now)
                    made.append(("key.created", entry.auditDetail))
                    Output.line("\(algorithm.rawValue)  \(entry.key.groupedID)")
                }
                KeysCommand.warnOfKeysInClear(register, output.catalogue)
                return made
            }
        }
    }

    /// `lane keys list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: help(.helpKeysList))

        @OptionGroup var keys: KeyDirectoryOptions
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let register = try keys.register()
            if json {
                Output.json(.array(register.entries.map { .object($0.listed) }))
                return
            }
            for entry in register.entries {
                Output.line(
                    "\(entry.key.algorithm.rawValue)  \(entry.key.lane)  \(entry.key.origin.rawValue)  "
                        + "\(entry.generation)  \(entry.state)  \(entry.created)")
                Output.line("  \(entry.key.groupedID)")
            }
            KeysCommand.warnOfKeysInClear(register, output.catalogue)
        }
    }

    /// `lane keys rotate`
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rotate", abstract: help(.helpKeysRotate))

        @OptionGroup var owner: KeyOwnerOptions
        @OptionGroup var keys: KeyDirectoryOptions
        @Option(name: .customLong("algorithm"), help: help(.helpAlgorithm)) var algorithms: [SignatureAlgorithm] = []
        @Option(help: help(.helpFromCounter)) var fromCounter: Int?
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let algorithms = algorithms.isEmpty ? SignatureAlgorithm.allCases : algorithms
            try await keys.change { register, moment in
                let first = fromCounter ?? moment.next
                var made: [(String, JSONObject)] = []
                for algorithm in algorithms {
                    let old = register.active(lane: owner.lane, origin: owner.origin, algorithm)
                    let (entry, _) = try register.rotate(
                        lane: owner.lane, origin: owner.origin, algorithm, first: first, epoch: moment.epoch,
                        at: Moment.now)
                    var detail = entry.auditDetail
                    detail["old"] = old.map { .string($0.key.id) } ?? .null
                    made.append(("key.rotated", detail))
                    Output.line("\(algorithm.rawValue)  \(entry.key.groupedID)")
                    Output.line("  \(keys.directory)/rotation-\(entry.key.id.prefix(16)).json")
                }
                KeysCommand.warnOfKeysInClear(register, output.catalogue)
                return made
            }
        }
    }

    /// `lane keys revoke`
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "revoke", abstract: help(.helpKeysRevoke))

        @Argument(help: help(.helpFingerprint)) var fingerprint: String
        @Option(help: help(.helpReason)) var reason: String
        @Option(help: help(.helpFromCounter)) var fromCounter: Int?
        @Option(help: help(.helpTrust)) var trust: String?
        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let trust {
                // The authority revokes what it has enrolled; it has no private keys.
                guard let fromCounter else { throw ValidationError("--from-counter") }
                var file = try TrustFile(contentsOf: trust)
                let revocation = KeyRevocation(fromCounter: fromCounter, at: Moment.now, reason: reason)
                let id = fingerprint.lowercased().filter { $0 != " " }
                guard file.revoke(id: id, revocation) else { throw KeyRegisterError.unknown(id: fingerprint) }
                try file.write(to: trust)
                return
            }
            try await keys.change { register, moment in
                let entry = try register.entry(fingerprint)
                let revocation = KeyRevocation(
                    fromCounter: fromCounter ?? moment.next, at: Moment.now, reason: reason)
                let statement = try register.revoke(fingerprint, revocation, epoch: moment.epoch)
                if statement != nil {
                    Output.line("\(keys.directory)/revocation-\(entry.key.id.prefix(16)).json")
                }
                var detail = entry.auditDetail
                detail["reason"] = .string(reason)
                detail["fromCounter"] = .integer(Int64(revocation.fromCounter))
                return [("key.revoked", detail)]
            }
        }
    }

    /// `lane keys export`
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "export", abstract: help(.helpKeysExport))

        /// What is exported.
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case pem, jwk, request
        }

        @Argument(help: help(.helpFingerprint)) var fingerprint: String?
        @Option(help: help(.helpKeyFormat)) var format = Format.pem
        @Option(name: .customLong("algorithm"), help: help(.helpAlgorithm)) var algorithms: [SignatureAlgorithm] = []
        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let register = try keys.register()
            let wanted = algorithms.isEmpty ? SignatureAlgorithm.allCases : algorithms
            let chosen =
                try fingerprint.map { [try register.entry($0)] }
                ?? register.entries.filter { $0.isActive && wanted.contains($0.key.algorithm) }
            guard let first = chosen.first else { throw KeyRegisterError.unknown(id: fingerprint ?? "–") }
            switch format {
            case .pem:
                for entry in chosen { StandardStream.output.write(Array(entry.key.pem)) }
            case .jwk:
                for entry in chosen { if let key = entry.key.webKey { Output.json(key) } }
            case .request:
                // One request is of one lane and origin.
                let mine = chosen.filter { $0.key.lane == first.key.lane && $0.key.origin == first.key.origin }
                let request = try KeyEnrolment.sealed(
                    mine.map { try register.signingKey($0) }, lane: first.key.lane, origin: first.key.origin,
                    at: Moment.now)
                StandardStream.output.write(Array(request.bytes))
            }
        }
    }

    static func warnOfKeysInClear(_ register: KeyRegister, _ catalogue: Catalogue) {
        warn(ofKeysInClear: register.keysInClear(), catalogue)
    }

    static func warn(ofKeysInClear paths: [String], _ catalogue: Catalogue) {
        for path in paths {
            let text = catalogue.text(Message(.keyInClear, ["path": .text(path)]))
            StandardStream.errors.write(text + "\n")
        }
    }
}

/// Whose keys.
struct KeyOwnerOptions: ParsableArguments {
    @Option(help: help(.helpKeyLane)) var lane: String
    @Option(help: help(.helpKeyOrigin)) var origin = RecordOrigin.measured
}

/// Where a lane's keys are.
struct KeyDirectoryOptions: ParsableArguments {
    @OptionGroup var data: DataOption
    @Option(help: help(.helpPassphraseFile)) var passphraseFile: String?

    /// The key directory of the data directory.
    var directory: String { "\(data.directory)/keys" }

    /// Opens the register.
    ///
    /// - Throws: ``CommandFailure``, `SigningKeyError` or `KeyRegisterError`.
    func register() throws -> KeyRegister {
        try KeyRegister(directory: directory, passphrase: try Passphrase.read(passphraseFile))
    }

    /// Changes the register while nothing else uses the data directory, and notes that in the audit trail.
    ///
    /// - Parameter body: makes the changes, given where the chain stands, and returns the audit entries.
    func change(_ body: (inout KeyRegister, KeyMoment) throws -> [(kind: String, detail: JSONObject)]) async throws {
        try DataDirectory.create(data.directory)
        let journal = try await Journal.open(data.directory)
        var register = try register()
        let moment = KeyMoment(
            next: (try await journal.records(limit: 1).first?.counter ?? 0) + 1, epoch: try await journal.epoch())
        for (kind, detail) in try body(&register, moment) {
            try await journal.audit(kind, SystemAccount.current.noted(in: detail), at: Date())
        }
        try journal.close()
    }
}

/// Where a lane's chain stands when its keys are changed.
struct KeyMoment {
    /// The number of the next record.
    let next: Int
    /// The lane's epoch.
    let epoch: Int
}

/// The passphrase of private keys.
enum Passphrase {
    /// The environment's name for the file.
    static let variable = "LANE_PASSPHRASE_FILE"

    /// The first line of a file; nil if neither option nor environment names one.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be read.
    static func read(_ option: String?) throws -> [UInt8]? {
        guard let path = option ?? ProcessInfo.processInfo.environment[variable] else { return nil }
        guard let content = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text(path)])
        }
        return Array(content.prefix { $0 != 0x0A && $0 != 0x0D })
    }
}

/// The wall clock for what people do.
enum Moment {
    /// Now, in UTC, to the second.
    static var now: String { Date().formatted(.iso8601) }
}

extension KeyRegister.Entry {
    /// `active`, `retired` or `revoked`.
    var state: String { key.revocation != nil ? "revoked" : isActive ? "active" : "retired" }

    var listed: JSONObject {
        var object = key.object
        object["state"] = .string(state)
        object["generation"] = .integer(Int64(generation))
        object["created"] = .string(created)
        return object
    }
}
