import ArgumentParser
import Evidence
import Foundation
import Instruments
import Lane
import Messages
import Metrology

extension DevicesCommand {
    /// `lane devices read`
    struct Read: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "read", abstract: help(.helpDevicesRead))

        @OptionGroup var device: DeviceArguments
        @Argument(help: help(.helpCommands)) var commands: [String] = []
        @Option(help: help(.helpCapture)) var capture: String?
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let instrument = try device.instrument(try output.shareDirectory())
            var log = CaptureFile(path: capture, instruments: [instrument.profile.id])
            let outcome: Result<[DecodedFrame.Value], any Error>
            do {
                try await instrument.connect()
                outcome = .success(try await values(instrument))
            } catch { outcome = .failure(error) }
            log.add(await instrument.poll().wire, of: 0)
            await instrument.close()
            try log.write()
            let found = try outcome.get()
            if json {
                Output.json(.array(found.map(\.json)))
            } else {
                for value in found { Output.line("\(value.field)\t\(value.shown)") }
            }
        }

        private func values(_ instrument: Instrument) async throws -> [DecodedFrame.Value] {
            if commands.isEmpty {
                let report = await instrument.poll(waitingForFresh: true)
                if let failure = report.failures.first, report.values.isEmpty { throw failure }
                return report.values.map(\.value)
            }
            var values: [DecodedFrame.Value] = []
            for command in commands { values += try await instrument.read(command)?.frame.values ?? [] }
            return values
        }
    }

    /// `lane devices watch`
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "watch", abstract: help(.helpDevicesWatch))

        @OptionGroup var device: DeviceArguments
        @Option(help: help(.helpWatchSeconds)) var seconds: Double?
        @Option(help: help(.helpCapture)) var capture: String?
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let instrument = try device.instrument(try output.shareDirectory())
            let watching = Task { try await follow(instrument) }
            let interrupts = Interrupts { watching.cancel() }
            defer { interrupts.stop() }
            try await watching.value.write()
        }

        /// Polls and prints until it is told to stop, or nobody reads it any more.
        private func follow(_ instrument: Instrument) async throws -> CaptureFile {
            var log = CaptureFile(path: capture, instruments: [instrument.profile.id])
            try? await instrument.connect()
            let clock = ContinuousClock()
            let end = seconds.map { clock.now + .seconds($0) }
            var last: [String: String] = [:]
            let style = Style.standardOutput
            while !Task.isCancelled, StandardStream.output.loss == nil, end.map({ clock.now < $0 }) ?? true {
                let report = await instrument.poll()
                log.add(report.wire, of: 0)
                show(report, instrument, &last, style)
                let pause = Int(instrument.profile.pollInterval.seconds * 1000)
                try? await clock.sleep(for: .milliseconds(pause), tolerance: .zero)
            }
            await instrument.close()
            return log
        }

        private func show(
            _ report: InstrumentReport, _ instrument: Instrument, _ last: inout [String: String], _ style: Style
        ) {
            for failure in report.failures {
                Output.line(style.bad(output.catalogue.text(failure.message)))
            }
            if json {
                for value in report.values { Output.json(value.value.json) }
                return
            }
            for value in report.values { last[value.value.field] = value.value.shown }
            if let conditions = report.conditions?.conditions {
                last["status"] = conditions.map(\.rawValue).sorted().joined(separator: " ")
            }
            if !report.values.isEmpty {
                Output.line(
                    last.sorted { $0.key < $1.key }.map { "\($0.key) \(style.strong($0.value))" }.joined(
                        separator: "  "))
            }
        }
    }
}

/// A capture that is written to a file: pcapng where its name says so, text otherwise.
struct CaptureFile {
    private let path: String?
    private var capture: WireCapture
    /// The wall clock, in nanoseconds since 1970, when the lane's clock was at zero; as near as matters to a person.
    private let origin = Int64(Date().timeIntervalSince1970 * 1e9)

    init(path: String?, instruments: [String]) {
        self.path = path
        capture = WireCapture(instruments: instruments)
    }

    mutating func add(_ frames: [WireFrame], of instrument: Int) { capture.add(frames, of: instrument) }

    /// Writes the file, if one was asked for.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be written.
    func write() throws {
        guard let path else { return }
        let bytes = path.hasSuffix(".pcapng") ? capture.pcapng(origin: origin) : Array(capture.text.utf8)
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw CommandFailure(.cannotCreate, .commandCannotCreate, ["path": .text(path)])
        }
    }
}
