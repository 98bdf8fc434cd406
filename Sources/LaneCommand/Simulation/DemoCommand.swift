#if Simulation
    import ArgumentParser
    import Authority
    import Documents
    import Foundation
    import Instruments
    import Journal
    import Lane
    import Messages
    import Metrology
    import Plant
    import Procedures
    import SimulatedInstruments
    import Standards

    /// `lane demo`: tests and checks on a simulated lane.
    struct DemoCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "demo", abstract: help(.helpDemo),
            subcommands: [
                DemoTestCommand.self, DemoGasCheckCommand.self, DemoCheckCommand.self, DemoOpeningCommand.self,
            ],
            defaultSubcommand: DemoTestCommand.self)
    }

    /// `lane demo [test]`: a whole test on a simulated lane, every part of it real but the vehicle.
    struct DemoTestCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "test", abstract: help(.helpDemo))

        @Argument(help: help(.helpMethod)) var method: TestMethod
        @Option(help: vehicleHelp) var vehicle = "clean"
        @Option(help: help(.helpSeed)) var seed: UInt64 = 1
        @Option(help: help(.helpSpeed)) var speed = 25.0
        @Option(help: help(.helpChecksFile)) var checks: String?
        @Option(help: help(.helpData)) var data: String?
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...50).contains(speed) else { throw ValidationError("--speed: 1…50") }
        }

        func run() async throws {
            let share = try output.shareDirectory()
            let demo = try DemoLane(method, vehicle: vehicle)
            var order = try demo.order
            if let checks { order.checks = try OrderFile.readChecks(try Document(contentsOf: checks)) }
            let directory = data ?? DataDirectory.demo
            let time = PacedLaneTime(rate: speed)
            let simulated = try SimulatedLane(
                checking: demo.instruments, vehicle: demo.vehicle, seed: seed, dynamometer: demo.dynamometer,
                clock: SimulationClock(speed: speed) { Int64(Double(time.now().nanoseconds) / speed) })
            try DataDirectory.create(directory)
            defer { simulated.stop() }
            let endpoints = try simulated.begin()
            announce(endpoints)
            let configuration = try LaneConfiguration(
                document: try demo.file(endpoints), devices: try DeviceLibrary(directory: "\(share)/Devices"))
            let lane = try await RunningLane.open(
                configuration, directory: directory, passphrase: try Passphrase.read(nil), time: time,
                software: try Software.identity(), guardExecutable: ShareDirectory.executablePath(),
                delivery: try DeliveryTerms(configuration))
            await lane.accountForLeftovers(output.catalogue)
            do {
                try await run(lane, simulated, order)
                await lane.close()
            } catch {
                await lane.close()
                throw error
            }
        }

        private func run(_ lane: RunningLane, _ simulated: SimulatedLane, _ order: TestOrder) async throws {
            let authority = try await LocalAuthority.start(lane)
            let driver = SimulatedDriver(panel: lane.panel) { simulated.apply($0) }
            let keyboard = Keyboard(lane.panel, confirms: false)
            defer { keyboard.stop() }
            let runner = TestRunner(
                lane: lane, catalogue: output.catalogue, isJSON: json, authority: authority.link,
                follow: { await driver.follow($0) })
            do {
                try await runner.run(order)
            } catch {
                await authority.stop()
                throw error
            }
            await authority.stop()
        }

        private func announce(_ endpoints: [Endpoint]) {
            guard !json else { return }
            Output.line(
                output.catalogue.text(
                    Message(
                        .demoIntroduction,
                        [
                            "vehicle": .text(vehicle), "seed": .text(String(seed)), "speed": .text(brief(speed)),
                        ])))
            for endpoint in endpoints {
                Output.line("  \(endpoint.role.rawValue)  \(endpoint.model)  \(endpoint.path)")
            }
        }
    }

    private let vehicleHelp = ArgumentHelp(
        Catalogue(Output.language(CommandLine.arguments)).text(
            Message(.helpVehicle, ["known": .text(Vehicle.embeddedIDs.joined(separator: ", "))])))

    /// The authority's platform beside a demo, with the lane's key enrolled.
    struct LocalAuthority {
        /// Where it listens.
        let address: String
        private let server: AuthorityServer

        static func start(_ lane: RunningLane) async throws -> LocalAuthority {
            let server = AuthorityServer(
                configuration: AuthorityConfiguration(
                    storageDirectory: "\(lane.journal.directory)/authority",
                    trustedKeys: try Authority.TrustedKey.readTrustFile(lane.trustFile), acceptsSimulated: true))
            do {
                let bound = try await server.start()
                return LocalAuthority(address: "http://\(bound)", server: server)
            } catch {
                throw CommandFailure(
                    .unavailable, .commandAuthority, ["address": "127.0.0.1", "detail": .text("\(error)")])
            }
        }

        /// How a lane reaches it.
        var link: AuthorityLink { AuthorityLink(address: address) }

        func stop() async { await server.stop() }
    }
#endif
