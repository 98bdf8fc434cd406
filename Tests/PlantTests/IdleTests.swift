import Metrology
import Plant
import Testing

@Suite("The two-speed idle of a car")
struct IdleTests {
    /// The sample's mean over half a minute at high idle and at idle: CO in %, HC in ppm, lambda.
    private func means(_ id: String, seed: UInt64) throws -> [(co: Double, hc: Double, lambda: Double)] {
        var plant = Plant(vehicle: try Vehicle.embedded(id), seed: seed)
        plant.draw(from: .probe)
        plant.take(DriverCue(probeInserted: true, engineSpeed: 0.7 * plant.vehicle.ratedSpeed))
        plant.advance(by: seconds(30))
        return [2500.0, nil].map { speed in
            plant.take(DriverCue(probeInserted: true, engineSpeed: speed))
            plant.advance(by: seconds(20))
            var sums = (co: 0.0, hc: 0.0, lambda: 0.0)
            for _ in 0..<30 {
                plant.advance(by: seconds(1))
                let gas = plant.snapshot.sample
                sums.co += gas.carbonMonoxide / 30
                sums.hc += gas.hydrocarbons / 30
                sums.lambda += lambda(gas) / 30
            }
            return sums
        }
    }

    @Test("is within the limits of GB 18285-2018 if the car is clean", arguments: ["clean", "hybrid"])
    func clean(id: String) throws {
        for seed in UInt64(1)...5 {
            let (high, idle) = (try means(id, seed: seed)[0], try means(id, seed: seed)[1])
            #expect(high.co < 0.15 && high.hc < 30 && abs(high.lambda - 1) < 0.04, "\(high)")
            #expect(idle.co < 0.3 && idle.hc < 40, "\(idle)")
        }
    }

    @Test("is beyond them if it is not", arguments: ["dirty", "gross"])
    func dirty(id: String) throws {
        for seed in UInt64(1)...5 {
            let found = try means(id, seed: seed)
            #expect(found[0].co > 0.5 && found[0].hc > 80, "\(found[0])")
            #expect(found[1].co > 0.65 && found[1].hc > 120, "\(found[1])")
        }
    }

    /// Brettschneider's lambda with the constants of petrol.
    private func lambda(_ gas: GasMixture) -> Double {
        let carbon = gas.carbonMonoxide + gas.carbonDioxide
        let hydrogen = 1.7261 / 4
        let burnt = hydrogen * 3.5 / (3.5 + gas.carbonMonoxide / gas.carbonDioxide) - 0.0176 / 2
        return (gas.carbonDioxide + gas.carbonMonoxide / 2 + gas.oxygen + gas.nitricOxide / 20_000 + burnt * carbon)
            / ((1 + hydrogen - 0.0176 / 2) * (carbon + 6e-4 * gas.hydrocarbons))
    }
}
