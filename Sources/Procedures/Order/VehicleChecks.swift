/// What was checked of a vehicle before its tailpipe, with who and when (排放检测前检查).
public struct VehicleChecks: Hashable, Sendable {
    /// The appearance check (外观检验); nil if it was not made.
    public var appearance: AppearanceCheck?
    /// The OBD check (OBD 检查); nil if it was not made.
    public var obd: OBDCheck?
    /// What was observed by eye (林格曼黑度, 可见烟).
    public var observations: [SmokeObservation]

    /// Creates checks.
    public init(
        appearance: AppearanceCheck? = nil, obd: OBDCheck? = nil, observations: [SmokeObservation] = []
    ) {
        self.appearance = appearance
        self.obd = obd
        self.observations = observations
    }
}

/// Who made a check, and when.
public struct CheckSignature: Hashable, Sendable {
    /// Who (检验员).
    public var by: String
    /// When, ISO 8601 with offset, as the person stated it.
    public var at: String

    /// Creates a signature.
    public init(by: String, at: String) {
        self.by = by
        self.at = at
    }
}

/// The appearance check (外观检验).
public struct AppearanceCheck: Hashable, Sendable {
    /// Who and when.
    public var signature: CheckSignature
    /// Whether each item of the pack that was looked at is in order.
    public var items: [String: Bool]

    /// Creates a check.
    public init(signature: CheckSignature, items: [String: Bool]) {
        self.signature = signature
        self.items = items
    }
}

/// The OBD check (OBD 检查), as the scan tool and the dashboard showed it.
public struct OBDCheck: Hashable, Sendable {
    /// A control unit's calibration (控制单元标定).
    public struct ControlUnit: Hashable, Sendable {
        /// Its name, such as `engine`.
        public var name: String
        /// Calibration identification (CALID).
        public var calibration: String
        /// Calibration verification number (CVN); nil if it gives none.
        public var verification: String?

        /// Creates a unit.
        public init(name: String, calibration: String, verification: String? = nil) {
            self.name = name
            self.calibration = calibration
            self.verification = verification
        }
    }

    /// How far a monitor is (就绪状态).
    public enum Readiness: String, CaseIterable, Sendable {
        /// It has run since the codes were cleared (完成).
        case complete
        /// It has not (未完成).
        case incomplete
        /// The vehicle has none (不支持).
        case unsupported
    }

    /// Who and when.
    public var signature: CheckSignature
    /// Whether the control units answered (通讯是否成功).
    public var communication: Bool
    /// Whether they say that the lamp is on (MIL 状态); nil without communication.
    public var milCommanded: Bool?
    /// Whether the malfunction indicator lamp was seen lit with the engine running (故障指示器).
    public var milLit: Bool?
    /// Trouble codes (故障码).
    public var codes: [String]
    /// How far each monitor is.
    public var monitors: [String: Readiness]
    /// Identification and verification numbers, kept for comparison (CALID, CVN).
    public var units: [ControlUnit]

    /// Creates a check.
    public init(
        signature: CheckSignature, communication: Bool, milCommanded: Bool? = nil, milLit: Bool? = nil,
        codes: [String] = [], monitors: [String: Readiness] = [:], units: [ControlUnit] = []
    ) {
        self.signature = signature
        self.communication = communication
        self.milCommanded = milCommanded
        self.milLit = milLit
        self.codes = codes
        self.monitors = monitors
        self.units = units
    }
}

/// Smoke as a person saw it (目测烟度).
public struct SmokeObservation: Hashable, Sendable {
    /// What was seen.
    public enum Kind: Hashable, Sendable {
        /// Ringelmann number 0…5 (林格曼黑度).
        case ringelmann(Int)
        /// Whether smoke could be seen at all (可见烟).
        case visibleSmoke(Bool)
    }

    /// Who and when.
    public var signature: CheckSignature
    /// What was seen.
    public var kind: Kind

    /// Creates an observation.
    public init(signature: CheckSignature, kind: Kind) {
        self.signature = signature
        self.kind = kind
    }
}
