public import Metrology

/// What a standard asks of a simple transient test (简易瞬态工况法测试要求): conditions, cycle, band, load, mass and
/// corrections, read from a requirement pack.
///
/// Every number that the procedure uses stands here with its source and grade; the procedure holds none of its own.
public struct VMASRequirements: MethodRequirements {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]

    /// Conditions before the probe goes in.
    public let preTest: PreTestRules
    /// What the flow meter must show before the test and in it.
    public let flowMeter: FlowMeterRules
    /// The driving cycle.
    public let cycle: Cycle
    /// The speed band and how long it may be left.
    public let bands: Bands
    /// How the vehicle is loaded.
    public let load: Load
    /// How concentrations become masses.
    public let mass: MassRules
    /// Whether rounded or full values are compared with limits.
    public let comparison: Comparison
    /// Which reading stands for a second.
    public let secondTakes: SecondTakes
    /// Constants of the corrections.
    public let correction: CorrectionConstants
    /// Decimal places of reported values.
    public let report: [MassPollutant: Int]
    /// When a test is broken off because the lane cannot measure.
    public let watch: WatchRules
    /// When a test is broken off because of its sample.
    public let sampling: SamplingRules
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// What the flow meter must show.
    public struct FlowMeterRules: Sendable {
        /// O2 of the room's air, %.
        public let oxygenNominal: PackValue
        /// How far its reading of it may be off, %.
        public let oxygenTolerance: PackValue
        /// Least flow at the standard state, L/s.
        public let flowMinimum: PackValue
        /// Seconds in a row below it that break the test off.
        public let flowLowSeconds: Int
        /// Seconds before its readings are taken.
        public let settle: Int
        /// Seconds after which waiting for it ends.
        public let limit: Int
    }

    /// The driving cycle (运转循环).
    public struct Cycle: Sendable {
        /// Its operations in order; at least one.
        public let operations: [Operation]
        /// The speed to drive.
        public let trace: SpeedTrace
        /// Seconds of idle before it begins.
        public let idleBefore: Int
        /// The way it should be, km.
        public let nominalDistance: PackValue
        /// How far off the way may be, inclusive, km.
        public let distanceTolerance: PackValue
        /// Seconds of the coming trace that the driver sees.
        public let lookAhead: Int

        /// Its length, s.
        public var seconds: Int { operations.last?.until ?? 0 }

        /// The index of the operation in which a time lies; a moment that ends one belongs to it.
        public func operation(at second: Double) -> Int {
            operations.firstIndex { second <= Double($0.until) } ?? operations.count - 1
        }
    }

    /// One operation of a cycle (操作).
    public struct Operation: Hashable, Sendable {
        /// Its last second.
        public let until: Int
        /// The speed at its end.
        public let speed: Speed
        /// The phase it belongs to (工况).
        public let phase: Int
        /// The gear of a manual gearbox; 0 for neutral or a pressed clutch.
        public let gear: Int
    }

    /// The speed band.
    public struct Bands: Sendable {
        /// Half-width, inclusive, km/h.
        public let speed: PackValue
        /// How far a speed may be early or late, s.
        public let timeTolerance: PackValue
        /// Seconds in a row outside the band that stop the test.
        public let continuous: Int
        /// Whether it is stopped with the second that completes them, or with the one after.
        public let limitReached: LimitReached
    }

    /// How the vehicle is loaded.
    public struct Load: Sendable {
        /// Added to the curb mass for the reference mass, kg.
        public let referenceMassAllowance: PackValue
        /// Greatest permitted mass of a vehicle that the method is for, kg.
        public let grossMassMaximum: PackValue
        /// Power and inertia by reference mass, the lightest class first; at least one.
        public let classes: [LoadClass]
        /// The speed at which the classes state their power, km/h.
        public let speed: PackValue
        /// The power of the speed with which the power rises.
        public let exponent: Int
        /// Which inertia is imitated.
        public let inertiaOf: InertiaOf
        /// The brake has no force below this speed, km/h.
        public let loadFrom: PackValue
        /// Of the readings whose slope is the acceleration.
        public let accelerationWindow: LaneSpan
        /// A smaller change of force is not sent to the brake, N.
        public let forceStep: PackValue

        /// The class of a reference mass.
        public func loadClass(referenceMass: Mass) -> LoadClass {
            // The last class has no upper end.
            classes.first { $0.upTo.map { referenceMass <= $0 } ?? true } ?? classes[classes.count - 1]
        }
    }

    /// One class of reference mass (基准质量级别).
    public struct LoadClass: Hashable, Sendable {
        /// Its greatest reference mass; nil for the last one.
        public let upTo: Mass?
        /// Power at the roller's surface at the pack's speed.
        public let power: Power
        /// Equivalent inertia (当量惯量).
        public let inertia: Mass
    }

    /// Which inertia the brake imitates beyond that of the rollers.
    public enum InertiaOf: String, CaseIterable, Sendable {
        /// The vehicle's reference mass.
        case referenceMass = "reference-mass"
        /// The equivalent inertia of its class.
        case loadClass = "class"
    }

    /// How concentrations become masses.
    public struct MassRules: Sendable {
        /// The state to which the flow is converted.
        public let standard: GasStandard
        /// How the standard is read where it is open; the result is formed this way.
        public let reading: MassReading
        /// The temperature of the other reading of densities, °C.
        public let otherDensityTemperature: PackValue
        /// Whose reading of the room's O2 enters the dilution ratio.
        public let ambientOxygenFrom: AmbientOxygenFrom
        /// The dilution ratio's rule.
        public let share: ExhaustShare
        /// Of an ideal gas at 0 °C, L/mol.
        public let molarVolume: PackValue
        /// g/mol.
        public let molarMass: [MassGas: PackValue]
        /// The longest delay of gas or flow that is believed, s.
        public let delayMaximum: PackValue

        /// All ways to read the standard, the pack's own first.
        public var readings: [MassReading] {
            let own = reading
            let others = [own.densityTemperature, otherDensityTemperature].flatMap { temperature in
                NitrogenOxidesBasis.allCases.flatMap { basis in
                    DilutionInMass.allCases.map { dilution in
                        MassReading(densityTemperature: temperature, nitrogenOxides: basis, dilution: dilution)
                    }
                }
            }
            return [own] + others.filter { $0 != own }
        }

        /// The density of a gas at a temperature and the standard pressure.
        public func density(of gas: MassGas, at temperature: PackValue) -> Density {
            // Packs are read completely or not at all, so every gas is there.
            GasStandard(temperature: Temperature(temperature.value), pressure: standard.pressure)
                .density(molarMass: molarMass[gas]?.value ?? 0, molarVolume: molarVolume.value)
        }
    }

    /// One way to read what the standard leaves open.
    public struct MassReading: Hashable, Sendable {
        /// Of the densities, °C.
        public let densityTemperature: PackValue
        /// As what NO is counted.
        public let nitrogenOxides: NitrogenOxidesBasis
        /// Whether concentrations are corrected for dilution before.
        public let dilution: DilutionInMass
    }

    /// As what measured NO is counted in the mass of NOx.
    public enum NitrogenOxidesBasis: String, CaseIterable, Sendable {
        /// As itself.
        case nitricOxide = "no"
        /// As NO2.
        case nitrogenDioxide = "no2"
    }

    /// Whether the dilution factor enters the mass.
    public enum DilutionInMass: String, CaseIterable, Sendable {
        /// It does.
        case applied
        /// Raw concentrations do.
        case leftOut = "left-out"
    }

    /// Whose reading of the room's O2 enters the dilution ratio.
    public enum AmbientOxygenFrom: String, CaseIterable, Sendable {
        /// The flow meter's.
        case flowMeter = "flow-meter"
        /// The gas analyzer's.
        case gasAnalyzer = "gas-analyzer"
    }
}

/// The gases whose masses are formed.
public enum MassGas: String, CaseIterable, Sendable {
    /// CO.
    case carbonMonoxide = "co"
    /// CO2.
    case carbonDioxide = "co2"
    /// HC as n-hexane.
    case hydrocarbons = "hc"
    /// NO.
    case nitricOxide = "no"
    /// NO2.
    case nitrogenDioxide = "no2"
}
