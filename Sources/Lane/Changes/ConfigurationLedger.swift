import Assurance
import Evidence
import Journal

/// What is other than it was, with both values (变更前后值).
struct SettingChange: Hashable {
    /// The setting's name.
    let part: String
    /// What it was; nil where it is new.
    let old: String?
    /// What it is; nil where it is gone.
    let new: String?

    init(_ part: String, from old: String?, to new: String?) {
        (self.part, self.old, self.new) = (part, old, new)
    }

    /// As the audit trail holds it.
    var json: JSONValue {
        [
            "part": .string(part), "old": old.map(JSONValue.string) ?? .null,
            "new": new.map(JSONValue.string) ?? .null,
        ]
    }

    init?(_ value: JSONValue) {
        guard let part = value["part"]?.text else { return nil }
        self.init(part, from: value["old"]?.text, to: value["new"]?.text)
    }
}

/// What a lane is configured as by its own audit trail: the changes that are told there, one after the other.
///
/// Nothing is kept beside the trail, which is chained and sealed with every record; a start compares what it finds with
/// what the trail says, so that a change is told once, and is told even if the program was killed before it could be.
struct ConfigurationLedger {
    /// The settings that were told, by name.
    private(set) var settings: [String: String] = [:]
    /// The number of the newest record whose changes were told; nil if nothing was ever told.
    private(set) var counter: Int?

    /// Reads what was told.
    init(_ entries: [AuditEntry]) {
        for entry in entries {
            guard let detail = try? JSONValue(parsing: entry.detail) else { continue }
            take((detail["changes"]?.elements ?? []).compactMap(SettingChange.init), of: detail["counter"]?.wholeNumber)
        }
    }

    /// Takes changes into account.
    mutating func take(_ changes: [SettingChange], of counter: Int?) {
        // What an instrument read is told with the adjustment, and is no setting of the lane.
        for change in changes where !change.part.hasPrefix(SettingName.adjustment) {
            settings[change.part] = change.new
        }
        self.counter = max(self.counter ?? 0, counter ?? 0)
    }

    /// How settings that are found differ from those that were told, in the order of the names.
    ///
    /// - Parameter prefix: what the names of those that are compared begin with.
    func changes(to found: [String: String], under prefix: String = "") -> [SettingChange] {
        let told = settings.filter { $0.key.hasPrefix(prefix) }
        return Set(told.keys).union(found.keys).sorted().compactMap { part in
            // Byte by byte: to `==` two spellings of one character are the same.
            if told[part].map({ Array($0.utf8) }) == found[part].map({ Array($0.utf8) }) { return nil }
            return SettingChange(part, from: told[part], to: found[part])
        }
    }
}
