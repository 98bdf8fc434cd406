/// The points of a gas check (检查点).
public enum GasPoint: String, CaseIterable, Sendable {
    /// Zero gas (零点气).
    case zero
    /// Low concentration (低浓度).
    case low
    /// Between low and middle (中低浓度).
    case midLow = "mid-low"
    /// Between middle and high (中高浓度).
    case midHigh = "mid-high"
    /// High concentration (高浓度).
    case high
    /// NO2 for the converter (转化炉).
    case nitrogenDioxide = "no2"
}
