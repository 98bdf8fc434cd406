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
    /// Whether the analyzer's probe is to be in the tail pipe.
    public var probeInserted: Bool

    /// Creates a cue; without arguments a vehicle that idles, with the probe in the room.
    public init(
        targetSpeed: Double? = nil, tolerance: Double = 2, engineRunning: Bool = true, gear: Int? = nil,
        throttle: Double? = nil, probeInserted: Bool = false
    ) {
        self.targetSpeed = targetSpeed
        self.tolerance = tolerance
        self.engineRunning = engineRunning
        self.gear = gear
        self.throttle = throttle
        self.probeInserted = probeInserted
    }

    /// Decodes a cue; what is left out has the value of ``init(targetSpeed:tolerance:engineRunning:gear:throttle:probeInserted:)``.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            targetSpeed: try values.decodeIfPresent(Double.self, forKey: .targetSpeed),
            tolerance: try values.decodeIfPresent(Double.self, forKey: .tolerance) ?? 2,
            engineRunning: try values.decodeIfPresent(Bool.self, forKey: .engineRunning) ?? true,
            gear: try values.decodeIfPresent(Int.self, forKey: .gear),
            throttle: try values.decodeIfPresent(Double.self, forKey: .throttle),
            probeInserted: try values.decodeIfPresent(Bool.self, forKey: .probeInserted) ?? false)
    }
}
