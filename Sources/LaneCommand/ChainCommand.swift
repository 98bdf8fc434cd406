import ArgumentParser
import Evidence
import Foundation
import Journal
import Lane
import Messages

/// `lane chain`: a lane's records as one chain, its signed daily roots, and proofs from them.
struct ChainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chain", abstract: help(.helpChain),
        subcommands: [Root.self, Prove.self, Verify.self, Check.self, Begin.self])

    /// `lane chain root`: signs the roots of the days that are over.
    struct Root: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "root", abstract: help(.helpChainRoot))

        @Option(help: help(.helpDay)) var day: String?
        @OptionGroup var keys: KeyDirectoryOptions
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await keys.data.openForReading()
            let records = try await journal.allRecords()
            let register = try keys.register()
            let epochs = try await journal.epochs()
            let today = Timestamp(Moment.now)?.day(offsetHours: ChainFiles.offsetHours) ?? ""
            let days = Set(records.map(\.day)).filter { day == nil ? $0 < today : $0 == day }.sorted()
            try ChainFiles.createDirectory(of: keys.data.directory)
            for day in days {
                let included = records.prefix { $0.day <= day }
                let path = ChainFiles.path(day, included.count, in: keys.data.directory)
                // A day that has not ended may be signed again once it has more records, each root in its own file.
                if FileManager.default.fileExists(atPath: path) { continue }
                guard let lane = included.last?.lane else { continue }
                let signers = try register.activeKeys(lane: lane, after: included.count)
                guard let origin = signers.first?.origin else {
                    throw KeyRegisterError.noActive(lane: lane, origin: "–", algorithm: "–")
                }
                let header = StatementHeader(
                    .treeHead, lane: lane, epoch: epochs.epoch(of: included.count), origin: origin,
                    signing: signers.map(\.algorithm), at: Moment.now)
                guard let head = TreeHead(included.map(\.payloadDigest), day: day, header: header) else { continue }
                let bytes = try head.sealed(with: signers).bytes
                do throws(DurableFile.Failure) {
                    _ = try DurableFile.create(bytes, at: path, mode: 0o644)
                } catch {
                    throw CommandFailure(.cannotCreate, .commandCannotCreate, ["path": .text(path)])
                }
                if json {
                    Output.json([
                        "day": .string(day), "size": .integer(Int64(head.size)),
                        "root": .string(head.root.description), "file": .string(path),
                    ])
                } else {
                    Output.line("\(day)  \(head.size)  \(head.root)  \(path)")
                }
            }
        }
    }

    /// `lane chain prove`: the path from a record to a root, or from one root to another.
    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "prove", abstract: help(.helpChainProve))

        @Option(help: help(.helpProveRecord)) var record: Int?
        @Option(help: help(.helpProveFrom)) var from: Int?
        @Option(help: help(.helpProveSize)) var size: Int?
        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (record == nil) != (from == nil) else { throw ValidationError("--record / --from") }
        }

        func run() async throws {
            let records = try await data.openForReading().allRecords()
            let digests = records.map(\.payloadDigest)
            let size = size ?? digests.count
            let lane = records.last?.lane ?? ""
            let proof =
                if let record {
                    ChainProof(lane: lane, digests: digests, counter: record, size: size)
                } else {
                    ChainProof(lane: lane, digests: digests, older: from ?? 0, newer: size)
                }
            guard let proof else {
                throw CommandFailure(.data, .chainNoProof, ["count": .integer(digests.count)])
            }
            Output.line(String(decoding: try proof.bytes(), as: UTF8.self))
        }
    }

    /// `lane chain verify`: every record of a data directory, and its signed roots.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "verify", abstract: help(.helpChainVerify))

        @OptionGroup var data: DataOption
        @OptionGroup var judge: JudgeOptions
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let verifier = try judge.verifier()
            let chain = try await verifier.verifyChain(of: journal)
            var findings = chain.findings
            var heads = 0
            for path in ChainFiles.all(in: data.directory) {
                let name = URL(fileURLWithPath: path).lastPathComponent
                let report = verifier.verifyTreeHead(Array(FileManager.default.contents(atPath: path) ?? Data()))
                findings += report.findings.map { Finding($0.message, at: "\(name) \($0.place)") }
                if let objection = report.content?.objection(from: chain.digests) { findings.append(objection) }
                heads += 1
            }
            if json {
                Output.json([
                    "valid": .boolean(findings.isEmpty), "records": .integer(Int64(chain.counters.count)),
                    "heads": .integer(Int64(heads)), "findings": .array(findings.map(VerifyCommand.json)),
                ])
            } else if findings.isEmpty {
                Output.line(
                    Style.standardOutput.good(
                        output.catalogue.text(
                            Message(.chainValid, ["records": .integer(chain.counters.count), "heads": .integer(heads)]))
                    ))
            } else {
                Output.findings(findings, of: data.directory, output.catalogue)
            }
            if !findings.isEmpty { throw ExitCode.data }
        }
    }

    /// `lane chain check`: a proof against signed roots, by somebody who has no records.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "check", abstract: help(.helpChainCheck))

        @Argument(help: help(.helpProof)) var proof: String
        @Option(name: .customLong("head"), help: help(.helpHead)) var heads: [String] = []
        @Option(help: help(.helpProofRecord)) var record: String?
        @OptionGroup var judge: JudgeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let verifier = try judge.verifier()
            var findings: [Finding] = []
            var known: [TreeHead] = []
            for path in heads {
                let report = verifier.verifyTreeHead(try RecordFiles(envelope: path).envelopeBytes())
                findings += report.findings.map { Finding($0.message, at: "\(path) \($0.place)") }
                if let head = report.content, report.isValid { known.append(head) }
            }
            let (read, problems) = ChainProof.read(try RecordFiles(envelope: proof).envelopeBytes())
            findings += problems
            let digest = try record.map {
                try Envelope(parsing: RecordFiles(envelope: $0).envelopeBytes()).payloadDigest
            }
            if let objection = read?.objection(from: known, record: digest) { findings.append(objection) }
            guard findings.isEmpty else {
                Output.findings(findings, of: proof, output.catalogue)
                throw ExitCode.data
            }
            Output.line(
                Style.standardOutput.good(output.catalogue.text(Message(.chainProofValid, ["file": .text(proof)]))))
        }
    }
}

