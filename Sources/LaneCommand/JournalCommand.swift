import ArgumentParser
import Evidence
import Foundation
import Journal
import Messages

/// `lane journal`: looks after the journal of a data directory.
struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: help(.helpJournal),
        subcommands: [Check.self, Stats.self, Vacuum.self, Backup.self, Purge.self])

    /// `lane journal check`
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "check", abstract: help(.helpJournalCheck))

        @OptionGroup var data: DataOption
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let findings = try await journal.check()
            if json {
                let list = findings.map { finding in
                    JSONValue.object([
                        "code": .string(finding.code.rawValue),
                        "text": .string(Catalogue(.english).text(finding)),
                    ])
                }
                Output.json(["valid": .boolean(findings.isEmpty), "findings": .array(list)])
            } else if findings.isEmpty {
                let statistics = try await journal.statistics()
                Output.line(
                    output.catalogue.text(
                        Message(
                            .journalCheckGood,
                            [
                                "path": .text(data.directory), "tests": .integer(statistics.tests),
                                "records": .integer(statistics.records),
                                "entries": .integer(statistics.auditEntries),
                            ])))
            } else {
                for finding in findings {
                    Output.line("\(output.catalogue.text(finding)) [\(finding.code.rawValue)]")
                }
            }
            if !findings.isEmpty { throw ExitCode.data }
        }
    }

    /// `lane journal stats`
    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "stats", abstract: help(.helpJournalStats))

        @OptionGroup var data: DataOption
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let statistics = try await data.openForReading().statistics()
            let figures: [(String, Int)] = [
                ("tests", statistics.tests), ("open", statistics.openTests), ("frames", statistics.frames),
                ("records", statistics.records), ("entries", statistics.auditEntries),
                ("pending", statistics.outbox.pending), ("quarantined", statistics.outbox.quarantined),
                ("delivered", statistics.outbox.delivered), ("bytes", statistics.bytes),
                ("unused", statistics.unusedBytes), ("log", statistics.logBytes), ("free", statistics.freeBytes ?? 0),
            ]
            if json {
                var object: JSONObject = ["schema": .string(statistics.schema)]
                for (name, value) in figures { object[name] = .integer(Int64(value)) }
                Output.json(.object(object))
            } else {
                var arguments: [String: MessageArgument] = ["schema": .text(statistics.schema)]
                for (name, value) in figures { arguments[name] = .integer(value) }
                Output.line(output.catalogue.text(Message(.journalStats, arguments)))
            }
        }
    }

    /// `lane journal vacuum`
    struct Vacuum: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "vacuum", abstract: help(.helpJournalVacuum))

        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await Journal.open(data.directory)
            let before = try await journal.statistics()
            try await journal.vacuum()
            let after = try await journal.statistics()
            try journal.close()
            Output.line(
                output.catalogue.text(
                    Message(
                        .journalVacuumed,
                        [
                            "path": .text(data.directory), "before": .integer(before.bytes + before.logBytes),
                            "after": .integer(after.bytes + after.logBytes),
                        ])))
        }
    }

    /// `lane journal backup`
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "backup", abstract: help(.helpJournalBackup))

        @Option(help: help(.helpBackupTo)) var to: String
        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            try await journal.backup(to: to)
            let size = (try? FileManager.default.attributesOfItem(atPath: to)[.size] as? Int) ?? 0
            Output.line(
                output.catalogue.text(
                    Message(.journalBackedUp, ["path": .text(to), "bytes": .integer(size)])))
        }
    }
}
