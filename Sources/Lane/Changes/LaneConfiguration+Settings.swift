import Assurance
import Evidence
import Foundation
import Metrology
import Procedures

/// The names of what the audit trail tells the changes of.
enum SettingName {
    /// What a test is carried out with: found by a check, or as the lane file states it.
    static let measuredWith = "measured-with."
    /// What an instrument read of a certified value.
    static let adjustment = "adjustment."
    /// A line of the lane file.
    static let laneFile = "lane-file"
    /// A reference material.
    static let reference = "reference."
    /// A certificate that delivery uses.
    static let certificate = "certificate."
    /// A person's role.
    static let person = "person."
}

extension LaneConfiguration {
    /// Everything whose changes the audit trail tells, by name: the legal parts, every word of the lane file, the
    /// reference materials, the certificates, and what the lane measures with.
    ///
    /// - Parameters:
    ///   - parts: what the lane is made of, legally.
    ///   - checks: what was checked by now.
    ///   - data: the data directory, with the people and the lane's own trust file.
    func settings(parts: [String: String], checks: CheckHistory, data: String) -> [String: String] {
        var settings = parts
        settings[SettingName.laneFile] = words.digest.description
        for (place, text) in words.values { settings["\(SettingName.laneFile).\(place)"] = text }
        for reference in assurance?.references.all ?? [] {
            for (name, text) in reference.settings {
                settings["\(SettingName.reference)\(reference.number).\(name)"] = text
            }
        }
        for (name, file) in [("authority", delivery.authorityCertificate), ("client", delivery.clientCertificate)] {
            guard let file, let bytes = FileManager.default.contents(atPath: file.path) else { continue }
            settings[SettingName.certificate + name] = Digest(of: Array(bytes)).description
        }
        // A list that cannot be read locks the lane by itself.
        if let people = try? PeopleFile(in: data), !people.people.isEmpty {
            settings["people"] = people.digest.description
            for person in people.people { settings[SettingName.person + person.name] = person.role.rawValue }
        }
        if let trust = FileManager.default.contents(atPath: "\(data)/\(RunningLane.trustFileName)") {
            settings["trust-file"] = Digest(of: Array(trust)).description
        }
        return settings.merging(measuredWith(checks)) { _, own in own }
    }

    /// What the tests are carried out with, as canonical JSON by name: what checks found of the instruments that stand
    /// on the lane, and what the lane file states where none has.
    func measuredWith(_ checks: CheckHistory) -> [String: String] {
        var stated: [SealedParameter] = [.parasiticLoss(parameters.parasiticLoss)]
        if let inertia = parameters.baseInertia { stated.append(.baseInertia(inertia)) }
        if let delay = parameters.analyzerDelay { stated.append(.transportDelay(.carbonDioxide, delay)) }
        if let delay = parameters.flowMeterDelay { stated.append(.transportDelay(.dilutedOxygen, delay)) }
        if let factor = assurance?.propaneEquivalence { stated.append(.propaneEquivalence(factor)) }
        var settings: [String: String] = [:]
        for parameter in stated {
            // Names and decimals: canonical JSON holds them all.
            let bytes = (try? JSONValue(parameter.report).canonicalBytes()) ?? []
            settings[SettingName.measuredWith + parameter.name] = String(decoding: bytes, as: UTF8.self)
        }
        for found in checks.sealedParameters(serial: serial(of:)) where !found.isAdjustment {
            settings[SettingName.measuredWith + found.name] = found.value
        }
        return settings
    }

    /// The serial number of the instrument in a role.
    func serial(of role: InstrumentRole) -> String? { instruments.first { $0.role == role }?.serial }
}

extension LaneState.Parameter {
    /// Whether it tells that an instrument was adjusted, not what tests are carried out with.
    fileprivate var isAdjustment: Bool { name.hasPrefix(SettingName.adjustment) }
}

extension Reference {
    /// What the registry says of it, by name.
    fileprivate var settings: [String: String] {
        var settings = ["kind": kind.rawValue, "maker": maker, "certificate": certificate, "expires": expires]
        settings["pressure"] = pressure?.description
        for (name, value) in values {
            settings["values.\(name)"] = "\(value.value) ± \(value.uncertainty) \(value.unit)"
        }
        return settings
    }
}
