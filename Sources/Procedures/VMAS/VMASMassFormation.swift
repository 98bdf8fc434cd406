public import Metrology
public import Standards

/// Forms the masses of a second from its aligned values (排放质量计算).
struct VMASMassFormation {
    /// Why a second has no masses.
    enum Gap: Error {
        /// A value is missing.
        case missing(ChannelID)
        /// The air is too humid or too hot for the humidity correction.
        case air
    }

    /// The values that a mass is formed of.
    static let needed: [ChannelID] = [
        .rollerSpeed, .carbonMonoxide, .carbonDioxide, .hydrocarbons, .nitricOxide, .oxygen, .exhaustFlow,
        .dilutedOxygen, .flowTemperature, .flowPressure, .airTemperature, .relativeHumidity, .airPressure,
    ]

    private(set) var remarks: Set<TestRemark> = []

    private let rules: VMASRequirements.MassRules
    private let dilution: DilutionCorrection?
    private let humidity: HumidityCorrection
    private let ambientOxygen: Percentage
    // Until there was a ratio the whole stream counts as exhaust, which is the most that it can be.
    private var shareBefore = 1.0

    /// - Parameter ambientOxygen: O2 of the room's air, by the pack's instrument.
    init(_ test: VMASTest, ambientOxygen: Double) {
        rules = test.requirements.mass
        dilution = test.requirements.correction.dilution[test.fuel]
        humidity = test.requirements.correction.humidity
        self.ambientOxygen = Percentage(ambientOxygen)
    }

    /// The basis of a second's masses.
    mutating func basis(_ values: [ChannelID: Double]) throws(Gap) -> VMASBasis {
        for channel in Self.needed where values[channel] == nil { throw .missing(channel) }
        // Nothing is missing any more; a gas that reads below zero is a zero point that has drifted.
        func value(_ channel: ChannelID) -> Double { values[channel] ?? 0 }
        func gas(_ channel: ChannelID) -> Double { max(0, value(channel)) }

        let factor = dilutionFactor(co: gas(.carbonMonoxide), co2: gas(.carbonDioxide))
        let share = share(diluted: value(.dilutedOxygen), raw: value(.oxygen))
        let air = AirState(
            temperature: Temperature(value(.airTemperature)), relativeHumidity: Percentage(value(.relativeHumidity)),
            pressure: Pressure(value(.airPressure)))
        let moisture = try humidityFactor(air)
        guard
            let flow = try? rules.standard.flow(
                VolumeFlow(max(0, value(.exhaustFlow))), temperature: Temperature(value(.flowTemperature)),
                pressure: Pressure(value(.flowPressure)))
        else { throw .missing(.flowTemperature) }
        return VMASBasis(
            dilutionFactor: factor, humidityFactor: moisture, ambientOxygen: ambientOxygen, standardFlow: flow,
            share: share.value, isShareHeld: share.isHeld, exhaustFlow: flow * share.value,
            carbonMonoxide: Percentage(gas(.carbonMonoxide)), carbonDioxide: Percentage(gas(.carbonDioxide)),
            hydrocarbons: Concentration(gas(.hydrocarbons)), nitricOxide: Concentration(gas(.nitricOxide)))
    }

    private mutating func dilutionFactor(co: Double, co2: Double) -> Double {
        guard let dilution else { return 1 }
        guard let factor = try? dilution.factor(carbonMonoxide: Percentage(co), carbonDioxide: Percentage(co2)) else {
            // Air, as without fuel on the overrun: as diluted as can be.
            remarks.insert(.sampleWithoutCarbon)
            return dilution.cap
        }
        if factor < 1 { remarks.insert(.dilutionFactorBelowOne) }
        return factor
    }

    private mutating func share(diluted: Double, raw: Double) -> (value: Double, isHeld: Bool) {
        guard
            let share = try? rules.share.of(
                ambient: ambientOxygen, diluted: Percentage(diluted), raw: Percentage(raw))
        else {
            remarks.insert(.dilutionRatioHeld)
            return (shareBefore, true)
        }
        // By noise of the sensors it may lie a little outside of what is possible.
        shareBefore = min(1, max(0, share))
        return (shareBefore, false)
    }

