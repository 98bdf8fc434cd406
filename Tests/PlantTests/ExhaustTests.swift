import Metrology
import Plant
import Testing

@Suite("The exhaust")
struct ExhaustTests {
    /// Corrected levels after half a minute in a mode, as the law corrects them, and as shares of its limits.
    private func levels(_ id: String, _ mode: TestDrive.Mode, seed: UInt64) throws -> (
        co: Double, hc: Double, no: Double, sample: GasMixture, dilution: Double
    ) {
        var drive = TestDrive(try Vehicle.embedded(id), seed: seed)
        let sample = drive.hold(mode, referenceMass: 1350, seconds: 35).last.sample
        let x = sample.carbonDioxide / (sample.carbonDioxide + sample.carbonMonoxide)
        let dilution = min(3, 100 * x / (4.644 + 1.88 * x) / sample.carbonDioxide)
        // kH at 22.4 °C, 48 %, 101.2 kPa.
        let humidity = 1 / (1 - 0.0329 * (6.2111 * 48 * 2.7092 / (101.2 - 2.7092 * 0.48) - 10.71))
        let factor = dilution
        let limits = mode.speed == 25 ? (0.50, 90.0, 700.0) : (0.40, 80.0, 650.0)
        return (
            sample.carbonMonoxide * factor / limits.0, sample.hydrocarbons * factor / limits.1,
            sample.nitricOxide * factor * humidity / limits.2, sample, dilution
        )
    }

    @Test("of the clean car is below half of every limit in both modes")
    func clean() throws {
        for seed in UInt64(1)...10 {
            for mode in [TestDrive.Mode.asm5025, .asm2540] {
                let found = try levels("clean", mode, seed: seed)
                #expect(found.co < 0.35 && found.hc < 0.35 && found.no < 0.35, "\(mode) \(found)")
                #expect(found.co > 0.05 && found.hc > 0.05 && found.no > 0.05, "\(mode) \(found)")
                #expect(found.dilution > 1 && found.dilution < 1.1)
            }
        }
    }

    @Test("of the dirty car is clearly above every limit in both modes, and below five times each")
    func dirty() throws {
        for seed in UInt64(1)...10 {
            for mode in [TestDrive.Mode.asm5025, .asm2540] {
                let found = try levels("dirty", mode, seed: seed)
                for share in [found.co, found.hc, found.no] {
                    #expect(share > 1.4 && share < 4.5, "\(mode) \(found)")
                }
            }
        }
    }

    @Test("of the gross polluter is above five times the limits of CO and HC")
    func gross() throws {
        for mode in [TestDrive.Mode.asm5025, .asm2540] {
            let found = try levels("gross", mode, seed: 1)
            #expect(found.co > 5.5 && found.hc > 5.5, "\(mode) \(found)")
        }
    }

    @Test("keeps the balance of the elements: lambda of the clean car is near 1, CO + CO2 near 15 %")
    func balance() throws {
        for id in ["clean", "dirty"] {
            let gas = try levels(id, .asm5025, seed: 3).sample
            let carbon = gas.carbonDioxide + gas.carbonMonoxide
            #expect(carbon > 14.2 && carbon < 15.5, "\(gas)")
            #expect(abs(lambda(gas) - 1) < 0.03, "\(id) \(lambda(gas))")
        }
        // Far too rich.
        #expect(lambda(try levels("gross", .asm5025, seed: 3).sample) < 0.95)
    }

    @Test("of a perfect burn has the CO2 that the law's dilution constant stands for")
    func perfectBurn() throws {
        var vehicle = try Vehicle.embedded("clean")
        vehicle.alwaysEmits(carbonMonoxide: 0, nitricOxide: 0)
        var plant = Plant(vehicle: vehicle, seed: 1)
        plant.advance(by: seconds(20))
        // 100/(4.644 + 1.88): the factor of 15.2 % is 1.0084, of 15.3 % it is 1.001831.
        #expect(abs(plant.snapshot.tailPipe.carbonDioxide - 15.2 * 1.0084) < 0.01)
        #expect(abs(plant.snapshot.tailPipe.carbonDioxide - 15.3 * 1.001831) < 0.01)
    }

    @Test("of a cold car is much worse, and gets better as the catalyst warms")
    func coldStart() throws {
        var cold = try Vehicle.embedded("clean")
        cold.initialOilTemperature = 20
        var plant = Plant(vehicle: cold, seed: 1)
        plant.advance(by: seconds(5))
        let start = plant.snapshot
        #expect(start.oilTemperature < 25)
        #expect(start.tailPipe.carbonMonoxide > 5 * 0.04)
        // Oil warms with its time constant of 420 s: half of the way from 20 to 90 °C after 291 s.
        let half = try #require(plant.wait(atMost: 1000) { $0.oilTemperature >= 55 })
        #expect(abs(half + 5 - 291) < 10, "\(half) s")
        plant.advance(by: seconds(1200))
        #expect(plant.snapshot.oilTemperature > 80)
        #expect(plant.snapshot.tailPipe.carbonMonoxide < 1.2 * 0.04)
    }

    /// Brettschneider's lambda with the constants of reference petrol.
    private func lambda(_ gas: GasMixture) -> Double {
        let (co, co2) = (gas.carbonMonoxide, gas.carbonDioxide)
        let carbon = co + co2
        let hydrogen = 1.7261 / 4
        let burnt = hydrogen * 3.5 / (3.5 + co / co2) - 0.0176 / 2
        return (co2 + co / 2 + gas.oxygen + gas.nitricOxide / 20_000 + burnt * carbon)
            / ((1 + hydrogen - 0.0176 / 2) * (carbon + 6e-4 * gas.hydrocarbons))
    }
}
