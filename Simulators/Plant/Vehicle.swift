/// A vehicle as data: what a person describes in a file under `Vehicles/`.
public struct Vehicle: Hashable, Sendable {
    /// The file's name without its ending.
    public var id: String
    /// Curb mass (整备质量), kg.
    public var curbMass: Double
    /// Idle speed, r/min.
    public var idleSpeed: Double
    /// Full-load power over engine speed, ascending.
    public var powerCurve: [PowerPoint]
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

    /// Full-load torque at an engine speed, N·m.
    func fullTorque(at engineSpeed: Double) -> Double {
        let (low, high, share) = segment(of: powerCurve, at: engineSpeed, \.engineSpeed)
        let power = powerCurve[low].power + (powerCurve[high].power - powerCurve[low].power) * share
        // Below the curve's first point the torque, not the power, stays what it is.
        return power * 1000 / (max(engineSpeed, powerCurve[0].engineSpeed) * radiansPerSecond)
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
