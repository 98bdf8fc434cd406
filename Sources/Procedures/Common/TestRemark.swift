/// Something a reader of the record should know.
public enum TestRemark: String, CaseIterable, Sendable {
    /// A dilution factor below 1 was used; a wrong fuel gives this.
    case dilutionFactorBelowOne = "dilution-factor-below-one"
    /// No oil temperature could be read; the engine had run for the pack's time.
    case oilTemperatureNotRead = "oil-temperature-not-read"
}
