package import Assurance
package import Evidence
package import Foundation
package import Journal
import Metrology
import Standards

/// Tells the audit trail what about a lane is other than it was, with old and new value (配置变更审计).
package struct ChangeAudit {
    private let configuration: LaneConfiguration
    private let parts: [String: String]
    private let journal: Journal

    /// An audit of a lane.
    ///
    /// - Parameter software: the program that runs it.
    package init(_ configuration: LaneConfiguration, _ software: SoftwareIdentity, in journal: Journal) {
        self.configuration = configuration
        parts = configuration.parts(software)
        self.journal = journal
    }

    /// Tells what a start finds other than the last one left it. On a new lane that is everything.
    ///
    /// - Throws: `JournalError`.
    package func noteStart(_ checks: CheckHistory, newest counter: Int, at now: Date) async throws {
        // What a check changed is told as the check's, also if its program was killed right after sealing it.
        try await noteChecks(checks, at: now)
        let found = configuration.settings(parts: parts, checks: checks, data: journal.directory)
        let changes = try await ledger().changes(to: found)
        guard !changes.isEmpty else { return }
        try await journal.audit(
            AssuranceEntry.configuration.rawValue,
            SystemAccount.current.noted(in: [
                "changes": .array(changes.map(\.json)), "counter": .integer(Int64(counter)), "files": .array(files),
            ]), at: now)
    }

    /// Tells what checks have changed that were sealed since the last entry: parameters that tests are carried out with,
    /// and instruments that were adjusted. One entry for each check.
    ///
    /// - Throws: `JournalError`.
    package func noteChecks(_ checks: CheckHistory, at now: Date) async throws {
        var ledger = try await ledger()
        // Before the first entry there is nothing to compare with; it tells everything.
        guard let told = ledger.counter else { return }
        for result in checks.results where result.counter > told && result.mayChange {
            let known = CheckHistory(checks.results.filter { $0.counter <= result.counter })
            let changes =
                ledger.changes(to: configuration.measuredWith(known), under: SettingName.measuredWith)
                + result.adjustments
            guard !changes.isEmpty else { continue }
            try await journal.audit(
                AssuranceEntry.parameters.rawValue,
                SystemAccount.current.noted(in: [
                    "changes": .array(changes.map(\.json)), "counter": .integer(Int64(result.counter)),
                    "record": .string(result.digest.description), "check": .string(result.kind.rawValue),
                    "serial": result.serial.map(JSONValue.string) ?? .null,
                    "person": result.person.map(JSONValue.string) ?? .null,
                ]), at: now)
            ledger.take(changes, of: result.counter)
        }
    }

    private func ledger() async throws -> ConfigurationLedger {
        let kinds: [AssuranceEntry] = [.configuration, .parameters]
        return ConfigurationLedger(try await journal.auditEntries(of: kinds.map(\.rawValue)))
    }

    /// The files that people write, with whose they are and when they were written last: as near to who changed them
    /// as the computer knows.
    private var files: [JSONValue] {
        ([configuration.words.path] + (configuration.assurance?.files ?? [])).map { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            let owner = attributes?[.ownerAccountName] as? String
            let modified = attributes?[.modificationDate] as? Date
            return [
                "path": .string(path), "owner": owner.map(JSONValue.string) ?? .null,
                "modified": modified.map { .string($0.formatted(.iso8601)) } ?? .null,
            ]
        }
    }
}

extension CheckResult {
    /// Whether anything may be other after the check than it was before.
    fileprivate var mayChange: Bool { !parameters.isEmpty || kind == .gasSpan }

    /// What the instrument read of the certified values before it was adjusted and after.
    ///
    /// A check that did not pass gives no parameters, but the instrument was adjusted all the same: then what it read
    /// afterwards is told, and what it read before is in the record's frames.
    fileprivate var adjustments: [SettingChange] {
        let told = parameters.keys.filter { $0.hasPrefix(SettingName.adjustment) }.sorted()
        guard told.isEmpty, kind == .gasSpan, verdict == "failed" else {
            return told.map { name in
                SettingChange(name, from: parameters[name]?["before"]?.text, to: parameters[name]?["after"]?.text)
            }
        }
        return items.compactMap { item in
            guard item.id.hasPrefix("after."), let value = item.value else { return nil }
            return SettingChange(
                SettingName.adjustment + item.id.dropFirst("after.".count), from: nil, to: value.description)
        }
    }
}
