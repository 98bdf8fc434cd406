import ArgumentParser
import Evidence
import Foundation
import Journal
import Messages

/// `lane audit`: the audit trail as files that anyone can verify.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: help(.helpAudit), subcommands: [Export.self, Verify.self])

    static let fileName = "audit.jsonl"
    static let headName = "audit-head.json"

    /// `lane audit export`
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "export", abstract: help(.helpAuditExport))

        @Option(help: help(.helpExportTo)) var to: String
        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await keys.data.openForReading()
            let records = try await journal.records(limit: 1)
            var file: [UInt8] = []
            for entry in try await journal.auditTrail() {
                let detail = (try? JSONValue(parsing: entry.detail))?.members ?? JSONObject()
                let line = AuditLine(
                    number: entry.number, at: entry.at, kind: entry.kind, detail: detail, previous: entry.previous)
                file += try line.bytes() + [0x0A]
            }
            let register = try keys.register()
            let lane = records.first?.lane ?? register.entries.last?.key.lane ?? "–"
            let signers = try register.activeKeys(lane: lane, after: .max)
            guard let origin = signers.first?.origin else {
                throw KeyRegisterError.noActive(lane: lane, origin: "–", algorithm: "–")
            }
            let header = StatementHeader(
                .auditHead, lane: lane, epoch: try await journal.epoch(), origin: origin,
                signing: signers.map(\.algorithm), at: Moment.now)
            guard let head = try AuditHead.sealed(over: file, header: header, with: signers) else { return }
            try DataDirectory.create(to)
            for (name, bytes) in [(AuditCommand.fileName, file), (AuditCommand.headName, head.bytes)] {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(to)/\(name)"), options: .atomic)
                Output.line("\(to)/\(name)")
            }
        }
    }

    /// `lane audit verify`
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "verify", abstract: help(.helpAuditVerify))

        @Argument(help: help(.helpAuditFolder)) var folder: String
        @OptionGroup var judge: JudgeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let file = try RecordFiles(envelope: "\(folder)/\(AuditCommand.fileName)").envelopeBytes()
            let report = try judge.verifier().verifyAuditHead(
                RecordFiles(envelope: "\(folder)/\(AuditCommand.headName)").envelopeBytes())
            let findings = report.findings + (report.content?.findings(in: file) ?? [])
            guard findings.isEmpty, let head = report.content else {
                Output.findings(findings, of: folder, output.catalogue)
                throw ExitCode.data
            }
            Output.line(
                Style.standardOutput.good(output.catalogue.text(Message(.auditValid, ["count": .integer(head.size)]))))
        }
    }
}
