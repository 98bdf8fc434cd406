/// What the simulated driver is asked to do: the whole of it, each time.
public struct DriverCue: Codable, Hashable, Sendable {
    /// Speed to hold, km/h. Nil: take the foot off, leave the gear, roll out. 0: brake to rest.
    public var targetSpeed: Double?
    /// Half-width of the band around the target, km/h.
    public var tolerance: Double
    /// Whether the engine is to run.
    public var engineRunning: Bool
    /// Gear to use, 0 for neutral; nil leaves the choice to the driver.
    public var gear: Int?
    /// Throttle to hold, 0…1, instead of following a speed; nil leaves it to the driver.
    public var throttle: Double?
    /// Whether the instruments' probes are to be in the tail pipe, and the flow meter's tube behind it.
    public var probeInserted: Bool
    /// Engine speed to hold out of gear, r/min; nil for none.
    public var engineSpeed: Double?
    /// The coming seconds of a speed trace, km/h: the speeds in one, two, three… seconds from this cue on. With them
    /// ``targetSpeed`` is the speed at this moment, and the driver looks ahead, changes gears and brakes as the trace
    /// wants. Empty: the driver holds ``targetSpeed``.
    public var comingSpeeds: [Double]
    /// A whole movement instead of a speed; it begins with the cue in which it first appears.
    public var maneuver: Maneuver?
    /// Whether a hybrid's engine is kept running (检测模式). Other cars do not know it.
    public var inspectionMode: Bool

    /// Whether the vehicle stands over the rollers; false: it was driven away, and they turn alone.
    public var vehicleOnLane: Bool

    /// What a driver does in one go.
    public enum Maneuver: String, CaseIterable, Codable, Sendable {
        /// Out of gear the pedal to the floor, held at the governed speed, released; then idle until another cue.
        case freeAcceleration = "free-acceleration"
        /// Through the gears up to ``DriverCue/gear``, or to that of the lug-down test, and full pedal in it.
        case fullPedal = "full-pedal"
    }

    /// Creates a cue; without arguments a vehicle that idles, with the probe in the room.
    public init(
        targetSpeed: Double? = nil, tolerance: Double = 2, engineRunning: Bool = true, gear: Int? = nil,
        throttle: Double? = nil, probeInserted: Bool = false, engineSpeed: Double? = nil,
        comingSpeeds: [Double] = [], maneuver: Maneuver? = nil, inspectionMode: Bool = true,
        vehicleOnLane: Bool = true
    ) {
        self.targetSpeed = targetSpeed
        self.tolerance = tolerance
        self.engineRunning = engineRunning
        self.gear = gear
        self.throttle = throttle
        self.probeInserted = probeInserted
        self.engineSpeed = engineSpeed
        self.comingSpeeds = comingSpeeds
        self.maneuver = maneuver
        self.inspectionMode = inspectionMode
        self.vehicleOnLane = vehicleOnLane
    }

    /// Decodes a cue; what is left out has the value of a cue without arguments.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            targetSpeed: try values.decodeIfPresent(Double.self, forKey: .targetSpeed),
            tolerance: try values.decodeIfPresent(Double.self, forKey: .tolerance) ?? 2,
            engineRunning: try values.decodeIfPresent(Bool.self, forKey: .engineRunning) ?? true,
            gear: try values.decodeIfPresent(Int.self, forKey: .gear),
            throttle: try values.decodeIfPresent(Double.self, forKey: .throttle),
            probeInserted: try values.decodeIfPresent(Bool.self, forKey: .probeInserted) ?? false,
            engineSpeed: try values.decodeIfPresent(Double.self, forKey: .engineSpeed),
            comingSpeeds: try values.decodeIfPresent([Double].self, forKey: .comingSpeeds) ?? [],
            maneuver: try values.decodeIfPresent(Maneuver.self, forKey: .maneuver),
            inspectionMode: try values.decodeIfPresent(Bool.self, forKey: .inspectionMode) ?? true,
            vehicleOnLane: try values.decodeIfPresent(Bool.self, forKey: .vehicleOnLane) ?? true)
    }
}
