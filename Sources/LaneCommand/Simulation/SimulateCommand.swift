#if Simulation
    import ArgumentParser
    import Authority
    import Evidence
    import Foundation
    import Lane
    import Messages
    import Metrology
    import SimulatedInstruments

    /// `lane simulate`: simulators alone, for any other program to talk to.
    struct SimulateCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "simulate", abstract: help(.helpSimulate),
            subcommands: [Instruments.self, Control.self, Platform.self], defaultSubcommand: Instruments.self)

        /// `lane simulate [lane] --lane FILE`
        struct Instruments: AsyncParsableCommand {
            static let configuration = CommandConfiguration(commandName: "lane", abstract: help(.helpSimulateLane))

            @Option(name: .customLong("lane"), help: help(.helpLaneFile)) var laneFile: String
            @Option(help: help(.helpSimulateFaults)) var faults: String?
            @Flag(help: help(.helpJSON)) var json = false
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let inputs = try TestInputs(lane: laneFile, order: nil, share: try output.shareDirectory())
                let settings = inputs.configuration.simulation
                let simulated = try SimulatedLane(
                    inputs.configuration, vehicle: settings?.vehicle ?? "clean", seed: settings?.seed ?? 1,
                    speed: settings?.rate ?? 1)
                let player = try faults.map { try SimulateCommand.faultPlayer($0, simulated) }
                defer { simulated.stop() }
                let (stops, stop) = AsyncStream.makeStream(of: Void.self)
                // Before anything of another simulator's is touched.
                let control = try settings.map { try Self.claim($0.control, for: simulated) { stop.yield() } }
                defer { control?.stop() }
                let endpoints = try simulated.begin()
                player?.start()
                defer { player?.stop() }
                do { try control?.start() } catch { throw Self.failure(error) }
                for endpoint in endpoints {
                    if json {
                        Output.json([
                            "role": .string(endpoint.role.rawValue), "model": .string(endpoint.model),
                            "path": .string(endpoint.path),
                        ])
                    } else {
                        Output.line("\(endpoint.role.rawValue) \(endpoint.model) \(endpoint.path)")
                    }
                }
                let interrupts = Interrupts { stop.yield() }
                for await _ in stops { break }
                interrupts.stop()
            }

            private static func claim(
                _ path: String, for lane: SimulatedLane, onStop: @escaping @Sendable () -> Void
            ) throws -> ControlServer {
                do {
                    let server = try ControlServer(lane: lane, path: path, onStop: onStop)
                    try server.claim()
                    return server
                } catch {
                    throw failure(error)
                }
            }

            private static func failure(_ error: SimulationError) -> CommandFailure {
                if case .inUse(let path) = error {
                    return CommandFailure(.cannotCreate, .simulateInUse, ["path": .text(path)])
                }
                return CommandFailure(.cannotCreate, .commandSimulator, ["detail": .text(error.description)])
            }
        }

        /// What lets the faults of a file happen.
        ///
        /// - Throws: `Problems` of the file, or ``CommandFailure`` if one befalls an instrument that the lane has not.
        fileprivate static func faultPlayer(_ path: String, _ lane: SimulatedLane) throws -> FaultPlayer {
            let schedule = try FaultSchedule(contentsOf: path)
            do { return try FaultPlayer(schedule, lane: lane) } catch {
                throw CommandFailure(.configuration, .commandSimulator, ["detail": .text(error.description)])
            }
        }

        /// `lane simulate authority`
        struct Platform: ParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "authority", abstract: help(.helpSimulateAuthority), subcommands: [Run.self, Report.self],
                defaultSubcommand: Run.self)
        }
    }

    extension SimulateCommand.Platform {
        /// `lane simulate authority [run]`
        struct Run: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "run", abstract: help(.helpSimulateAuthorityRun))

            @Option(help: help(.helpListen)) var listen = "127.0.0.1:8080"
            @Option(help: help(.helpKeys)) var keys: String
            @Option(help: help(.helpStore)) var store: String
            @Option(help: help(.helpSimulateCertificate)) var certificate: String?
            @Option(help: help(.helpSimulateKey)) var key: String?
            @Option(help: help(.helpSimulateClientRoots)) var clientRoots: String?
            @OptionGroup var output: OutputOptions

            func run() async throws {
                guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
                    (0...65535).contains(port)
                else { throw CommandFailure(.usage, .commandAddress, ["address": .text(listen)]) }
                let trusted: [Authority.TrustedKey]
                do { trusted = try Authority.TrustedKey.readTrustFile(keys) } catch {
                    throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text(keys)])
                }
                var configuration = AuthorityConfiguration(
                    storageDirectory: store, trustedKeys: trusted, acceptsSimulated: true,
                    host: String(listen[..<colon]), port: port)
                configuration.security = certificate.map {
                    AuthoritySecurity(certificate: $0, key: key ?? $0, clientRoots: clientRoots)
                }
                let server = AuthorityServer(configuration: configuration)
                do {
                    Output.line("\(certificate == nil ? "http" : "https")://\(try await server.start())")
                } catch {
                    throw CommandFailure(
                        .unavailable, .commandAuthority, ["address": .text(listen), "detail": .text("\(error)")])
                }
                let (stops, stop) = AsyncStream.makeStream(of: Void.self)
                let interrupts = Interrupts { stop.yield() }
                for await _ in stops { break }
                interrupts.stop()
                await server.stop()
            }
        }

        /// `lane simulate authority report`
        struct Report: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "report", abstract: help(.helpSimulateAuthorityReport))

            @Option(help: help(.helpStore)) var store: String
            @OptionGroup var output: OutputOptions

            func run() async throws {
                do {
                    Output.line(try await ArchiveReport(storageDirectory: store).json)
                } catch {
                    throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text("\(store): \(error)")])
                }
            }
        }
    }
#endif
