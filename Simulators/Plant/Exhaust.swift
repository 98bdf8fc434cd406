import Foundation

/// The gas at the tail pipe.
struct Exhaust: Sendable {
    private(set) var gas: GasMixture

    private let vehicle: Vehicle
    private let combustion: Combustion
    private var noise: NoiseSource
    /// Slow drift and quick flutter of each pollutant, as shares: CO, HC, NO, and of the oxygen.
    private var drift: [Wander]
    private var flutter: [Wander]
    private let step: Double

    /// How long the exhaust system takes to fill with new gas, s.
    private static let filling = 0.4

    /// - Parameter engine: the pipe is full of what it produces now.
    init(vehicle: Vehicle, seed: UInt64, step: Double, engine: Powertrain) {
        gas = .roomAir
        self.vehicle = vehicle
        self.step = step
        combustion = Combustion(hydrogenRatio: vehicle.hydrogenRatio)
        noise = NoiseSource(seed: seed, part: 3)
        drift = Array(repeating: Wander(deviation: 0.015, memory: 20, step: step), count: 4)
        flutter = Array(repeating: Wander(deviation: 0.015, memory: 0.6, step: step), count: 4)
        gas = produced(engine)
    }

    mutating func advance(_ engine: Powertrain) {
        for index in drift.indices {
            drift[index].advance(&noise)
            flutter[index].advance(&noise)
        }
        guard engine.isRunning else {
            // A standing engine's pipe fills with air in a minute.
            return gas = gas.mixed(with: .roomAir, share: step / 20)
        }
        gas = gas.mixed(with: produced(engine), share: step / Self.filling)
    }

    private func produced(_ engine: Powertrain) -> GasMixture {
        let (low, high, share) = segment(of: vehicle.emissions, at: engine.load, \.load)
        let (below, above) = (vehicle.emissions[low], vehicle.emissions[high])
        let cold = 1 - conversion(at: engine.catalystTemperature)
        func between(_ lower: Double, _ upper: Double, factor: Double, _ index: Int) -> Double {
            (lower + (upper - lower) * share) * (1 + (factor - 1) * cold)
                * (1 + drift[index].value + flutter[index].value)
        }
        let factors = vehicle.coldFactor
        return combustion.mixture(
            carbonMonoxide: between(below.carbonMonoxide, above.carbonMonoxide, factor: factors.carbonMonoxide, 0),
            hydrocarbons: between(below.hydrocarbons, above.hydrocarbons, factor: factors.hydrocarbons, 1),
            nitricOxide: between(below.nitricOxide, above.nitricOxide, factor: factors.nitricOxide, 2),
            oxygen: between(below.oxygen, above.oxygen, factor: 1, 3))
    }

    /// What a catalyst of this temperature does of what the warm one can, 0…1.
    private func conversion(at temperature: Double) -> Double {
        1 / (1 + exp(-(temperature - vehicle.lightOff) / 18))
    }
}
