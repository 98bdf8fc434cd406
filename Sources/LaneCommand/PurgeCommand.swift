import ArgumentParser
import Assurance
import Evidence
import Foundation
import Journal
import Lane
import Messages

extension JournalCommand {
    /// `lane journal purge`: removes what has its receipt and is past its retention term.
    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "purge", abstract: help(.helpJournalPurge))

        @Flag(help: help(.helpPurgeApply)) var apply = false
        @OptionGroup var data: DataOption
        @OptionGroup var signIn: SignInOptions
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let rules = try AssuranceRules.builtIn()
            let now = Date()
            let limit = try Self.limit(now, years: rules.recordsKept.count)
            let removal: Removal
            if apply {
                // Nobody tests meanwhile: only the lane itself may change its journal.
                let journal = try await Journal.open(data.directory)
                do {
                    try await EpochPermission.require(signIn, journal)
                    removal = try await journal.remove(
                        sealedBefore: limit,
                        rule: [
                            "pack": .string(rules.id), "sha256": .string(Digest(of: rules.bytes).description),
                            "years": .integer(Int64(rules.recordsKept.count)),
                        ], at: now)
                    try journal.close()
                } catch {
                    try? journal.close()
                    throw error
                }
            } else {
                removal = try await data.openForReading().removable(sealedBefore: limit)
            }
            show(removal, limit, rules)
        }

        /// The moment before which records are past their term, in the lane's calendar.
        private static func limit(_ now: Date, years: Int) throws -> Date {
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = TimeZone(secondsFromGMT: Int(ChainFiles.offsetHours) * 3600) ?? calendar.timeZone
            guard let limit = calendar.date(byAdding: .year, value: -years, to: calendar.startOfDay(for: now)) else {
                throw CommandFailure(.software, .documentOutOfRange, ["key": "years", "value": .integer(years)])
            }
            return limit
        }

        private func show(_ removal: Removal, _ limit: Date, _ rules: AssuranceRules) {
            if json {
                Output.json([
                    "applied": .boolean(apply), "sealedBefore": .string(limit.formatted(.iso8601)),
                    "records": .array(removal.counters.map { .integer(Int64($0)) }),
                    "bytes": .integer(Int64(removal.bytes)),
                    "withoutReceipt": .array(removal.withoutReceipt.map { .integer(Int64($0)) }),
                ])
                return
            }
            let kept = rules.recordsKept
            var arguments: [String: MessageArgument] = [
                "count": .integer(removal.counters.count), "limit": .text(limit.formatted(.iso8601)),
                "bytes": .integer(removal.bytes),
            ]
            if !apply {
                arguments["years"] = .integer(kept.count)
                arguments["source"] = .text("\(rules.id), \(kept.source)")
                arguments["grade"] = .text(kept.grade)
            }
            Output.line(output.catalogue.text(Message(apply ? .removalDone : .removalPlan, arguments)))
            if !removal.withoutReceipt.isEmpty {
                let numbers = removal.withoutReceipt.prefix(20).map(String.init).joined(separator: ", ")
                Output.line(
                    output.catalogue.text(
                        Message(
                            .removalWithoutReceipt,
                            ["count": .integer(removal.withoutReceipt.count), "records": .text(numbers)])))
            }
        }
    }
}
