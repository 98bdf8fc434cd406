import ArgumentParser
import Assurance
import Evidence
import Foundation
import Lane
import Messages
import Procedures
import Standards
import Uplink

#if Simulation
    import SimulatedInstruments
#endif

/// `lane test`: runs a test on a lane.
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "test", abstract: help(.helpTest))

    @Argument(help: help(.helpMethod)) var method: TestMethod
    @Option(name: .customLong("lane"), help: help(.helpLaneFile)) var laneFile: String
    @Option(help: help(.helpOrderFile)) var order: String
    @Option(help: help(.helpChecksFile)) var checks: String?
    @Option(help: help(.helpData)) var data: String?
    @Option(help: help(.helpPassphraseFile)) var passphraseFile: String?
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var signIn: SignInOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let inputs = try TestInputs(
            lane: laneFile, order: order, checks: checks, method: method, share: try output.shareDirectory())
        guard let order = inputs.order else { return }
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
            var runner = TestRunner(
                lane: lane, catalogue: output.catalogue, isJSON: json, authority: authority)
            runner.person = try await signIn.signIn(lane.journal, for: .test)
            let keyboard = Keyboard(lane.panel)
            defer { keyboard.stop() }
            runner.desk = keyboard.desk
            #if Simulation
                if let simulation = inputs.configuration.simulation {
                    let control = try simulatorControl(simulation.control)
                    let driver = SimulatedDriver(panel: lane.panel) { control.send($0) }
                    runner.follow = { await driver.follow($0) }
                }
            #endif
            try await runner.run(order)
            await lane.close()
        } catch {
            await lane.close()
            throw error
        }
    }
}
