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

/// The lane on which checks are carried out, and who carries them out.
struct CheckLaneOptions: ParsableArguments {
    @Option(name: .customLong("lane"), help: help(.helpLaneFile)) var laneFile: String
    @Option(help: help(.helpCheckMaterials)) var materials: String?
    @Option(help: help(.helpCheckScript)) var script: String?
    @Option(help: help(.helpData)) var data: String?
    @Option(help: help(.helpPassphraseFile)) var passphraseFile: String?
    @OptionGroup var signIn: SignInOptions

    /// The script, if one is named.
    ///
    /// - Throws: `Problems`.
    func readScript() throws -> CheckScript? {
        try script.map { try CheckScript(document: try Document(contentsOf: $0)) }
    }

    /// Opens the lane, signs the person in, and closes everything whatever happens.
    func withRunner(
        _ output: OutputOptions, isJSON: Bool, _ body: (CheckRunner) async throws -> Void
    ) async throws {
        let inputs = try TestInputs(lane: laneFile, order: nil, share: try output.shareDirectory())
        let registry = try materials.map { try ReferenceRegistry(document: try Document(contentsOf: $0)) }
        let script = try readScript()
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
        await lane.accountForLeftovers(output.catalogue)
        do {
            var runner = CheckRunner(lane: lane, catalogue: output.catalogue, isJSON: isJSON, authority: authority)
            runner.person = try await signIn.signIn(lane.journal, for: .check)
            runner.registry = registry
            runner.script = script
            let keyboard = Keyboard(lane.panel) { problems in
                // On a terminal the screen shows them.
                guard !isJSON, !Style.standardOutput.isTerminal else { return }
                for problem in problems { Output.line("! " + output.catalogue.text(problem)) }
            }
            defer { keyboard.stop() }
            runner.keyboard = keyboard
            #if Simulation
                if let simulation = inputs.configuration.simulation {
                    runner.attend(with: try simulatorControl(simulation.control))
                }
            #endif
            try await body(runner)
            await lane.close()
        } catch {
            await lane.close()
            throw error
        }
    }
}
