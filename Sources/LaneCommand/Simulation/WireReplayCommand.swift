#if Simulation
    import ArgumentParser
    import Foundation
    import Instruments
    import Messages
    import Metrology
    import SimulatedInstruments

    extension WireCommand {
        /// `lane wire replay`
        struct Replay: AsyncParsableCommand {
            static let configuration = CommandConfiguration(commandName: "replay", abstract: help(.helpWireReplay))

            @OptionGroup var input: WireInput
            @Option(help: help(.helpWireLink)) var link: String?
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let capture = try input.capture()
                guard capture.instruments.count == 1, let device = capture.instruments.first else {
                    throw CommandFailure(
                        .usage, .wireDeviceUnknown,
                        [
                            "device": .text(input.device ?? "–"),
                            "known": .text(capture.instruments.joined(separator: ", ")),
                        ])
                }
                let script = WireScript(
                    capture.entries.map { entry in
                        WireScript.Entry(
                            isFromLane: entry.frame.kind == .sent, bytes: entry.frame.bytes,
                            at: entry.frame.at.nanoseconds)
                    })
                guard !script.isEmpty else {
                    throw CommandFailure(.data, .wireNothing, ["device": .text(device)])
                }
                let replay = try begin(script)
                defer { replay.stop() }
                Output.line(
                    output.catalogue.text(
                        Message(
                            .wireReplaying,
                            [
                                "device": .text(device), "path": .text(replay.path),
                                "count": .integer(script.requestCount),
                            ])))
                let (stops, stop) = AsyncStream.makeStream(of: Void.self)
                let interrupts = Interrupts { stop.yield() }
                for await _ in stops { break }
                interrupts.stop()
            }

            private func begin(_ script: WireScript) throws -> WireReplay {
                do { return try WireReplay(script, link: link) } catch {
                    throw CommandFailure(.cannotCreate, .commandSimulator, ["detail": .text("\(error)")])
                }
            }
        }
    }
#endif
