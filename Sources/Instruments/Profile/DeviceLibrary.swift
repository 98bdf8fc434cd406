import Documents
import Foundation
public import Messages
import Metrology

/// The device profiles of a folder (设备档案库), a folder per role inside it.
public struct DeviceLibrary: Sendable {
    /// The folder.
    public let directory: String

    /// The profiles without a fault, by identity.
    public let profiles: [String: DeviceProfile]

    private let faults: [String: Problems]

    /// Reads every `<role folder>/<id>.yaml` of a folder.
    ///
    /// A faulty profile does not keep a lane from using the others; it is reported by ``problems`` and whenever it is
    /// asked for.
    ///
    /// - Throws: `Problems` if the folder cannot be read.
    public init(directory: String) throws(Problems) {
        self.directory = directory
        guard FileManager.default.fileExists(atPath: directory) else {
            throw Problems([
                Problem(
                    Message(.documentUnreadable, ["detail": "no such folder"]), at: SourceLocation(file: directory))
            ])
        }
        var profiles: [String: DeviceProfile] = [:]
        var faults: [String: Problems] = [:]
        for role in InstrumentRole.allCases {
            let folder = "\(directory)/\(role.deviceFolder)"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted() where name.hasSuffix(".yaml") {
                let stem = String(name.dropLast(5))
                do {
                    let profile = try DeviceProfile(document: Document(contentsOf: "\(folder)/\(name)"))
                    if let misplaced = Self.misplaced(profile, stem, role, file: "\(folder)/\(name)") {
                        faults[stem] = Problems([misplaced])
                    } else if profiles[stem] != nil {
                        let message = Message(.documentDuplicateKey, ["key": .text(stem)])
                        faults[stem] = Problems([
                            Problem(message, at: SourceLocation(file: "\(folder)/\(name)", line: 1))
                        ])
                        profiles[stem] = nil
                    } else {
                        profiles[stem] = profile
                    }
                } catch {
                    faults[stem] = Problems((faults[stem]?.all ?? []) + error.all)
                }
            }
        }
        self.profiles = profiles
        self.faults = faults
    }

    /// Everything wrong with the profiles of the folder; nil if nothing is.
    public var problems: Problems? {
        faults.isEmpty ? nil : Problems(faults.values.flatMap(\.all))
    }

    /// The profile with an identity.
    ///
    /// - Throws: `Problems` with what is wrong with it, or with the identities that exist.
    public func profile(_ id: String) throws(Problems) -> DeviceProfile {
        if let fault = faults[id] { throw fault }
        if let profile = profiles[id] { return profile }
        throw Problems([
            Problem(
                Message(
                    .documentUnknownValue,
                    [
                        "key": "id", "found": .text(id),
                        "expected": .text(profiles.keys.sorted().joined(separator: ", ")),
                    ]), at: SourceLocation(file: directory))
        ])
    }

    /// A profile that stands under another name or role than its own would be found by the wrong name.
    private static func misplaced(
        _ profile: DeviceProfile, _ stem: String, _ role: InstrumentRole, file: String
    ) -> Problem? {
        let found = profile.id != stem ? ("id", profile.id, stem) : ("role", profile.role.rawValue, role.rawValue)
        if found.1 == found.2 { return nil }
        return Problem(
            Message(
                .documentUnknownValue,
                ["key": .text(found.0), "found": .text(found.1), "expected": .text(found.2)]),
            at: SourceLocation(file: file, line: 1))
    }
}

extension InstrumentRole {
    /// The folder that holds the profiles of the role.
    var deviceFolder: String {
        switch self {
        case .gasAnalyzer: "gas-analyzers"
        case .dynamometer: "dynamometers"
        case .tachometer: "tachometers"
        case .weatherStation: "weather-stations"
        case .opacimeter: "opacimeters"
        case .noxAnalyzer: "nox-analyzers"
        case .flowMeter: "flow-meters"
        case .obdAdapter: "obd-adapters"
        case .sign: "signs"
        case .motoringInverter: "motoring-inverters"
        }
    }
}