/// By which keys records are judged, and how strictly.
struct JudgeOptions: ParsableArguments {
    @Option(help: help(.helpKeys)) var keys: String?
    @Flag(help: help(.helpAllowSimulated)) var allowSimulated = false
    @Option(name: .customLong("require"), help: help(.helpRequire)) var required: [SignatureAlgorithm] = []

    /// A verifier that judges so.
    ///
    /// - Throws: ``CommandFailure`` or `TrustFileError`.
    func verifier() throws -> Verifier {
        Verifier(
            trust: try RecordFiles(envelope: "").trust(keys: keys), allowSimulated: allowSimulated, requiring: required)
    }
}

/// The signed roots of a data directory.
enum ChainFiles {
    /// A lane's days are China's.
    static let offsetHours: Int64 = 8

    static func createDirectory(of data: String) throws {
        try DataDirectory.create("\(data)/chain")
    }

    static func path(_ day: String, _ size: Int, in data: String) -> String { "\(data)/chain/\(day)-\(size).json" }

    /// The paths of all roots, the oldest first.
    static func all(in data: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/chain")) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(data)/chain/\($0)" }
    }
}

extension Journal {
    /// Every record, the first one first.
    func allRecords() async throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var before = Int.max
        while true {
            let page = try await self.records(limit: 500, before: before)
            guard let last = page.last else { return records.reversed() }
            records += page
            before = last.counter
        }
    }
}

extension StoredRecord {
    /// The day on which it was sealed, in China's time.
    var day: String { Timestamp(sealedAt)?.day(offsetHours: ChainFiles.offsetHours) ?? "–" }
}

extension KeyRegister {
    /// A lane's keys that sign what comes after so many records, of the one origin that it has keys for.
    func activeKeys(lane: String, after count: Int) throws -> [SigningKey] {
        for origin in RecordOrigin.allCases {
            let found = SignatureAlgorithm.allCases.compactMap { active(lane: lane, origin: origin, $0) }
                .filter { ($0.key.validity.fromCounter ?? 0) <= count }
            if !found.isEmpty { return try found.map { try signingKey($0) } }
        }
        return []
    }
}
