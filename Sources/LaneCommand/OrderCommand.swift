import ArgumentParser
import Assurance
import Evidence
import Foundation
import Journal
import Lane
import Messages

/// `lane order`: takes over an order of the authority that came by other means than the wire.
struct OrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "order", abstract: help(.helpOrder))

    @Argument(help: help(.helpOrderEnvelope)) var envelope: String
    @OptionGroup var look: LaneLook
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let bytes = FileManager.default.contents(atPath: envelope) else {
            throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text(envelope)])
        }
        let configuration = try look.configuration(output)
        let directory = try look.directory(configuration)
        let journal = try await Journal.open(directory)
        do {
            let desk = try await LockoutDesk.open(
                configuration, journal: journal, origin: LaneLook.origin(configuration),
                trust: try TrustFile(contentsOf: "\(directory)/\(RunningLane.trustFileName)"),
                software: try Software.identity(), sealer: nil, now: { SystemLaneTime().wallTime() })
            let order = try await desk.take(order: Array(bytes), at: Date())
            try journal.close()
            Output.line(
                output.catalogue.text(
                    Message(
                        .orderTaken,
                        ["number": .integer(order.number), "action": .text(order.action.rawValue)])))
        } catch {
            try? journal.close()
            throw error
        }
    }
}
