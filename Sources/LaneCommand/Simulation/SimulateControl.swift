#if Simulation
    import ArgumentParser
    import Foundation
    import Lane
    import Messages
    import Metrology
    import Plant
    import SimulatedInstruments

    extension SimulateCommand {
        /// `lane simulate ctl`: changes a simulated lane that is running.
        struct Control: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "ctl", abstract: help(.helpSimulateControl), discussion: help(.helpSimulateControlOrders))

            @Option(name: .customLong("lane"), help: help(.helpLaneFile)) var laneFile: String?
            @Option(help: help(.helpSimulateSocket)) var socket: String?
            @Option(help: help(.helpSimulateChannel)) var channel: String?
            @Option(help: help(.helpSimulateCount)) var count: Int?
            @Argument(help: help(.helpSimulateOrder)) var order: Order
            @Argument(help: help(.helpSimulateWords)) var words: [String] = []
            @OptionGroup var output: OutputOptions

            enum Order: String, CaseIterable, ExpressibleByArgument {
                case state, fault, end, clear, bottle, filter, weight, reference, stop
            }

            func run() async throws {
                let client = try simulatorControl(try path())
                do { try await carryOut(client) } catch let error as SimulationError {
                    throw CommandFailure(.unavailable, .commandSimulator, ["detail": .text(error.description)])
                }
            }

            /// The socket that was named, or that of the lane file.
            private func path() throws -> String {
                if let socket { return socket }
                let named = try laneFile.map { file in
                    try TestInputs(lane: file, order: nil, share: try output.shareDirectory()).configuration.simulation
                }
                guard let control = named??.control else { throw CommandFailure(.usage, .simulateNoSocket) }
                return control
            }

            private func carryOut(_ client: ControlClient) async throws {
                switch order {
                case .state: show(try await client.snapshot())
                case .fault:
                    let wanted = try fault()
                    try await client.inject(wanted.fault, on: wanted.role)
                case .end:
                    let wanted = try fault()
                    try await client.end(wanted.fault, on: wanted.role)
                case .clear:
                    guard let role = only.flatMap(InstrumentRole.init) else { throw wrong }
                    try await client.clearFaults(on: role)
                case .bottle:
                    guard let port = words.first.flatMap(SampleInlet.init), Self.ports.contains(port) else {
                        throw wrong
                    }
                    let gases: BottledGas? = words.count == 1 ? nil : try settings(words.dropFirst())
                    try await client.connect(gases, to: port)
                case .filter: try await client.insert(filterOpacity: Percentage(try number()))
                case .weight: try await client.hang(weight: Force(try number()))
                case .reference: try await client.set(try settings(words[...]))
                case .stop: try await client.stopLane()
                }
            }

            private func show(_ state: LaneSnapshot) {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
                // A snapshot is numbers and texts; those that are not finite do not occur in it.
                if let json = try? encoder.encode(state) { Output.line(String(decoding: json, as: UTF8.self)) }
            }

            // MARK: Words

            private var only: String? { words.count == 1 ? words.first : nil }

            /// What is wrong with the words, beside those that would be right.
            private var wrong: CommandFailure {
                CommandFailure(
                    .usage, .simulateWords,
                    [
                        "found": .text(([order.rawValue] + words).joined(separator: " ")),
                        "expected": .text(Self.expected(order)),
                    ])
            }

            /// Where a bottle can be connected.
            private static let ports: [SampleInlet] = [.zeroGas, .checkGas, .calibrationGas]

            private static func expected(_ order: Order) -> String {
                switch order {
                case .state, .stop: order.rawValue
                case .fault:
                    "fault [ROLE:]KIND[=AMOUNT] [--channel SIGNAL] [--count FRAMES]; "
                        + (Fault.Kind.allCases.map(\.rawValue) + SensorChannel.allCases.map(\.rawValue)).joined(
                            separator: ", ")
                case .end: "end [ROLE:]KIND [--channel SIGNAL]"
                case .clear: "clear ROLE; \(InstrumentRole.allCases.map(\.rawValue).joined(separator: ", "))"
                case .bottle:
                    "bottle \(ports.map(\.rawValue).joined(separator: "|")) [propane=PPM co=% co2=% no=PPM no2=PPM oxygen=%]"
                case .filter: "filter OPACITY (%)"
                case .weight: "weight NEWTON"
                case .reference:
                    "reference [engineSpeed=R/MIN oilTemperature=°C tubeFlow=L/S probeIsShut=1]"
                }
            }

            private func fault() throws -> DemoFault {
                let signal = channel.flatMap(SensorChannel.init(rawValue:))
                guard var wanted = only.flatMap(DemoFault.init(argument:)), channel == nil || signal != nil else {
                    throw wrong
                }
                wanted.fault.channel = signal
                wanted.fault.count = count
                return wanted
            }

            private func number() throws -> Double {
                guard let number = only.flatMap(Double.init), number.isFinite else { throw wrong }
                return number
            }

            /// Settings from words such as `co=3.5`; a name that they do not have is refused.
            private func settings<Settings: Codable>(_ words: ArraySlice<String>) throws -> Settings {
                var members: [String] = []
                for word in words {
                    let halves = word.split(separator: "=", maxSplits: 1)
                    guard halves.count == 2, halves[0].allSatisfy({ $0.isLetter || $0.isNumber }),
                        let number = Double(halves[1]), number.isFinite
                    else { throw wrong }
                    members.append("\"\(halves[0])\": \(halves[0] == "probeIsShut" ? "\(number != 0)" : "\(number)")")
                }
                let text = "{\(members.joined(separator: ", "))}"
                guard let settings = try? JSONDecoder().decode(Settings.self, from: Data(text.utf8)),
                    let back = try? JSONEncoder().encode(settings),
                    let known = try? JSONSerialization.jsonObject(with: back) as? [String: Any],
                    words.allSatisfy({ known.keys.contains(String($0.prefix { $0 != "=" })) })
                else { throw wrong }
                return settings
            }
        }
    }
#endif
