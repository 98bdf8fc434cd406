public import Evidence

/// What assurance writes into the audit trail, by the entries' kinds.
public enum AssuranceEntry: String, CaseIterable, Sendable {
    /// An order of the authority: `envelope`.
    case order = "authority.order"
    /// The state of software and parameters: `envelope`.
    case state = "state.sealed"
    /// The lane noticed that its clock was set: `at`, `seconds`, `counter`, `old`, `new`, `account`, `login`.
    case clockStep = "clock.stepped"
    /// The list of people was written by the lane: `digest`, `name`, `role`, `was`, `by`, `account`, `login`.
    case people = "people.changed"
    /// Somebody signed in: `name`, `role`.
    case signedIn = "person.signed-in"
    /// Somebody tried and failed: `name`.
    case signInFailed = "person.refused"
    /// The lane was opened: its clocks.
    case opened = "lane.opened"
    /// A start found the lane other than the last one left it: `changes`, `counter`, `files`, `account`, `login`.
    case configuration = "configuration.changed"
    /// A check found other parameters, or adjusted an instrument: `changes`, `counter`, `record`, `check`, `serial`,
    /// `person`, `account`, `login`.
    case parameters = "parameters.changed"
}

/// The wall clock beside a clock that nobody can set, in one boot of the machine.
public struct ClockReading: Hashable, Sendable {
    /// The wall clock, ms since 1970.
    public let wall: Int64
    /// The time since the machine was started, also while it slept, ms (`CLOCK_BOOTTIME`).
    public let sinceBoot: Int64
    /// Which boot (`/proc/sys/kernel/random/boot_id`).
    public let boot: String

    /// Creates a reading.
    public init(wall: Int64, sinceBoot: Int64, boot: String) {
        self.wall = wall
        self.sinceBoot = sinceBoot
        self.boot = boot
    }

    /// Reads it back from an audit entry's detail; nil if it is none.
    init?(_ detail: JSONValue) {
        guard let wall = detail["wall"]?.wholeNumber, let sinceBoot = detail["sinceBoot"]?.wholeNumber,
            let boot = detail["boot"]?.text
        else { return nil }
        self.init(wall: Int64(wall), sinceBoot: Int64(sinceBoot), boot: boot)
    }

    /// The reading as the audit trail holds it.
    public var detail: JSONObject {
        ["wall": .integer(wall), "sinceBoot": .integer(sinceBoot), "boot": .string(boot)]
    }

    /// How far the wall clock moved against the other clock since an earlier reading, s; nil across boots, where
    /// there is nothing to compare with.
    public func step(since earlier: ClockReading) -> Double? {
        guard boot == earlier.boot else { return nil }
        return Double((wall - earlier.wall) - (sinceBoot - earlier.sinceBoot)) / 1000
    }
}
