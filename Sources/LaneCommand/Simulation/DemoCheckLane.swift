#if Simulation
    import ArgumentParser
    import Assurance
    import Documents
    import Foundation
    import Instruments
    import Lane
    import Messages
    import Metrology
    import Plant
    import SimulatedInstruments
    import Standards

    /// The options of the demos of checks.
    struct DemoCheckOptions: ParsableArguments {
        @Option(name: .customLong("fault"), help: help(.helpDemoFault)) var faults: [DemoFault] = []
        @Option(help: help(.helpCheckScript)) var script: String?
        @Option(help: help(.helpSeed)) var seed: UInt64 = 1
        @Option(help: help(.helpSpeed)) var speed = 40.0
        @Option(help: help(.helpData)) var data: String?
        @Flag(help: help(.helpJSON)) var json = false

        func validate() throws {
            guard (1...50).contains(speed) else { throw ValidationError("--speed: 1…50") }
        }
    }

    /// A fault of a simulated instrument, as `ROLE:KIND`, `KIND` for the first instrument that it can befall, or either
    /// with `=AMOUNT`.
    struct DemoFault: ExpressibleByArgument {
        let role: InstrumentRole
        var fault: Fault

        init?(argument: String) {
            let halves = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let names = halves[0].split(separator: ":", maxSplits: 1).map(String.init)
            let amount = halves.count == 2 ? Double(halves[1]) : nil
            guard let name = names.last, let kind = Fault.Kind(rawValue: name), halves.count == 1 || amount != nil,
                let role = names.count == 2
                    ? InstrumentRole(rawValue: names[0]) : kind.roles?.first ?? .gasAnalyzer
            else { return nil }
            self.role = role
            fault = Fault(kind, amount: amount)
        }
    }

    /// A simulated lane whose instruments are checked, in a directory of its own that other commands can look into.
    struct DemoCheckLane {
        let options: DemoCheckOptions
        let catalogue: Catalogue
        let share: String

        private var directory: String { options.data ?? DataDirectory.demoChecks }

        /// The lane file, for `lane status --lane` and the like.
        var laneFile: String { "\(directory)/lane.yaml" }

        /// Opens the lane and its authority, lets the faults in, and closes everything whatever happens.
        func run(_ body: (CheckRunner) async throws -> Void) async throws {
            try DataDirectory.create("\(directory)/ports")
            let time = PacedLaneTime(rate: options.speed)
            let speed = options.speed
            // The instruments were switched on long ago.
            let simulated = try SimulatedLane(
                checking: Self.models.map { role, model in
                    InstrumentRequest(role, model, link: "\(directory)/ports/\(role.rawValue)")
                }, vehicle: try simulatedVehicle("clean"), seed: options.seed, dynamometer: Self.rollers,
                clock: SimulationClock(speed: speed) { Int64(Double(time.now().nanoseconds) / speed) }, warmUp: .zero)
            defer { simulated.stop() }
            _ = try simulated.begin()
            for entry in options.faults {
                do { try simulated.inject(entry.fault, on: entry.role) } catch {
                    throw CommandFailure(.usage, .commandSimulator, ["detail": .text(error.description)])
                }
            }
            try write(Self.references, to: "\(directory)/references.yaml")
            try write(file, to: laneFile)
            let configuration = try LaneConfiguration(
                document: try Document(contentsOf: laneFile),
                devices: try DeviceLibrary(directory: "\(share)/Devices"))
            let lane = try await RunningLane.open(
                configuration, directory: directory, passphrase: try Passphrase.read(nil), time: time,
                software: try Software.identity(), guardExecutable: ShareDirectory.executablePath(),
                delivery: try DeliveryTerms(configuration))
            await lane.accountForLeftovers(catalogue)
            do {
                try await run(lane, simulated, body)
                await lane.close()
            } catch {
                await lane.close()
                throw error
            }
        }

        private func run(
            _ lane: RunningLane, _ simulated: SimulatedLane, _ body: (CheckRunner) async throws -> Void
        ) async throws {
            let authority = try await LocalAuthority.start(lane)
            var runner = CheckRunner(
                lane: lane, catalogue: catalogue, isJSON: options.json, authority: authority.link)
            runner.script = try options.script.map { try CheckScript(document: try Document(contentsOf: $0)) }
            runner.attend(with: simulated)
            do {
                try await body(runner)
            } catch {
                await authority.stop()
                throw error
            }
            await authority.stop()
        }

        /// Carries out a check and shows what came of it.
        func show(_ kind: CheckKind, _ runner: CheckRunner, _ output: OutputOptions) async throws {
            let report = try await runner.runRepeatedly(CheckRequest(kind: kind))
            if options.json {
                Output.json(report.json)
            } else {
                for line in report.lines(output.catalogue, .standardOutput) { Output.line(line) }
                Output.line(output.catalogue.text(Message(.demoLaneFile, ["path": .text(laneFile)])))
            }
        }

        // MARK: Files

        /// Every kind of instrument that is checked.
        private static let models: [(InstrumentRole, String)] = [
            (.gasAnalyzer, "NHA-503"), (.noxAnalyzer, "MQW-5101"), (.opacimeter, "NHT-6"), (.dynamometer, "NHC-03"),
            (.flowMeter, "NHF-1"), (.tachometer, "MQZ-2"), (.weatherStation, "DWSP-T5"), (.obdAdapter, "ELM327"),
        ]

        /// Their motor reaches the speeds of every check.
        private static let rollers = {
            var rollers = DynamometerData.lightLugDown
            rollers.liftHoldsRollers = true
            return rollers
        }()

        private var file: String {
            let loss = Self.rollers.parasiticLoss
            let packs = TestMethod.allCases.map { method in
                let (limits, requirements) = method.demoPacks
                return "  \(method.rawValue): {limits: \(limits), requirements: \(requirements)}\n"
            }
            var text = """
                lane: {id: DEMO-2, station: DEMO}
                parasitic-loss: {quadratic: \(loss.quadratic), linear: \(loss.linear), constant: \(loss.constant)}
                base-inertia: \(Self.rollers.baseInertia.value)
                analyzer-delay: 6.0
                flow-meter-delay: 1.0
                nox-converter: true
                packs:
                \(packs.joined())
                data: .
                assurance: {references: references.yaml, propane-equivalence: \(BottledGas.propaneEquivalence)}
                instruments:

                """
            for (role, model) in Self.models {
                let name = role.rawValue
                text += """
                      - {role: \(name), profile: \(model.lowercased()), port: ports/\(name), serial: DEMO-\(name)}

                    """
            }
            return text
        }

        /// Bottles as stations buy them; the values of the nominal points, certified to one per cent.
        private static let references = """
            bottles:
              - number: DEMO-LOW
                maker: SIMULATED
                certificate: DEMO-LOW
                expires: 2099-12-31
                pressure: 9.5
                values:
                  propane: {value: 200, uncertainty: 2, unit: ppm}
                  co: {value: 0.50, uncertainty: 0.005, unit: "%"}
                  co2: {value: 6.0, uncertainty: 0.06, unit: "%"}
                  "no": {value: 300, uncertainty: 3, unit: ppm}
              - number: DEMO-MID-LOW
                maker: SIMULATED
                certificate: DEMO-MID-LOW
                expires: 2099-12-31
                pressure: 9.5
                values:
                  propane: {value: 960, uncertainty: 9.6, unit: ppm}
                  co: {value: 2.40, uncertainty: 0.024, unit: "%"}
                  co2: {value: 3.6, uncertainty: 0.036, unit: "%"}
                  "no": {value: 900, uncertainty: 9, unit: ppm}
              - number: DEMO-MID-HIGH
                maker: SIMULATED
                certificate: DEMO-MID-HIGH
                expires: 2099-12-31
                pressure: 9.5
                values:
                  propane: {value: 1920, uncertainty: 19.2, unit: ppm}
                  co: {value: 4.80, uncertainty: 0.048, unit: "%"}
                  co2: {value: 7.2, uncertainty: 0.072, unit: "%"}
                  "no": {value: 1800, uncertainty: 18, unit: ppm}
              - number: DEMO-HIGH
                maker: SIMULATED
                certificate: DEMO-HIGH
                expires: 2099-12-31
                pressure: 9.5
                values:
                  propane: {value: 3200, uncertainty: 32, unit: ppm}
                  co: {value: 8.00, uncertainty: 0.08, unit: "%"}
                  co2: {value: 12.0, uncertainty: 0.12, unit: "%"}
                  "no": {value: 3000, uncertainty: 30, unit: ppm}
              - number: DEMO-NO2
                maker: SIMULATED
                certificate: DEMO-NO2
                expires: 2099-12-31
                pressure: 9.5
                values: {no2: {value: 100, uncertainty: 2, unit: ppm}}
            filters:
              - {number: DEMO-F30, maker: SIMULATED, certificate: DEMO-F30, expires: 2099-12-31, values: {opacity: {value: 30.2, uncertainty: 0.5, unit: "%"}}}
              - {number: DEMO-F50, maker: SIMULATED, certificate: DEMO-F50, expires: 2099-12-31, values: {opacity: {value: 49.7, uncertainty: 0.5, unit: "%"}}}
              - {number: DEMO-F70, maker: SIMULATED, certificate: DEMO-F70, expires: 2099-12-31, values: {opacity: {value: 70.4, uncertainty: 0.5, unit: "%"}}}
            weights:
              - {number: DEMO-W1, maker: SIMULATED, certificate: DEMO-W1, expires: 2099-12-31, values: {force: {value: 500.2, uncertainty: 0.1, unit: N}}}
              - {number: DEMO-W2, maker: SIMULATED, certificate: DEMO-W2, expires: 2099-12-31, values: {force: {value: 1000.1, uncertainty: 0.2, unit: N}}}
              - {number: DEMO-W3, maker: SIMULATED, certificate: DEMO-W3, expires: 2099-12-31, values: {force: {value: 1500.0, uncertainty: 0.3, unit: N}}}
              - {number: DEMO-W4, maker: SIMULATED, certificate: DEMO-W4, expires: 2099-12-31, values: {force: {value: 1999.8, uncertainty: 0.4, unit: N}}}
              - {number: DEMO-W5, maker: SIMULATED, certificate: DEMO-W5, expires: 2099-12-31, values: {force: {value: 2500.3, uncertainty: 0.5, unit: N}}}
            instruments:
              - {number: DEMO-STANDARD, maker: SIMULATED, certificate: DEMO-STANDARD, expires: 2099-12-31, values: {}}

            """

        private func write(_ text: String, to path: String) throws {
            do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
                throw CommandFailure(.cannotCreate, .commandCannotCreate, ["path": .text(path)])
            }
        }
    }
#endif
