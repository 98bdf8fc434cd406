import ArgumentParser
import Evidence
import Foundation
import Journal
import Messages

/// `lane outbox`: what is on its way to the authority.
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: help(.helpOutbox), subcommands: [List.self, Deliver.self, Retry.self])

    /// `lane outbox list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: help(.helpOutboxList))

        @OptionGroup var data: DataOption
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let items = try await journal.outbox()
            if json {
                Output.json(.array(items.map(\.json)))
                return
            }
            for item in items {
                let problem = item.problem.map { "\t\(output.catalogue.text($0))" } ?? ""
                Output.line("\(item.counter)\t\(item.state.rawValue)\t\(item.attempts)\(problem)")
            }
        }
    }

    /// `lane outbox deliver`
    struct Deliver: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "deliver", abstract: help(.helpOutboxDeliver))

        @Option(help: help(.helpAuthority)) var authority: String
        @Option(help: help(.helpSeconds)) var seconds = 30.0
        @OptionGroup var data: DataOption
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await Journal.open(data.directory)
            let delivered = await journal.deliver(to: authority, for: seconds)
            let pending = try await journal.outbox(.pending)
            try journal.close()
            if json {
                Output.json([
                    "delivered": .array(delivered.map(\.json)), "pending": .integer(Int64(pending.count)),
                ])
            } else {
                for item in delivered {
                    Output.line("\(item.counter)\t\(item.state.rawValue)\t\(item.receiptValue?["id"]?.text ?? "–")")
                }
                for item in pending {
                    Output.line(
                        "\(item.counter)\t\(item.state.rawValue)\t\(item.problem.map { output.catalogue.text($0) } ?? "")"
                    )
                }
            }
            if !pending.isEmpty { throw ExitCode.tryAgain }
        }
    }

    /// `lane outbox retry`
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "retry", abstract: help(.helpOutboxRetry))

        @Argument(help: help(.helpCounter)) var counter: Int
        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await Journal.open(data.directory)
            try await journal.retryQuarantined(counter, at: Date())
            try journal.close()
        }
    }
}

extension Delivery {
    /// The delivery as `--json` lists it.
    var json: JSONValue {
        [
            "counter": .integer(Int64(counter)), "state": .string(state.rawValue),
            "attempts": .integer(Int64(attempts)), "digest": .string(payloadDigest.description),
            "problem": problem.map { .string(Catalogue(.english).text($0)) } ?? .null,
            "receipt": receiptValue ?? .null,
        ]
    }
}
