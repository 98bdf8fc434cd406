import Plant

/// The cells of a gas bench: what zeroing and calibrating make of their signals.
struct GasCells {
    static let cells: [(SensorChannel, any WritableKeyPath<GasMixture, Double> & Sendable)] = [
        (.carbonMonoxide, \.carbonMonoxide), (.carbonDioxide, \.carbonDioxide), (.hydrocarbons, \.hydrocarbons),
        (.nitricOxide, \.nitricOxide), (.nitrogenDioxide, \.nitrogenDioxide), (.oxygen, \.oxygen),
    ]

    /// What the signals are off by until they are zeroed for the first time.
    private static let afterSwitchingOn = GasMixture(
        carbonMonoxide: 0.01, carbonDioxide: 0.05, hydrocarbons: 4, nitricOxide: 6, oxygen: -0.15)
    /// An oxygen cell with less signal than this share of a new one's is worn out.
    static let wornOxygenCell = 0.7
    /// With less than this it cannot be set to the air's oxygen any more.
    private static let deadOxygenCell = 0.5
    /// How far a calibration may turn a gain.
    private static let calibrationReach = 0.7...1.4

    private var isZeroed = false
    private var zeroes: [SensorChannel: Double] = [:]
    private var gains: [SensorChannel: Double] = [:]

    /// What the bench shows for what its cells see.
    func shown(_ seen: GasMixture) -> GasMixture {
        var gas = seen
        for (channel, path) in Self.cells {
            let start = isZeroed ? 0 : Self.afterSwitchingOn[keyPath: path]
            let signal = seen[keyPath: path] + start - (zeroes[channel] ?? 0)
            gas[keyPath: path] = max(0, signal * (gains[channel] ?? 1))
        }
        return gas
    }

    /// What new cells must see to show a gas.
    static func signal(showing gas: GasMixture) -> GasMixture {
        var signal = gas
        for (_, path) in cells { signal[keyPath: path] -= afterSwitchingOn[keyPath: path] }
        return signal
    }

    /// Takes what the cells show in zero gas for zero, and what the oxygen cell shows in air for that of air.
    ///
    /// - Returns: whether that was possible.
    mutating func zero(_ errors: SensorErrors) -> Bool {
        guard errors.gain(.oxygen) >= Self.deadOxygenCell else { return false }
        for (channel, _) in Self.cells { zeroes[channel] = errors.offset(channel) }
        gains[.oxygen] = 1 / errors.gain(.oxygen)
        isZeroed = true
        return true
    }

    /// Sets the gains so that the bottle's gases read as they are written; what is not in it keeps its gain.
    ///
    /// - Returns: whether all of them were within reach.
    mutating func calibrate(to bottle: GasMixture, seen: GasMixture) -> Bool {
        var found = gains
        for (channel, path) in Self.cells where channel != .oxygen && bottle[keyPath: path] > 0 {
            let signal = seen[keyPath: path] - (zeroes[channel] ?? 0)
            guard signal > 0, Self.calibrationReach.contains(bottle[keyPath: path] / signal) else { return false }
            found[channel] = bottle[keyPath: path] / signal
        }
        gains = found
        return true
    }

    mutating func forget() { self = GasCells() }
}

/// Lambda (过量空气系数) as the benches compute it.
enum ShownLambda {
    /// Brettschneider's formula with H/C 1.7261, O/C 0.0176; air has no lambda and shows the greatest number.
    static func of(_ gas: GasMixture) -> Double {
        let carbon = gas.carbonMonoxide + gas.carbonDioxide
        guard gas.carbonDioxide > 0.5 else { return 9.999 }
        let hydrogen = 1.7261 / 4
        let oxygenOfFuel = 0.0176 / 2
        let burnt = hydrogen * 3.5 / (3.5 + gas.carbonMonoxide / gas.carbonDioxide) - oxygenOfFuel
        let oxygen =
            gas.carbonDioxide + gas.carbonMonoxide / 2 + gas.oxygen + gas.nitricOxide / 20_000 + burnt * carbon
        return min(9.999, oxygen / ((1 + hydrogen - oxygenOfFuel) * (carbon + 6e-4 * gas.hydrocarbons)))
    }
}

/// A property of the gas path that every bench has.
public enum GasPath {
    /// Share of the full flow below which a bench says so.
    static let flowLimit = 0.6
    /// Share of leaked air that a leak check finds.
    public static let leakLimit = 0.02
    /// Residual HC above which a bench says so, ppm (HJ/T 289).
    static let residueLimit = 20.0
}
