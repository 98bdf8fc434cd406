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
    /// In some seconds the sample held no carbon; the greatest dilution factor was used.
    case sampleWithoutCarbon = "sample-without-carbon"
    /// In some seconds the exhaust held as much oxygen as air; the dilution ratio of the second before was used.
    case dilutionRatioHeld = "dilution-ratio-held"
    /// The vehicle's inertia is below that of the rollers, which the brake cannot make up for.
    case inertiaBelowRollers = "inertia-below-rollers"
    /// The verdict would be another one if what the standard leaves open were read otherwise.
    case verdictDependsOnReading = "verdict-depends-on-reading"
    /// No oil temperature could be read; the engine had run for the pack's time.
    case oilTemperatureNotRead = "oil-temperature-not-read"
    /// The bench reads no CO2; the operator's word stands for the probe in the exhaust.
    case carbonDioxideNotRead = "carbon-dioxide-not-read"
    /// NOx is the sum of NO and NO2.
    case noxFromNOAndNO2 = "nox-from-no-and-no2"
    /// NOx is the NO that is read behind a converter of NO2.
    case noxBehindConverter = "nox-behind-converter"
    /// The gearbox is automatic: slipping wheels cannot be told from its converter.
    case slipNotWatched = "slip-not-watched"
    /// The scan ended at its floor or at the least engine speed.
    case scanEndedAtFloor = "scan-ended-at-floor"
    /// The limit of k holds the allowance for the lane's altitude.
    case altitudeAllowance = "altitude-allowance"
}
