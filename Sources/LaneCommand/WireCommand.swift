import ArgumentParser
import Evidence
import Foundation
import Instruments
import Lane
import Messages
import Metrology

/// `lane wire`: what was on the wires.
struct WireCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire", abstract: help(.helpWire), subcommands: subcommands)

    private static var subcommands: [any ParsableCommand.Type] {
        #if Simulation
            return [Show.self, Export.self, Replay.self]
        #else
            return [Show.self, Export.self]
        #endif
    }

    /// `lane wire show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: help(.helpWireShow))

        @OptionGroup var input: WireInput
        @OptionGroup var output: OutputOptions

        func run() throws {
            let capture = try input.capture()
            StandardStream.output.write(capture.text)
        }
    }

    /// `lane wire export`
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "export", abstract: help(.helpWireExport))

        @OptionGroup var input: WireInput
        @Option(name: .shortAndLong, help: help(.helpWireOutput)) var output: String
        @OptionGroup var options: OutputOptions

        func run() throws {
            let capture = try input.capture()
            let bytes = output.hasSuffix(".pcapng") ? capture.pcapng(origin: capture.origin) : Array(capture.text.utf8)
            guard FileManager.default.createFile(atPath: output, contents: Data(bytes)) else {
                throw CommandFailure(.cannotCreate, .commandCannotCreate, ["path": .text(output)])
            }
            Output.line(
                options.catalogue.text(
                    Message(
                        .wireExported,
                        [
                            "count": .integer(capture.entries.count),
                            "devices": .text(capture.instruments.joined(separator: ", ")), "path": .text(output),
                        ])))
        }
    }
}

/// A capture or a record's wire log, perhaps of one instrument only.
struct WireInput: ParsableArguments {
    @Argument(help: help(.helpWireFile)) var file: String
    @Option(help: help(.helpWireDevice)) var device: String?

    /// - Throws: ``CommandFailure``, `WireCaptureError` or `Finding`.
    func capture() throws -> WireCapture {
        guard let bytes = FileManager.default.contents(atPath: file).map(Array.init) else {
            throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text(file)])
        }
        let whole: WireCapture
        do {
            whole =
                bytes.first == UInt8(ascii: "{")
                ? try WireCapture(recordedLog: bytes) : try WireCapture(parsing: bytes)
        } catch let finding as Finding {
            throw CommandFailure(
                .data, .wireCapture,
                ["place": .text(finding.place), "expected": .message(finding.message)])
        } catch let error as WireCaptureError {
            throw CommandFailure(.data, error.message.code, error.message.arguments)
        }
        guard let device else { return whole }
        guard let index = whole.instruments.firstIndex(of: device) else {
            throw CommandFailure(
                .usage, .wireDeviceUnknown,
                ["device": .text(device), "known": .text(whole.instruments.joined(separator: ", "))])
        }
        var only = WireCapture(instruments: [device], limit: 1_000_000)
        only.add(whole.entries.filter { $0.instrument == index }.map(\.frame), of: 0)
        return only
    }
}

extension WireCapture {
    /// What to add to times, so that none lies before 1970, where pcapng has none.
    fileprivate var origin: Int64 { max(0, -(entries.map(\.frame.at.nanoseconds).min() ?? 0)) }
}
