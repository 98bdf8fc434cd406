import ArgumentParser
import Evidence
import Foundation
import Journal
import Lane
import Messages
import Uplink

/// `lane outbox`: what is on its way to the authority.
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: help(.helpOutbox),
        subcommands: [List.self, Show.self, Explain.self, Deliver.self, Retry.self])

    /// `lane outbox list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: help(.helpOutboxList))

        @OptionGroup var data: DataOption
        @Option(help: help(.helpOutboxState), transform: deliveryState) var state: DeliveryState?
        @Option(help: help(.helpOutboxLimit)) var limit = 1_000
        @Option(help: help(.helpOutboxBefore)) var before: Int?
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let (items, earlier) = try await journal.newestDeliveries(state, before: before ?? .max, limit: limit)
            // Beside the list, so that a program that reads it is told as well.
            if earlier > 0 {
                let arguments: [String: MessageArgument] = [
                    "count": .integer(earlier), "number": .integer(items.first?.number ?? before ?? .max),
                ]
                let text = output.catalogue.text(Message(.outboxEarlier, arguments))
                FileHandle.standardError.write(Data((text + "\n").utf8))
            }
            if json {
                Output.json(.array(items.map(\.json)))
                return
            }
            for item in items {
                let problem = item.problem.map { "\t\(output.catalogue.text($0))" } ?? ""
                Output.line("\(item.title)\t\(item.state.rawValue)\t\(item.attempts)\(problem)")
            }
            let statistics = try await journal.outboxStatistics()
            Output.line(
                output.catalogue.text(
                    Message(
                        .outboxSummary,
                        [
                            "pending": .integer(statistics.pending), "quarantined": .integer(statistics.quarantined),
                            "delivered": .integer(statistics.delivered),
                            "oldest": .text(statistics.oldestPending?.formatted(.iso8601) ?? "–"),
                        ])))
        }
    }

    /// `lane outbox show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: help(.helpOutboxShow))

        @Argument(help: help(.helpItem)) var number: Int
        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let item = try await journal.delivery(number)
            let content = try await journal.content(of: number)
            var object = item.json.members ?? JSONObject()
            object["content"] = (try? JSONValue(parsing: content)) ?? .null
            Output.json(.object(object))
        }
    }

    /// `lane outbox deliver`
    struct Deliver: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "deliver", abstract: help(.helpOutboxDeliver))

        @Option(name: .customLong("lane"), help: help(.helpDeliverLane)) var laneFile: String?
        @Option(help: help(.helpAuthority)) var authority: String?
        @Option(help: help(.helpSeconds)) var seconds = 30.0
        @Option(help: help(.helpPin)) var pin: String?
        @Option(name: .customLong("pinned-key"), help: help(.helpPinnedKey), transform: pinnedKey)
        var pinnedKeys: [Digest] = []
        @Option(help: help(.helpClientCertificate)) var clientCertificate: String?
        @Option(help: help(.helpClientKey)) var clientKey: String?
        @OptionGroup var data: DataOption
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try laneFile.map {
                try TestInputs(lane: $0, order: nil, share: try output.shareDirectory()).configuration
            }
            let link = try AuthorityLink(
                configuration, address: authority,
                security: TransportSecurity(
                    pinnedCertificate: pin, pinnedKeys: pinnedKeys, clientCertificate: clientCertificate,
                    clientKey: clientKey))
            let journal = try await Journal.open(data.data ?? configuration?.dataDirectory ?? data.directory)
            let delivered = try await journal.deliver(to: link, for: seconds)
            let pending = try await journal.outbox(.pending, limit: 1_000)
            try journal.close()
            if json {
                Output.json([
                    "delivered": .array(delivered.map(\.json)), "pending": .integer(Int64(pending.count)),
                ])
            } else {
                for item in delivered {
                    Output.line("\(item.title)\t\(item.state.rawValue)\t\(item.receiptValue?["id"]?.text ?? "–")")
                }
                for item in pending {
                    Output.line(
                        "\(item.title)\t\(item.state.rawValue)\t\(item.problem.map { output.catalogue.text($0) } ?? "")"
                    )
                }
            }
            if !pending.isEmpty { throw ExitCode.tryAgain }
        }
    }

    /// `lane outbox retry`
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "retry", abstract: help(.helpOutboxRetry))

        @Argument(help: help(.helpItem)) var number: Int
        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await Journal.open(data.directory)
            try await journal.retry(number, at: Date())
            try journal.close()
        }
    }
}

/// The digest of a key that an argument names.
private func pinnedKey(_ argument: String) throws -> Digest {
    guard let digest = Digest(argument) else { throw ValidationError("--pinned-key: sha256:0123456789abcdef…") }
    return digest
}

/// The state that an argument names.
private func deliveryState(_ argument: String) throws -> DeliveryState {
    guard let state = DeliveryState(rawValue: argument) else {
        throw ValidationError("--state: \(DeliveryState.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return state
}

extension Delivery {
    /// The delivery as `--json` lists it.
    var json: JSONValue {
        [
            "number": .integer(Int64(number)), "kind": .string(kind.rawValue),
            "counter": counter.map { .integer(Int64($0)) } ?? .null, "test": test.map(JSONValue.string) ?? .null,
            "sequence": .integer(Int64(sequence)), "state": .string(state.rawValue),
            "attempts": .integer(Int64(attempts)), "digest": .string(payloadDigest.description),
            "queuedAt": .string(queuedAt.formatted(.iso8601)), "notBefore": .string(notBefore.formatted(.iso8601)),
            "code": problem.map { .string($0.code.rawValue) } ?? .null,
            "problem": problem.map { .string(Catalogue(.english).text($0)) } ?? .null,
            "receipt": receiptValue ?? .null,
        ]
    }
}
