import ArgumentParser
import Evidence
import Foundation
import Journal
import Messages

/// `lane records`: what a data directory holds.
struct RecordsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records", abstract: help(.helpRecords), subcommands: [List.self, Show.self, Export.self])

    /// `lane records list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: help(.helpRecordsList))

        @OptionGroup var data: DataOption
        @Flag(help: help(.helpJSON)) var json = false
        @Option(help: help(.helpLimit)) var limit = 50
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let records = try await journal.records(limit: limit)
            if json {
                Output.json(.array(records.map(\.json)))
                return
            }
            for record in records {
                let summary = try? JSONValue(parsing: record.summary)
                Output.line(
                    "\(record.counter)\t\(record.verdict)\t\(summary?["plate"]?.text ?? "–")\t\(record.sealedAt)\t"
                        + "\(record.delivery.rawValue)\t\(record.payloadDigest)")
            }
        }
    }

    /// `lane records show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: help(.helpRecordsShow))

        @Argument(help: help(.helpCounter)) var counter: Int
        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let envelope = try Envelope(parsing: try await journal.envelope(of: counter))
            Output.line(String(decoding: envelope.payload, as: UTF8.self))
        }
    }

    /// `lane records export`
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "export", abstract: help(.helpRecordsExport))

        @Argument(help: help(.helpCounter)) var counter: Int
        @Option(help: help(.helpExportTo)) var to: String
        @OptionGroup var data: DataOption
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            do { try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true) } catch {
                throw CommandFailure(.cannotCreate, .commandCannotCreate, ["path": .text(to)])
            }
            let files = try await journal.export(counter, to: to)
            if json {
                Output.json(["files": .array(files.map(JSONValue.string))])
            } else {
                for file in files { Output.line(file) }
            }
        }
    }
}

/// The option that names a data directory.
struct DataOption: ParsableArguments {
    @Option(help: help(.helpData)) var data: String?

    /// The directory: the one named, or the demo's.
    var directory: String { data ?? DataDirectory.demo }

    /// Opens the journal beside a lane that may be running.
    func openForReading() async throws -> Journal { try await Journal.open(directory, as: .reading) }
}

/// Where data is kept when nobody says.
enum DataDirectory {
    /// The demo's data directory, in the user's state folder (XDG base directories).
    static var demo: String {
        let environment = ProcessInfo.processInfo.environment
        let state = environment["XDG_STATE_HOME"] ?? "\(environment["HOME"] ?? "/tmp")/.local/state"
        return "\(state)/laneagent/demo"
    }

    /// The data directory of the lane whose checks are shown.
    static var demoChecks: String { demo + "-checks" }

    /// Makes sure that a directory is there, for its owner only.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be created.
    static func create(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.cannotCreate, .commandCannotCreate, ["path": .text(path)])
        }
    }
}

extension StoredRecord {
    /// The record as `--json` lists it.
    var json: JSONValue {
        let summary = (try? JSONValue(parsing: summary)) ?? .null
        return [
            "counter": .integer(Int64(counter)), "verdict": .string(verdict),
            "digest": .string(payloadDigest.description),
            "sealedAt": .string(sealedAt), "delivery": .string(delivery.rawValue), "lane": .string(lane),
            "plate": summary["plate"] ?? .null, "reason": summary["reason"] ?? .null,
        ]
    }
}
