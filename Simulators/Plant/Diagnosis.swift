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
        return diagnosis
    }
}
