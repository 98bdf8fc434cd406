import Documents

/// What a vehicle's on-board diagnosis (车载诊断系统, OBD) says of itself.
public struct Diagnosis: Hashable, Sendable {
    /// Vehicle identification number (车辆识别代号).
    public var vin = "LSVAA4180E2100001"
    /// Calibration identification (CALID), at most 16 characters.
    public var calibration = "SIMULATED-ECU-01"
    /// Calibration verification number (CVN).
    public var verification: UInt32 = 0x51AD_0C0D
    /// Whether the malfunction indicator lamp (故障指示灯, MIL) is commanded on.
    public var isLampOn = false
    /// Stored trouble codes, such as `P0420`.
    public var troubleCodes: [String] = []
    /// Monitors that are not complete (未完成的就绪状态), counted from the first that the kind of engine has.
    public var incompleteMonitors = 0
    /// Whether the diagnosis answers at all.
    public var answers = true
    /// The bus by which the diagnosis is reached.
    public var bus = Bus.can
    /// The transmission's control unit (变速器控制单元), which answers too; nil if the vehicle has none.
    public var transmission: Transmission?

    /// How messages of the diagnosis travel, which decides how they are laid out.
    public enum Bus: String, CaseIterable, Sendable {
        /// ISO 15765-4: messages of any length, in several frames.
        case can
        /// ISO 9141-2 (K线): messages of at most seven bytes.
        case kLine = "k-line"
    }

    /// What a second emission-related control unit says of itself.
    public struct Transmission: Hashable, Sendable {
        /// Whether it commands the lamp on.
        public var isLampOn = false
        /// Its stored trouble codes.
        public var troubleCodes: [String] = []
        /// Whether its monitoring of components is complete.
        public var isComplete = true

        /// A control unit without trouble.
        public init() {}
    }

    /// A vehicle without trouble.
    public init() {}

    static func read(_ reader: MappingReader) -> Diagnosis? {
        var diagnosis = Diagnosis()
        if reader.has("vin") { diagnosis.vin = reader.text("vin") ?? "" }
        if reader.has("calid") { diagnosis.calibration = reader.text("calid") ?? "" }
        if reader.has("lamp") { diagnosis.isLampOn = reader.boolean("lamp") ?? false }
        if reader.has("answers") { diagnosis.answers = reader.boolean("answers") ?? true }
        if reader.has("trouble-codes") { diagnosis.troubleCodes = reader.texts("trouble-codes") ?? [] }
        if reader.has("incomplete-monitors") {
            diagnosis.incompleteMonitors = reader.integer("incomplete-monitors", in: 0...8) ?? 0
        }
        if reader.has("bus") { diagnosis.bus = reader.choice("bus") ?? .can }
        if reader.has("transmission") {
            diagnosis.transmission = reader.mapping("transmission") { unit in
                var transmission = Transmission()
                if unit.has("lamp") { transmission.isLampOn = unit.boolean("lamp") ?? false }
                if unit.has("trouble-codes") { transmission.troubleCodes = unit.texts("trouble-codes") ?? [] }
                if unit.has("complete") { transmission.isComplete = unit.boolean("complete") ?? true }
                return transmission
            }
        }
        return diagnosis
    }
}
