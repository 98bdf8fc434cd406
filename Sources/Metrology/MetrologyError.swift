public import Messages

/// Why a formula has no result; thrown instead of returning NaN, infinity or a number without meaning.
public enum MetrologyError: MessageError, Equatable {
    /// CO and CO2 are both zero: there is no exhaust in the sample.
    case gasWithoutCarbon
    /// A concentration below zero.
    case negative(gas: String, value: Double)
    /// The humidity correction has a pole; at and past `limit` it is not defined.
    case airTooHumid(humidity: AbsoluteHumidity, limit: AbsoluteHumidity)
    /// An air temperature or pressure for which the saturation pressure is not tabulated.
    case airBeyondTable(Temperature)
    /// An opacity of 100 % or more lets no light through: the absorption has no value.
    case opacitySaturated(Percentage)
    /// A light path without length.
    case lengthNotPositive(Length)
    /// No Bessel filter has the wanted response.
    case filterUndefined
    /// Air without pressure or warmth, to which no engine power can be corrected.
    case airWithoutPower(temperature: Temperature, pressure: Pressure)
    /// The exhaust holds as much oxygen as air: its share in a stream cannot be told.
    case exhaustLikeAir(oxygen: Percentage, ambient: Percentage)
    /// A value that is infinite or not a number.
    case notFinite
    /// A value with more digits before the point than a report can hold.
    case tooLarge(Double)

    /// What to tell the operator.
    public var message: Message {
        switch self {
        case .gasWithoutCarbon: Message(.gasWithoutCarbon)
        case .negative(let gas, let value):
            Message(.gasNegative, ["gas": .text(gas), "value": .decimal("\(value)")])
        case .airTooHumid(let humidity, let limit):
            Message(
                .airTooHumid,
                ["humidity": .decimal(brief(humidity.value)), "limit": .decimal(brief(limit.value))])
        case .airBeyondTable(let temperature):
            Message(
                .airBeyondTable,
                [
                    "temperature": .decimal(brief(temperature.value)),
                    "range": .text(
                        "\(SaturationPressure.range.lowerBound.value)…\(SaturationPressure.range.upperBound.value)"),
                ])
        case .opacitySaturated(let opacity):
            Message(.opacitySaturated, ["opacity": .decimal(brief(opacity.value))])
        case .lengthNotPositive(let length):
            Message(.lengthNotPositive, ["length": .decimal(brief(length.value))])
        case .filterUndefined: Message(.filterUndefined)
        case .airWithoutPower(let temperature, let pressure):
            Message(
                .airWithoutPower,
                ["temperature": .decimal(brief(temperature.value)), "pressure": .decimal(brief(pressure.value))])
        case .exhaustLikeAir(let oxygen, let ambient):
            Message(
                .exhaustLikeAir,
                ["oxygen": .decimal(brief(oxygen.value)), "ambient": .decimal(brief(ambient.value))])
        case .notFinite: Message(.valueNotFinite)
        case .tooLarge(let value): Message(.valueTooLarge, ["value": .decimal("\(value)")])
        }
    }

    private func brief(_ value: Double) -> String { (try? RoundedDecimal(value, places: 2))?.description ?? "\(value)" }
}
