public import Metrology

/// The points of lug-down: shares of the roller speed of maximum power (加载减速工况点).
public enum LugDownPoint: String, CaseIterable, Sendable {
    /// 100 % of VelMaxHP.
    case p100
    /// 90 %, of the 2005 edition only.
    case p90
    /// 80 %.
    case p80
}

/// What a standard asks of a lug-down test (加载减速法测试要求): the vehicle, conditions, gear, power scan, points, rules
/// and corrections, read from a requirement pack.
///
/// Every number that the procedure uses stands here with its source and grade; the procedure holds none of its own.
public struct LugDownRequirements: MethodRequirements {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]

    /// What an order must say to be plausible, and which dynamometer it needs.
    public let vehicle: Vehicle
    /// Conditions before the engine is raced.
    public let preTest: PreTest
    /// How the free top speed and the gear are found.
    public let gear: Gear
    /// How the power is scanned.
    public let scan: Scan
    /// The points that are measured, in order.
    public let points: [Point]
    /// How a point is held and averaged.
    public let pointTimes: PointTimes
    /// How values become a verdict.
    public let decisions: Decisions
    /// The correction of power, by how the engine breathes.
    public let powerCorrection: [EngineBreathing: PowerCorrection]
    /// The humidity correction of NOx.
    public let humidity: HumidityCorrection
    /// Decimal places of reported values.
    public let report: Places
    /// When any test is broken off because the lane cannot measure.
    public let watch: WatchRules
    /// When a lug-down test is broken off besides.
    public let aborts: Aborts
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// How an engine breathes, as the power correction tells engines apart.
    public enum EngineBreathing: String, CaseIterable, Sendable {
        /// Naturally aspirated, or supercharged by the engine's shaft.
        case natural
        /// Turbocharged.
        case turbocharged
    }

    /// What an order must say to be plausible, and which dynamometer it needs.
    public struct Vehicle: Sendable {
        /// Least and greatest rated power, kW.
        public let ratedPower: (low: PackValue, high: PackValue)
        /// Least and greatest rated engine speed, r/min.
        public let ratedSpeed: (low: PackValue, high: PackValue)
        /// Least and greatest gross mass, kg.
        public let grossMass: (low: PackValue, high: PackValue)
        /// Greatest gross mass of a vehicle for which a light dynamometer serves, kg.
        public let lightGrossMass: PackValue
        /// Least power that a light dynamometer's brake can take, kW.
        public let brakePowerLight: PackValue
        /// The same of a heavy one, kW.
        public let brakePowerHeavy: PackValue

        /// Least power that the brake must be able to take for a vehicle of this gross mass (最大总质量), kW.
        public func brakePower(for grossMass: RoundedDecimal) -> PackValue {
            grossMass <= lightGrossMass.decimal ? brakePowerLight : brakePowerHeavy
        }
    }

    /// Conditions before the engine is raced.
    public struct PreTest: Sendable {
        /// Least oil or coolant temperature, °C.
        public let oilTemperatureMinimum: PackValue
        /// Running time that stands in for it where neither can be read, s.
        public let engineRunningInstead: PackValue
        /// Least air temperature, °C.
        public let airTemperatureMinimum: PackValue
        /// Greatest air temperature, °C; above it a test under way is ended, too.
        public let airTemperatureMaximum: PackValue
        /// Greatest relative humidity, %.
        public let relativeHumidityMaximum: PackValue
        /// Greatest opacity in clean air, %.
        public let opacityZero: PackValue
        /// Least opacity with the light shut off, %.
        public let opacityFullScale: PackValue
        /// Greatest NOx in room air, ppm.
        public let noxZero: PackValue
        /// Greatest speed of rollers at rest, km/h.
        public let restSpeedMaximum: PackValue
        /// Least CO2 that shows the probe in the exhaust, %.
        public let probeCarbonMinimum: PackValue
        /// Seconds for an instrument to take up an action.
        public let actionSettle: Int
        /// Seconds over which readings of the pre-test are averaged.
        public let samplingMean: Int
        /// Seconds after which waiting for warmth, zero, full scale, rollers at rest and the probe ends.
        public let limits: [Wait: Int]

        /// What the pre-test waits for, each for a limited time.
        public enum Wait: String, CaseIterable, Sendable {
            /// Warm instruments and engine.
            case warmUp = "warm-up"
            /// The zero of opacimeter and bench.
            case zero
            /// The full scale of the opacimeter.
            case fullScale = "full-scale"
            /// Rollers at rest.
            case rest
            /// The probes in the exhaust.
            case probe
        }
    }

    /// How the free top speed (断油转速) and the gear are found.
    public struct Gear: Sendable {
        /// Share of the rated engine speed below which a steady speed is not one at full throttle, %.
        public let pedalDownShare: PackValue
        /// Seconds for which speeds must keep for them to count.
        public let steady: Int
        /// Greatest spread of engine speed in those seconds, r/min.
        public let steadyEngineSpeed: PackValue
        /// Greatest spread of roller speed in those seconds, km/h.
        public let steadySpeed: PackValue
        /// The roller speed at full throttle that the gear is to come closest to, km/h.
        public let speedTarget: PackValue
        /// Least roller speed at full throttle, inclusive, km/h.
        public let speedMinimum: PackValue
        /// The roller speed must be below this, km/h.
        public let speedBelow: PackValue
        /// Seconds to change gear.
        public let shift: Int
        /// Seconds to reach the free top speed.
        public let governedLimit: Int
        /// Seconds to find the gear.
        public let limit: Int
    }

    /// How the power is scanned (功率扫描).
    public struct Scan: Sendable {
        /// How much the set speed falls each second, km/h.
        public let step: PackValue
        /// How far below the speed of maximum power the scan ends, %.
        public let beyondMaximum: PackValue
        /// Which speed of maximum power that is.
        public let beyondWhich: ScanEndOf
        /// The roller speed below which the scan ends in any case, km/h.
        public let floor: PackValue
        /// Share of rated engine speed below which it ends, %.
        public let engineSpeedShare: PackValue
        /// Engine speed below which it ends, r/min.
        public let engineSpeedFloor: PackValue
        /// What is made of the slowing rollers' inertia.
        public let inertia: ScanInertia
        /// Longest scan, s.
        public let limit: Int
    }

    /// Below which speed of maximum power the scan ends.
    public enum ScanEndOf: String, CaseIterable, Sendable {
        /// That of the greatest power so far.
        case measured
        /// Top speed times rated over greatest engine speed (计算 VelMaxHP).
        case calculated
        /// The lower of the two.
        case both
    }

    /// What is made of the slowing rollers' inertia.
    public enum ScanInertia: String, CaseIterable, Sendable {
        /// Power is what brake and rollers take.
        case neglected
        /// What the slowing rollers give back is taken off.
        case compensated
    }

    /// One point.
    public struct Point: Sendable {
        /// Which.
        public let point: LugDownPoint
        /// Share of the speed of maximum power, %.
        public let share: PackValue
        /// What is judged there.
        public let judges: Judges

        /// What is judged at a point.
        public enum Judges: String, CaseIterable, Sendable {
            /// Smoke.
            case k
            /// Smoke and nitrogen oxides.
            case kAndNOx = "k-and-nox"

            /// The quantities, in the order of the report.
            public var quantities: [LugDownQuantity] {
                self == .k ? [.lightAbsorption] : [.lightAbsorption, .nitrogenOxides]
            }
        }
    }

    /// How a point is held and averaged.
    public struct PointTimes: Sendable {
        /// Greatest change of the set speed per second, km/h.
        public let speedRate: PackValue
        /// Half-width of the speed band, inclusive, km/h.
        public let speedBand: PackValue
        /// Seconds in the band before values are taken.
        public let settle: Int
        /// Seconds over which they are averaged.
        public let mean: Int
        /// Longest point with its restarts, s.
        public let limit: Int
        /// Longest test from the first full throttle in gear, s.
        public let testMaximum: Int
    }

    /// How values become a verdict.
    public struct Decisions: Sendable {
        /// Least corrected wheel power, % of rated engine power.
        public let powerShare: PackValue
        /// Which power is judged.
        public let powerOf: PowerOf
        /// What too little power leads to.
        public let powerTooLow: PowerTooLow
        /// Least engine speed at maximum power, % of rated.
        public let engineSpeedLow: PackValue
        /// The greatest.
        public let engineSpeedHigh: PackValue
        /// Whether that ratio is judged.
        public let engineSpeed: EngineSpeedRule
        /// Whether NOx is corrected for humidity.
        public let noxHumidity: Switch
        /// Whether rounded or full values are compared with limits.
        public let comparison: Comparison
        /// Which reading stands for a second.
        public let secondTakes: SecondTakes

        /// The least corrected wheel power for a rated power, kW: exact in decimal.
        public func minimumPower(rated: RoundedDecimal) -> PackValue {
            PackValue(
                decimal: rated.times(percent: powerShare.decimal), unit: Kilowatts.symbol, source: powerShare.source,
                grade: powerShare.grade, note: "\(powerShare.decimal) % of \(rated) kW")
        }
    }

    /// Which power is judged.
    public enum PowerOf: String, CaseIterable, Sendable {
        /// The greatest of the scan.
        case scan
        /// The mean at the first point.
        case point
    }

    /// What too little power leads to.
    public enum PowerTooLow: String, CaseIterable, Sendable {
        /// The smoke is measured all the same.
        case continues
        /// The vehicle fails after the scan.
        case ends
    }

    /// Whether the engine speed at maximum power is judged.
    public enum EngineSpeedRule: String, CaseIterable, Sendable {
        /// Outside its range the vehicle fails.
        case judged
        /// The ratio is only recorded.
        case recorded
    }

    /// A correction that may be left out.
    public enum Switch: String, CaseIterable, Sendable {
        /// Applied.
        case on
        /// Left out.
        case off
    }

    /// Decimal places of reported values.
    public struct Places: Sendable {
        /// Of each judged quantity.
        public let quantities: [LugDownQuantity: Int]
        /// Of power in kW.
        public let power: Int
        /// Of the ratio of engine speeds in %.
        public let ratio: Int
    }

    /// When a lug-down test is broken off besides.
    public struct Aborts: Sendable {
        /// Seconds in a row with too little sample flow of the bench.
        public let lowFlowSeconds: Int
        /// Greatest coolant temperature, °C.
        public let coolantMaximum: PackValue
        /// Greatest oil temperature, °C.
        public let oilMaximum: PackValue
        /// Seconds in a row above.
        public let temperatureSeconds: Int
        /// How far the rollers may be from the set speed, km/h.
        public let controlBand: PackValue
        /// Seconds in a row beyond.
        public let controlSeconds: Int
        /// Share of the greatest force below which the pedal was let go, %.
        public let pedalForceShare: PackValue
        /// Greatest change of engine speed over roller speed, %.
        public let slipBand: PackValue
        /// Seconds in a row beyond.
        public let slipSeconds: Int
    }
}
