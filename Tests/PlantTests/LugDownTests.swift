import Metrology
import Plant
import Testing

@Suite("A lug-down")
struct LugDownTests {
    private func rolling(_ id: String, seed: UInt64) throws -> (Plant, Vehicle) {
        let vehicle = try Vehicle.embedded(id)
        var plant = Plant(
            vehicle: vehicle, seed: seed, dynamometer: vehicle.curbMass > 3500 ? .heavy : .lightLugDown)
        plant.move(lift: .down)
        plant.take(DriverCue(probeInserted: true, maneuver: .fullPedal))
        plant.advance(by: seconds(45))
        return (plant, vehicle)
    }

    @Test(
        "begins in the gear near 70 km/h, at the governed speed",
        arguments: ["clean-diesel", "dirty-diesel", "clean-truck", "dirty-truck"])
    func top(id: String) throws {
        let (plant, vehicle) = try rolling(id, seed: 1)
        let now = plant.snapshot
        #expect(now.gear == vehicle.lugDownGear)
        #expect(now.throttle == 1)
        #expect(now.rollerSpeed > 60 && now.rollerSpeed < 85, "\(now.rollerSpeed)")
        #expect(now.engineSpeed > vehicle.ratedSpeed && now.engineSpeed < vehicle.governedSpeed)
    }

    @Test(
        "settles at a held speed within two seconds, within 0.5 km/h",
        arguments: ["clean-diesel", "dirty-diesel", "clean-truck", "dirty-truck"])
    func speedHold(id: String) throws {
        for seed in UInt64(1)...5 {
            var (plant, _) = try rolling(id, seed: seed)
            let top = plant.snapshot.rollerSpeed
            plant.brake(.speed(Speed(top - 4)))
            // Coming from above the brake needs some time to take off the speed; then it holds.
            plant.advance(by: seconds(2))
            for _ in 0..<300 {
                plant.advance(by: Plant.step)
                #expect(
                    abs(plant.snapshot.rollerSpeed - (top - 4)) < 0.5, "\(id) \(seed) \(plant.snapshot.rollerSpeed)")
            }
        }
    }

    @Test(
        "scans down to the greatest wheel power, which the curve and the driveline give",
        arguments: ["clean-diesel", "dirty-diesel", "clean-truck", "dirty-truck"])
    func scan(id: String) throws {
        var (plant, vehicle) = try rolling(id, seed: 2)
        let top = plant.snapshot.rollerSpeed
        var best = (power: 0.0, speed: 0.0)
        var held = top
        while held > 0.6 * top {
            plant.brake(.speed(Speed(held)))
            plant.advance(by: seconds(1))
            let now = plant.snapshot
            #expect(abs(now.rollerSpeed - held) < 1)
            let power = now.shownBrakeForce * now.shownRollerSpeed / 3600
            if power > best.power { best = (power, now.rollerSpeed) }
            held -= 0.6
        }
        // Wheel power: rated power less driveline, tyres and the dynamometer's own losses.
        let now = plant.snapshot
        let losses = (now.resistance + now.parasiticForce) * best.speed / 3600
        let expected = vehicle.ratedPower * vehicle.drivelineEfficiency - losses
        #expect(abs(best.power - expected) < 0.08 * expected, "\(id) \(best) \(expected)")
        let atRated = vehicle.ratedSpeed / vehicle.gears[vehicle.lugDownGear - 1]
        #expect(abs(best.speed - atRated) < 0.12 * atRated, "\(id) \(best) \(atRated)")

        // At the greatest power: smoke and NOx of full load.
        plant.brake(.speed(Speed(best.speed)))
        plant.draw(from: .probe, by: .nitrogenOxides)
        plant.advance(by: seconds(30))
        let full = plant.snapshot
        let oxides = full.nitrogenSample.nitricOxide + full.nitrogenSample.nitrogenDioxide
        print(
            id, "wheel power", best.power.formatted(1), "kW at", best.speed.formatted(1), "km/h, k",
            full.smoke.filteredAbsorption.formatted(2), "1/m, NOx", oxides.formatted(0), "ppm, coolant",
            full.coolantTemperature.formatted(0), "°C")
        #expect(full.engineLoad > 0.9)
        if id.hasPrefix("clean") {
            #expect(full.smoke.filteredAbsorption < 0.7 && oxides < 900)
        } else {
            #expect(full.smoke.filteredAbsorption > 1.5 && oxides > 1500)
        }
        #expect(full.coolantTemperature < 100)
    }

    @Test("shows slipping tyres: engine and speedometer run ahead of the rollers")
    func slip() throws {
        var (plant, vehicle) = try rolling("clean-diesel", seed: 1)
        plant.brake(.speed(Speed(60)))
        plant.advance(by: seconds(8))
        let ratio = vehicle.gears[vehicle.lugDownGear - 1]
        #expect(abs(plant.snapshot.engineSpeed / plant.snapshot.rollerSpeed / ratio - 1) < 0.01)
        plant.disturbance.slip = 0.2
        plant.advance(by: seconds(5))
        #expect(abs(plant.snapshot.engineSpeed / plant.snapshot.rollerSpeed / ratio - 1.2) < 0.02)
    }

    @Test("overheats the engine when its fan is broken")
    func overheating() throws {
        var (plant, _) = try rolling("clean-diesel", seed: 1)
        plant.disturbance.isFanBroken = true
        plant.brake(.speed(Speed(62)))
        let time = try #require(plant.wait(atMost: 300) { $0.coolantTemperature > 110 })
        #expect(time > 10)
    }

    @Test("is coasted down on the heavy rollers as F = m·a says")
    func coastDown() throws {
        // 1452.8 kg, 100 to 80 km/h at 30 kW in all: 6.726 s; 80 to 60 km/h: 5.231 s.
        for (from, to, expected) in [(100.0, 80.0, 6.726), (80, 60, 5.231), (60, 40, 3.737), (40, 20, 2.242)] {
            var data = DynamometerData.heavy
            data.parasiticLoss = ParasiticLoss(quadratic: 0, linear: 0, constant: 2)
            var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1, dynamometer: data)
            plant.motor(isOn: true)
            _ = try #require(plant.wait { $0.rollerSpeed >= from + 6 })
            plant.motor(isOn: false)
            plant.brake(.power(Power(28)))
            _ = try #require(plant.wait { $0.rollerSpeed <= from })
            let time = try #require(plant.wait { $0.rollerSpeed <= to })
            #expect(abs(time - expected) < 0.03 * expected, "\(from)…\(to): \(time) s")
        }
    }
}
