/// A vehicle as data: what a person describes in a file under `Vehicles/`.
public struct Vehicle: Hashable, Sendable {
    /// The file's name without its ending.
    public var id: String
    /// Curb mass (整备质量), kg.
    public var curbMass: Double
    /// Idle speed, r/min.
    public var idleSpeed: Double
    /// What burns the fuel.
    public var ignition: Ignition
    /// Displacement (排量), L.
    public var displacement: Double
    /// Engine speed at full pedal without load (断油转速), r/min: beyond the full-load curve's last point the governor
    /// takes the torque away.
    public var governedSpeed: Double
    /// Full-load power over engine speed, ascending, up to the rated speed.
    public var powerCurve: [PowerPoint]
    /// The turbocharger (涡轮增压器), if there is one.
    public var turbocharger: Turbocharger?
    /// The electric motor of a hybrid.
    public var motor: ElectricMotor?
    /// Engine speed per road speed of each gear, first gear first, r/min per km/h.
    public var gears: [Double]
    /// What the rotating parts of the driven axle weigh at the tyre's surface, kg.
    public var rotatingMass: Double
    /// Moment of inertia of crankshaft and flywheel, kg·m².
    public var engineInertia: Double
    /// Torque that turns the unfired engine at standstill, N·m; it doubles with every 3000 r/min.
    public var engineDrag: Double
    /// Share of the crankshaft's power that reaches the tyres.
    public var drivelineEfficiency: Double
    /// Rolling resistance of the driven tyres on the rollers, N.
    public var rollingResistance: Double
    /// Growth of the rolling resistance with speed, N per km/h.
    public var rollingResistancePerSpeed: Double
    /// Oil temperature at the beginning, °C. Below ``warmOilTemperature`` the engine has still to warm up.
    public var initialOilTemperature: Double
    /// Oil temperature of the warm idling engine, °C.
    public var warmOilTemperature: Double
    /// Time constant of the oil's warming, s.
    public var oilWarming: Double
    /// Hydrogen per carbon atom of the fuel.
    public var hydrogenRatio: Double
    /// Tail-pipe gas of the warm engine over load, ascending.
    public var emissions: [EmissionPoint]
    /// How many times as much a cold catalyst lets through.
    public var coldFactor: ColdFactor
    /// Catalyst temperature at which it converts half of what it can, °C.
    public var lightOff: Double
    /// Share of the nitrogen oxides that leave the pipe as NO2, 0…1.
    public var nitrogenDioxideShare: Double
    /// What the vehicle's diagnosis says of itself.
    public var diagnosis: Diagnosis

    /// Whether its units talk by SAE J1939, as those of heavy diesels do.
    public var hasTruckBus: Bool { ignition == .compression && curbMass > 3500 }

    /// How the fuel is set on fire.
    public enum Ignition: String, CaseIterable, Codable, Sendable {
        /// By a spark (点燃式).
        case spark
        /// By compression (压燃式).
        case compression
    }

    /// A turbocharger, as far as smoke is concerned.
    public struct Turbocharger: Hashable, Sendable {
        /// Air that it adds at full load, as a share of what the engine draws without it.
        public var boost: Double
        /// How long its speed takes to follow the exhaust's energy, s.
        public var lag: Double
        /// How far fuel may run ahead of the air that is there: 1 is not at all, as with a good smoke limiter.
        public var fuelLead: Double
    }

    /// The electric drive of a hybrid.
    public struct ElectricMotor: Hashable, Sendable {
        /// Greatest force at the tyres, N.
        public var force: Double
        /// Greatest power, kW.
        public var power: Double
        /// Road speed up to which the car drives without its engine, km/h.
        public var engineSpeedLimit: Double
    }

    /// Full-load power at an engine speed.
    public struct PowerPoint: Hashable, Sendable {
        /// r/min.
        public var engineSpeed: Double
        /// kW.
        public var power: Double
    }

    /// Tail-pipe concentrations at a load.
    public struct EmissionPoint: Hashable, Sendable {
        /// Torque over full-load torque at the same engine speed, 0…1.
        public var load: Double
        /// %.
        public var carbonMonoxide: Double
        /// ppm as n-hexane.
        public var hydrocarbons: Double
        /// ppm.
        public var nitricOxide: Double
        /// Oxygen left over, %.
        public var oxygen: Double
        /// Light absorption of the smoke (光吸收系数), 1/m.
        public var smoke: Double
    }

    /// Factors of a cold catalyst and engine on the warm concentrations.
    public struct ColdFactor: Hashable, Sendable {
        /// On CO.
        public var carbonMonoxide: Double
        /// On HC.
        public var hydrocarbons: Double
        /// On NO.
        public var nitricOxide: Double
    }

    /// The speed at which the full-load curve ends and the governor begins, r/min.
    public var ratedSpeed: Double { powerCurve[powerCurve.count - 1].engineSpeed }

    /// The greatest power of the full-load curve, kW.
    public var ratedPower: Double { powerCurve.map(\.power).max() ?? 0 }

    /// The gear in which full pedal brings the tyres closest to 70 km/h and below 100 km/h (GB 3847-2018, Annex B).
    public var lugDownGear: Int {
        func speed(_ gear: Int) -> Double { governedSpeed / gears[gear - 1] }
        let possible = (1...max(1, gears.count)).filter { speed($0) < 100 }
        return possible.min { abs(speed($0) - 70) < abs(speed($1) - 70) } ?? 1
    }

    /// Full-load torque at an engine speed without the governor, N·m.
    func curveTorque(at engineSpeed: Double) -> Double {
        let (low, high, share) = segment(of: powerCurve, at: engineSpeed, \.engineSpeed)
        let power = powerCurve[low].power + (powerCurve[high].power - powerCurve[low].power) * share
        // Below the curve's first point the torque, not the power, stays what it is.
        return power * 1000 / (max(engineSpeed, powerCurve[0].engineSpeed) * radiansPerSecond)
    }

    /// Full-load torque at an engine speed, N·m: beyond the rated speed the governor lets it fall to nothing at the
    /// governed speed, and below nothing past that, to the drag of an engine without fuel.
    func fullTorque(at engineSpeed: Double) -> Double {
        let torque = curveTorque(at: engineSpeed)
        guard engineSpeed > ratedSpeed else { return torque }
        let left = (governedSpeed - engineSpeed) / (governedSpeed - ratedSpeed)
        return max(-dragTorque(at: engineSpeed), torque * left)
    }

    /// Torque that turns the unfired engine, N·m.
    func dragTorque(at engineSpeed: Double) -> Double { engineDrag * (1 + engineSpeed / 3000) }

    /// Force at the tyres per torque at the crankshaft without losses, 1/m: angular speed over road speed.
    func leverage(of gear: Int) -> Double {
        guard gears.indices.contains(gear - 1) else { return 0 }
        return gears[gear - 1] * radiansPerSecond * 3.6
    }
}

/// rad/s per r/min.
let radiansPerSecond = Double.pi / 30
