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
    @Option(name: .customLong("lane"), help: help(.helpLaneFile)) var laneFile: String
    @Option(help: help(.helpCheckMaterials)) var materials: String?
    @Option(name: .customLong("reference"), help: help(.helpCheckReference)) var references: [String] = []
    @Option(name: .customLong("reading"), help: help(.helpCheckReading)) var readings: [ReferenceReadings] = []
    @Flag(help: help(.helpCheckVehicle)) var vehicleConnected = false
    @Option(help: help(.helpData)) var data: String?
    @Option(help: help(.helpPassphraseFile)) var passphraseFile: String?
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var signIn: SignInOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let inputs = try TestInputs(lane: laneFile, order: nil, share: try output.shareDirectory())
        let registry = try materials.map { try ReferenceRegistry(document: try Document(contentsOf: $0)) }
        guard let directory = data ?? inputs.configuration.dataDirectory else {
            throw CommandFailure(.configuration, .commandNoData)
        }
        let authority = AuthorityLink(inputs.configuration)
        let lane = try await RunningLane.open(
            inputs.configuration, directory: directory, passphrase: try Passphrase.read(passphraseFile),
            newestRecord: authority?.newestRecord,
            time: SystemLaneTime(rate: inputs.configuration.simulation?.rate ?? 1),
            software: try Software.identity(), guardExecutable: ShareDirectory.executablePath(),
            delivery: try .of(inputs.configuration))
        KeysCommand.warn(ofKeysInClear: lane.keysInClear, output.catalogue)
        do {
            var runner = CheckRunner(lane: lane, catalogue: output.catalogue, isJSON: json, authority: authority)
            runner.person = try await signIn.signIn(lane.journal, for: .check)
            var request = CheckRequest(
                kind: kind, references: references, readings: readings.map(\.values), registry: registry,
                vehicleConnected: vehicleConnected)
            request.clockOffsets = try await runner.clockOffsets(for: kind)
            let keyboard = Keyboard(lane.panel)
            defer { keyboard.stop() }
            #if Simulation
                if let simulation = inputs.configuration.simulation {
                    let technician = SimulatedTechnician(
                        panel: lane.panel, references: registry ?? lane.desk.assurance?.references ?? .empty,
                        bench: try simulatorControl(simulation.control))
                    runner.follow = { await technician.follow($0) }
                }
            #endif
            let report = try await runner.run(request)
            if json {
                Output.json(report.json)
            } else {
                for line in report.lines(output.catalogue, .standardOutput) { Output.line(line) }
            }
            await lane.close()
        } catch {
            await lane.close()
            throw error
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

/// Runs checks on an open lane, one after the other.
struct CheckRunner {
    let lane: RunningLane
    let catalogue: Catalogue
    let isJSON: Bool
    /// Where records are delivered and clocks compared; nil for nowhere.
    let authority: AuthorityLink?
    /// Who is signed in; nil where nobody has to be.
    var person: SignedInPerson?
    /// Hears every frame's status, for a simulated technician.
    var follow: @Sendable (ProcedureStatus) async -> Void = { _ in }

    /// Runs one check, exports and verifies its record, and delivers what is due.
    ///
    /// - Throws: `CheckProblems` and what preparing and sealing throw.
    func run(_ request: CheckRequest) async throws -> CheckReport {
        let prepared = try await lane.session(for: request, by: person)
        if !isJSON { for warning in prepared.warnings { Output.line("! " + catalogue.text(warning)) } }
        var runner = TestRunner(lane: lane, catalogue: catalogue, isJSON: isJSON, authority: authority)
        runner.person = person
        runner.follow = follow
        guard let report = CheckReport(try await runner.carryOut(prepared.session), warnings: prepared.warnings) else {
            throw CommandFailure(.software, .checkNoOutcome, ["check": .message(request.kind.message)])
        }
        return report
    }

    /// The offsets of the lane's clock against the authority's, as many as the pack asks for; empty for every check
    /// but that of the clock, and for a lane without an authority.
    ///
    /// - Throws: `TransportError`, `AuthorityQueryError`.
    func clockOffsets(for kind: CheckKind) async throws -> [Double] {
        guard kind == .clock, let authority, let rules = lane.desk.assurance?.rules,
            let count = try CheckPackLibrary.requirements(rules.checkPack)?.others.clockExchanges.count
        else { return [] }
        return try await authority.ask { transport in
            var offsets: [Double] = []
            for _ in 0..<count {
                offsets.append(try await AuthorityQuery.clockOffset(at: authority.address, by: transport))
            }
            return offsets
        }
    }
}