    private func humidityFactor(_ air: AirState) throws(Gap) -> Double {
        guard
            let moisture = try? humidity.absoluteHumidity(
                temperature: air.temperature, relativeHumidity: air.relativeHumidity, pressure: air.pressure),
            let factor = try? humidity.factor(moisture)
        else { throw .air }
        return factor
    }
}

/// What the masses of a second are formed of, whichever way the standard is read.
public struct VMASBasis: Hashable, Sendable {
    /// Dilution factor DF (稀释修正系数).
    public let dilutionFactor: Double
    /// Humidity factor kH (湿度修正系数).
    public let humidityFactor: Double
    /// O2 of the room's air (环境氧).
    public let ambientOxygen: Percentage
    /// The flow meter's stream at the standard state (标准流量).
    public let standardFlow: LitreFlow
    /// The share of exhaust in it (稀释比), 0…1.
    public let share: Double
    /// Whether the share is that of the second before, since this one's exhaust was like air.
    public let isShareHeld: Bool
    /// The exhaust at the standard state (尾气流量).
    public let exhaustFlow: LitreFlow

    let carbonMonoxide: Percentage
    let carbonDioxide: Percentage
    let hydrocarbons: Concentration
    let nitricOxide: Concentration

    /// The masses of the second, by one way to read the pack's rules.
    func masses(_ formula: VMASMassFormula) -> VMASMasses {
        let factor = formula.appliesDilution ? dilutionFactor : 1
        func grams(_ density: Density, _ fraction: Double) -> Double {
            massFlow(exhaustFlow, fraction: fraction * factor, density: density).value
        }
        return VMASMasses(
            carbonMonoxide: grams(formula.carbonMonoxide, carbonMonoxide.fraction),
            hydrocarbons: grams(formula.hydrocarbons, hydrocarbons.fraction),
            nitrogenOxides: grams(formula.nitrogenOxides, nitricOxide.fraction * humidityFactor),
            carbonDioxide: grams(formula.carbonDioxide, carbonDioxide.fraction))
    }
}

/// One way to read the pack's rules of masses, with its densities looked up once for all seconds.
struct VMASMassFormula {
    let appliesDilution: Bool
    let carbonMonoxide: Density
    let hydrocarbons: Density
    /// Of the gas as which NO is counted.
    let nitrogenOxides: Density
    let carbonDioxide: Density

    init(_ rules: VMASRequirements.MassRules, _ reading: VMASRequirements.MassReading) {
        func density(_ gas: MassGas) -> Density { rules.density(of: gas, at: reading.densityTemperature) }
        appliesDilution = reading.dilution == .applied
        carbonMonoxide = density(.carbonMonoxide)
        hydrocarbons = density(.hydrocarbons)
        nitrogenOxides = density(reading.nitrogenOxides == .nitricOxide ? .nitricOxide : .nitrogenDioxide)
        carbonDioxide = density(.carbonDioxide)
    }
}

/// Masses of exhaust gases, g.
public struct VMASMasses: Hashable, Sendable {
    /// CO.
    public var carbonMonoxide = 0.0
    /// HC as n-hexane.
    public var hydrocarbons = 0.0
    /// NOx.
    public var nitrogenOxides = 0.0
    /// CO2.
    public var carbonDioxide = 0.0

    /// The mass of one that is judged.
    public func of(_ pollutant: MassPollutant) -> Double {
        switch pollutant {
        case .carbonMonoxide: carbonMonoxide
        case .hydrocarbons: hydrocarbons
        case .nitrogenOxides: nitrogenOxides
        }
    }

    static func + (left: Self, right: Self) -> Self {
        Self(
            carbonMonoxide: left.carbonMonoxide + right.carbonMonoxide,
            hydrocarbons: left.hydrocarbons + right.hydrocarbons,
            nitrogenOxides: left.nitrogenOxides + right.nitrogenOxides,
            carbonDioxide: left.carbonDioxide + right.carbonDioxide)
    }
}
