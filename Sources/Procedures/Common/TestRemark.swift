/// Something a reader of the record should know.
public enum TestRemark: String, CaseIterable, Sendable {
    /// A dilution factor below 1 was used; a wrong fuel gives this.
    case dilutionFactorBelowOne = "dilution-factor-below-one"
    /// A peak was taken from the readings, because the opacimeter has no peak memory or it was not seen cleared.
    case peakFromReadings = "peak-from-readings"
    /// The opacimeter checked its full scale by itself; no reading showed it.
    case fullScaleNotShown = "full-scale-not-shown"
    /// The room's air could not be read.
    case airNotRead = "air-not-read"
    /// No oil temperature could be read; the engine had run for the pack's time.
    case oilTemperatureNotRead = "oil-temperature-not-read"
}
