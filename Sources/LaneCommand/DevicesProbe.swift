import ArgumentParser
import Evidence
import Foundation
import Instruments
import Messages
import Metrology

extension DevicesCommand {
    /// `lane devices probe`
    struct Probe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "probe", abstract: help(.helpDevicesProbe))

        @Argument(help: help(.helpPort)) var port: String
        @Option(help: help(.helpRole)) var role: InstrumentRole?
        @Option(help: help(.helpPatience)) var patience: Int?
        @Flag(help: help(.helpProbeBauds)) var bauds = false
        @Option(help: help(.helpProbeUnits)) var units: UnitRange?
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let patience, !(1...60_000).contains(patience) { throw ValidationError("--patience: 1…60000") }
        }

        func run() async throws {
            let library = try DeviceLibrary(directory: "\(try output.shareDirectory())/Devices")
            let address = try PortAddress(absolute(port))
            let profiles = library.profiles.values.filter { role == nil || $0.role == role }
            var probe = PortProbe(profiles: profiles, patience: patience.map { .milliseconds($0) })
            if bauds { probe.bauds = LineSettings.bauds }
            probe.units = units.map { Array($0.units) } ?? []
            let finding = try await probe.look(at: address)
            if json {
                Output.json(.array(finding.answers.map(json)))
            } else {
                for profile in finding.answers + finding.refusals {
                    Output.line(entry(profile, library.profiles[profile.id] ?? profile, address))
                }
                Output.line(output.catalogue.text(summary(finding)))
            }
            if finding.answers.isEmpty { throw ExitCode.unavailable }
        }

        /// The lane file's entry, with what differs from the profile.
        private func entry(_ found: DeviceProfile, _ usual: DeviceProfile, _ port: PortAddress) -> String {
            var members = ["role: \(found.role.rawValue)", "profile: \(found.id)", "port: \"\(port)\""]
            if found.line.baud != usual.line.baud { members.append("baud: \(found.line.baud)") }
            if let unit = found.unit, unit != usual.unit { members.append("unit: \(unit)") }
            return "  - {\(members.joined(separator: ", "))}"
        }

        private func json(_ profile: DeviceProfile) -> JSONValue {
            [
                "profile": .string(profile.id), "role": .string(profile.role.rawValue),
                "baud": .integer(Int64(profile.line.baud)), "unit": profile.unit.map { .integer(Int64($0)) } ?? .null,
            ]
        }

        private func summary(_ finding: PortProbe.Finding) -> Message {
            let count = finding.answers.count
            let code: MessageCode =
                count > 1
                ? .probeSeveral
                : count == 1
                    ? .probeOne
                    : !finding.refusals.isEmpty
                        ? .probeRefusal : finding.strayBytes > 0 ? .probeNoise : .probeNothing
            return Message(
                code,
                [
                    "port": .text(port), "count": .integer(count > 0 ? count : finding.refusals.count),
                    "asked": .integer(finding.asked),
                    "bytes": .integer(finding.strayBytes),
                ])
        }
    }
}

/// Units as a person writes them: one, or a range such as `1-16`.
struct UnitRange: ExpressibleByArgument {
    let units: ClosedRange<UInt8>

    init?(argument: String) {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { UInt8($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last
        else { return nil }
        units = first...last
    }
}
