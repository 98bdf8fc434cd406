import ArgumentParser
import Documents
import Evidence
import Foundation
import Instruments
import Lane
import Messages
import Metrology

extension DevicesCommand {
    /// `lane devices exec`
    struct Execute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "exec", abstract: help(.helpDevicesExec))

        @OptionGroup var device: DeviceArguments
        @Argument(help: help(.helpAction)) var action: String
        @Argument(help: help(.helpActionWords)) var words: [String] = []
        @Flag(help: help(.helpYes)) var yes = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let instrument = try device.instrument(try output.shareDirectory())
            let kinds = instrument.profile.actions.map(\.rawValue).sorted()
            guard let kind = InstrumentAction.Kind(rawValue: action), kinds.contains(action) else {
                throw CommandFailure(
                    .usage, .execUnknown,
                    [
                        "action": .text(action), "device": .text(instrument.profile.id),
                        "known": .text(kinds.joined(separator: ", ")),
                    ])
            }
            guard let order = InstrumentAction(kind, words: words) else {
                throw CommandFailure(
                    .usage, .execWords, ["action": .text(action), "expected": .text(kind.parameterWords)])
            }
            try confirm(instrument.profile)
            try await instrument.connect()
            try await instrument.perform(order)
            try await finish(instrument)
            await instrument.close()
            Output.line(
                output.catalogue.text(
                    Message(.execDone, ["action": .text(action), "device": .text(instrument.profile.id)])))
        }

        /// Lets the person think once more: whatever this does, it moves or writes something.
        private func confirm(_ profile: DeviceProfile) throws {
            if yes { return }
            let arguments: [String: MessageArgument] = ["action": .text(action), "device": .text(profile.model)]
            if isatty(STDIN_FILENO) == 1 {
                Output.line(output.catalogue.text(Message(.execQuestion, arguments)))
                if readLine() == "yes" { return }
            }
            throw CommandFailure(.usage, .execNotConfirmed, arguments)
        }

        /// Goes on asking an instrument that takes its time.
        private func finish(_ instrument: Instrument) async throws {
            while true {
                let report = await instrument.poll()
                if let failure = report.failures.first { throw failure }
                if report.underWay == nil { return }
                try await ContinuousClock().sleep(for: .milliseconds(200))
            }
        }
    }

    /// `lane devices status`
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "status", abstract: help(.helpDevicesStatus))

        @Option(name: .customLong("lane"), help: help(.helpLaneFile)) var laneFile: String
        @Option(help: help(.helpWatchSeconds)) var seconds = 5.0
        @Option(help: help(.helpCapture)) var capture: String?
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let inputs = try TestInputs(lane: laneFile, order: nil, share: try output.shareDirectory())
            let time = SystemLaneTime(rate: inputs.configuration.simulation?.rate ?? 1)
            let instruments = try inputs.configuration.instruments.map { entry in
                Instrument(profile: entry.profile, port: try PortAddress(entry.port)) { time.now() }
            }
            var log = CaptureFile(path: capture, instruments: instruments.map(\.profile.id))
            let found = await withTaskGroup(of: (Int, Sample).self) { group in
                for (index, instrument) in instruments.enumerated() {
                    group.addTask { (index, await Sample(of: instrument, for: .seconds(seconds))) }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for index in instruments.indices {
                guard let sample = found[index] else { continue }
                log.add(sample.wire, of: index)
                if json {
                    Output.json(sample.json(instruments[index]))
                } else {
                    for line in sample.lines(instruments[index], output.catalogue) { Output.line(line) }
                }
            }
            try log.write()
            if found.values.contains(where: { $0.isUp == false }) { throw ExitCode.unavailable }
        }
    }
}

extension InstrumentAction.Kind {
    /// What stands behind the action on the command line.
    fileprivate var parameterWords: String {
        switch self {
        case .span: "co=3.5 hc=3200 …"
        case .showText: "TEXT [ROW]"
        default: parameterUnit ?? "–"
        }
    }
}
