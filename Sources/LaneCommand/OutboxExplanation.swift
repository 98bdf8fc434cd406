import ArgumentParser
import Evidence
import Foundation
import Journal
import Messages

extension OutboxCommand {
    /// `lane outbox explain`
    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "explain", abstract: help(.helpOutboxExplain))

        @Argument(help: help(.helpItem)) var number: Int?
        @Option(help: help(.helpLimit)) var limit = 50
        @OptionGroup var data: DataOption
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await data.openForReading()
            let items: [Delivery]
            if let number {
                items = [try await journal.delivery(number)]
            } else {
                items =
                    try await journal.outbox(.quarantined, limit: limit)
                    + journal.outbox(.pending, limit: limit)
            }
            guard !items.isEmpty else {
                Output.line(output.catalogue.text(Message(.outboxEmpty)))
                return
            }
            for item in items {
                for message in try await OutboxExplanation(item, in: journal).messages {
                    Output.line(output.catalogue.text(message))
                }
            }
        }
    }
}

/// Why an item is where it is, and what to do, in sentences.
struct OutboxExplanation {
    /// What to tell the person, in order.
    let messages: [Message]

    init(_ item: Delivery, in journal: Journal) async throws {
        let title = MessageArgument.text(item.title)
        switch item.state {
        case .delivered: messages = [Message(.outboxDelivered, ["item": title])]
        case .quarantined:
            messages = [
                Message(.outboxQuarantined, ["item": title, "problem": Self.words(item.problem)]),
                Message(.outboxNext, ["number": .integer(item.number)]),
            ]
        case .pending:
            if let other = try await journal.holdingUp(item) {
                messages = [Message(.outboxHeldUp, ["item": title, "other": .text(other.title)])]
            } else if item.attempts > 0 {
                messages = [
                    Message(
                        .outboxPending,
                        [
                            "item": title, "attempts": .integer(item.attempts), "problem": Self.words(item.problem),
                            "next": .text(item.notBefore.formatted(.iso8601)),
                        ])
                ]
            } else {
                let isFirst = try await journal.outbox(.pending, limit: 1).first?.number == item.number
                messages = [Message(isFirst ? .outboxNever : .outboxWaits, ["item": title])]
            }
        }
    }

    private static func words(_ problem: Message?) -> MessageArgument { problem.map { .message($0) } ?? "–" }
}
