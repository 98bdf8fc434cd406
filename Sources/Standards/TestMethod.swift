/// The test methods (检测方法) that the lane knows; packs belong to one.
public enum TestMethod: String, CaseIterable, Sendable {
    /// Acceleration simulation mode, steady-state loaded (稳态工况法).
    case asm
    /// Two-speed idle (双怠速法).
    case twoSpeedIdle = "two-speed-idle"
    /// Free acceleration of diesel vehicles on a lane (自由加速法).
    case freeAcceleration = "free-acceleration"
    /// Free acceleration of non-road machinery, and at the roadside, with portable instruments (非道路移动机械, 路检).
    case nonRoad = "non-road"
    /// Lug-down, loaded deceleration of diesel vehicles (加载减速法).
    case lugDown = "lug-down"
    /// Simple transient: one urban cycle with the mass of the exhaust (简易瞬态工况法).
    case vmas
}

/// What a vehicle burns (燃料类别).
public enum Fuel: String, CaseIterable, Sendable {
    /// Gasoline (汽油).
    case gasoline
    /// Liquefied petroleum gas (液化石油气).
    case lpg
    /// Natural gas (天然气).
    case naturalGas = "natural-gas"
    /// Diesel (柴油).
    case diesel

    /// The fuels of spark-ignition engines (点燃式).
    public static let sparkIgnition: [Fuel] = [.gasoline, .lpg, .naturalGas]
}
