import ArgumentParser
import Assurance
import Documents
import Evidence
import Foundation
import Lane
import Messages
import Metrology
import Procedures
import Standards
import Uplink

#if Simulation
    import SimulatedInstruments
#endif

/// `lane check`: runs a check of an instrument on a lane.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "check", abstract: help(.helpCheck))

    @Argument(help: help(.helpCheckKind)) var kind: CheckKind
    @OptionGroup var lane: CheckLaneOptions
    @Option(name: .customLong("reference"), help: help(.helpCheckReference)) var references: [String] = []
    @Option(name: .customLong("reading"), help: help(.helpCheckReading)) var readings: [ReferenceReadings] = []
    @Flag(help: help(.helpCheckVehicle)) var vehicleConnected = false
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let script = try lane.readScript()
        guard script.map({ $0[kind] != nil }) ?? true else {
            throw CommandFailure(.noInput, .checkScriptLacks, ["check": .text(kind.rawValue)])
        }
        try await lane.withRunner(output, isJSON: json) { runner in
            let request = CheckRequest(
                kind: kind, references: references, readings: readings.map(\.values), registry: runner.registry,
                vehicleConnected: vehicleConnected)
            let report = try await runner.runRepeatedly(request)
            if json {
                Output.json(report.json)
            } else if !report.isShown {
                for line in report.lines(output.catalogue, .standardOutput) { Output.line(line) }
            }
        }
    }
}

/// `lane opening`: every daily check that is due on a lane, one after the other.
struct OpeningCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "opening", abstract: help(.helpLaneOpening))

    @OptionGroup var lane: CheckLaneOptions
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await lane.withRunner(output, isJSON: json) { runner in
            let opening = OpeningRun(runner: runner, catalogue: output.catalogue, isJSON: json)
            if try await !opening.run() { throw ExitCode.tryAgain }
        }
    }
}

/// What a reference instrument shows at one point, as `CHANNEL=VALUE,CHANNEL=VALUE`.
struct ReferenceReadings: ExpressibleByArgument {
    let values: [ChannelID: RoundedDecimal]

    init?(argument: String) {
        var values: [ChannelID: RoundedDecimal] = [:]
        for pair in argument.split(separator: ",") {
            let halves = pair.split(separator: "=")
            guard halves.count == 2, let channel = ChannelID(rawValue: String(halves[0])),
                let value = RoundedDecimal(String(halves[1])), values.updateValue(value, forKey: channel) == nil
            else { return nil }
        }
        guard !values.isEmpty else { return nil }
        self.values = values
    }
}
