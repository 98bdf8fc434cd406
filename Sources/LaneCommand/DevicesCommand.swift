import ArgumentParser
import Evidence
import Foundation
import Instruments
import Lane
import Messages
import Metrology

/// `lane devices`: instrument models, and instruments on their ports.
struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: help(.helpDevices),
        subcommands: [Lint.self, Read.self, Watch.self, Execute.self, Status.self, Probe.self])

    /// `lane devices lint`
    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "lint", abstract: help(.helpDevicesLint))

        @Argument(help: help(.helpProfileFiles)) var files: [String]
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let check = ProfileCheck(paths: files)
            let examples = check.profiles.reduce(0) { $0 + $1.profile.exampleCount }
            let commands = check.profiles.reduce(0) { $0 + $1.profile.commandNames.count }
            if json {
                Output.json([
                    "profiles": .integer(Int64(check.profiles.count)), "commands": .integer(Int64(commands)),
                    "examples": .integer(Int64(examples)),
                    "problems": .array((check.problems?.all ?? []).map(\.json)),
                ])
                if check.problems != nil { throw ExitCode.configuration }
                return
            }
            for (_, profile) in check.profiles {
                Output.line(
                    [
                        profile.id, profile.role.rawValue, profile.grade.rawValue,
                        "\(profile.commandNames.count)", "\(profile.exampleCount)",
                    ].joined(separator: "\t"))
            }
            Output.line(
                output.catalogue.text(
                    Message(
                        .lintSummary,
                        [
                            "profiles": .integer(check.profiles.count), "commands": .integer(commands),
                            "examples": .integer(examples), "problems": .integer(check.problems?.all.count ?? 0),
                        ])))
            if let problems = check.problems { throw problems }
        }
    }
}

/// A model and the port that it is on.
struct DeviceArguments: ParsableArguments {
    @Argument(help: help(.helpProfile)) var profile: String
    @Argument(help: help(.helpPort)) var port: String
    @Option(help: help(.helpDeviceBaud)) var baud: Int?
    @Option(help: help(.helpDeviceUnit)) var unit: UInt8?

    func validate() throws {
        if let baud, !LineSettings.bauds.contains(baud) {
            throw ValidationError("--baud: \(LineSettings.bauds.map(String.init).joined(separator: ", "))")
        }
    }

    /// The instrument, on a clock that runs as life does.
    ///
    /// - Parameter share: the folder that holds `Devices`.
    /// - Throws: `Problems` of the profile, or `PortAddressError`.
    func instrument(_ share: String) throws -> Instrument {
        var found: DeviceProfile
        if profile.hasSuffix(".yaml") {
            let check = ProfileCheck(paths: [profile])
            guard let only = check.profiles.first?.profile else { throw check.problems ?? Problems([]) }
            found = only
        } else {
            found = try DeviceLibrary(directory: "\(share)/Devices").profile(profile)
        }
        if let baud { found = found.with(line: found.line.with(baud: baud)) }
        if let unit {
            guard let units = found.units else {
                throw CommandFailure(.configuration, .laneNoUnit, ["profile": .text(found.id)])
            }
            guard units.contains(unit) else {
                throw ValidationError("--unit: \(units.lowerBound)…\(units.upperBound)")
            }
            found = found.with(unit: unit)
        }
        let time = SystemLaneTime()
        return Instrument(profile: found, port: try PortAddress(absolute(port))) { time.now() }
    }
}

/// A port as the person wrote it, with relative paths made absolute.
func absolute(_ port: String) -> String {
    port.hasPrefix("usb:") || port.hasPrefix("tcp:") || port.hasPrefix("/")
        ? port : FileManager.default.currentDirectoryPath + "/" + port
}

extension Problem {
    /// Place, code and English text.
    var json: JSONValue {
        [
            "file": .string(location.file), "line": location.line.map { .integer(Int64($0)) } ?? .null,
            "code": .string(message.code.rawValue), "text": .string(Catalogue(.english).text(message)),
        ]
    }
}

extension DecodedFrame.Value {
    /// The number with its unit, or the text, as a person reads it.
    var shown: String {
        let number = value.map { "\(Self.plain($0)) \(unit == "1" ? "" : unit)".trimmingCharacters(in: .whitespaces) }
        let text = text.map { value == nil ? $0 : "(\($0))" }
        let mark = validity == .valid ? nil : validity.rawValue
        return [number, text, mark].compactMap { $0 }.joined(separator: " ")
    }

    /// Members for programs; numbers are texts, with their digits.
    var json: JSONValue {
        [
            "field": .string(field), "channel": channel.map { .string($0.rawValue) } ?? .null,
            "value": value.map { .string(Self.plain($0)) } ?? .null, "text": text.map { .string($0) } ?? .null,
            "unit": .string(unit), "validity": .string(validity.rawValue),
        ]
    }

    private static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : "\(Float(number))"
    }
}
