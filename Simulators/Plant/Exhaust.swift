import Foundation

/// The gas at the tail pipe.
struct Exhaust: Sendable {
    private(set) var gas: GasMixture
    /// Light absorption of the smoke at the pipe's end, 1/m.
    private(set) var smoke = 0.0
    /// Dry exhaust at the pipe's end, L/s at 20 °C and 101.325 kPa.
    private(set) var flow = 0.0
    /// °C.
    private(set) var temperature = 60.0

    private let vehicle: Vehicle
    private let combustion: Combustion
    private var noise: NoiseSource
    /// Slow drift and quick flutter of each pollutant, as shares: CO, HC, NO, and of the oxygen.
    private var drift: [Wander]
    private var flutter: [Wander]
    private let step: Double

    /// How long the exhaust system takes to fill with new gas, s; soot travels ahead in the pipe's core.
    private static let (filling, sootFilling) = (0.4, 0.12)
    /// How steeply soot grows once there is more fuel than air for it.
    private static let sootExponent = 3.0
    /// Growth of a compression engine's NO with the temperature of the air that it draws, 1/K.
    private static let warmAir = 0.004

    /// - Parameter engine: the pipe is full of what it produces now.
    init(vehicle: Vehicle, seed: UInt64, step: Double, engine: Powertrain) {
        gas = .roomAir
        self.vehicle = vehicle
        self.step = step
        combustion = Combustion(hydrogenRatio: vehicle.hydrogenRatio)
        noise = NoiseSource(seed: seed, part: 3)
        drift = Array(repeating: Wander(deviation: 0.015, memory: 20, step: step), count: 4)
        flutter = Array(repeating: Wander(deviation: 0.015, memory: 0.6, step: step), count: 4)
        gas = produced(engine, air: 25)
    }

    /// - Parameter air: temperature of the room, °C.
    mutating func advance(_ engine: Powertrain, air: Double) {
        for index in drift.indices {
            drift[index].advance(&noise)
            flutter[index].advance(&noise)
        }
        guard engine.isRunning else {
            // A standing engine's pipe fills with air in a minute.
            flow = 0
            smoke -= smoke * step / 20
            temperature += (air - temperature) * step / 120
            return gas = gas.mixed(with: .roomAir, share: step / 20)
        }
        gas = gas.mixed(with: produced(engine, air: air), share: step / Self.filling)
        smoke += (soot(engine) - smoke) * step / Self.sootFilling
        flow += (engine.airFlow - flow) * step / Self.filling
        temperature += (80 + 170 * engine.load - temperature) * step / 15
    }

    /// Soot of the load, and more than that where the fuel has run ahead of the air; cold walls make some more.
    private func soot(_ engine: Powertrain) -> Double {
        let richness = engine.load / engine.airShare
        let (low, high, share) = segment(of: vehicle.emissions, at: min(1, richness), \.load)
        let steady =
            vehicle.emissions[low].smoke + (vehicle.emissions[high].smoke - vehicle.emissions[low].smoke) * share
        let excess = richness > 1 ? pow(richness, Self.sootExponent) : 1
        let cold = max(0, (vehicle.warmOilTemperature - 10 - engine.oilTemperature) / 100)
        return steady * excess * (1 + cold) * (1 + drift[1].value + flutter[1].value)
    }

    private func produced(_ engine: Powertrain, air: Double) -> GasMixture {
        let (low, high, share) = segment(of: vehicle.emissions, at: engine.load, \.load)
        let (below, above) = (vehicle.emissions[low], vehicle.emissions[high])
        let cold = 1 - conversion(at: engine.catalystTemperature)
        func between(_ lower: Double, _ upper: Double, factor: Double, _ index: Int) -> Double {
            (lower + (upper - lower) * share) * (1 + (factor - 1) * cold)
                * (1 + drift[index].value + flutter[index].value)
        }
        let factors = vehicle.coldFactor
        let warmth = vehicle.ignition == .compression ? 1 + Self.warmAir * (air - 25) : 1
        let nitrogenOxides = between(below.nitricOxide, above.nitricOxide, factor: factors.nitricOxide, 2) * warmth
        var mixture = combustion.mixture(
            carbonMonoxide: between(below.carbonMonoxide, above.carbonMonoxide, factor: factors.carbonMonoxide, 0),
            hydrocarbons: between(below.hydrocarbons, above.hydrocarbons, factor: factors.hydrocarbons, 1),
            nitricOxide: nitrogenOxides * (1 - vehicle.nitrogenDioxideShare),
            oxygen: between(below.oxygen, above.oxygen, factor: 1, 3))
        mixture.nitrogenDioxide = nitrogenOxides * vehicle.nitrogenDioxideShare
        return mixture
    }

    /// What a catalyst of this temperature does of what the warm one can, 0…1.
    private func conversion(at temperature: Double) -> Double {
        1 / (1 + exp(-(temperature - vehicle.lightOff) / 18))
    }
}
