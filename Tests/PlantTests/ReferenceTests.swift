import Foundation
import Metrology
import Plant
import Testing

@Suite("Reference materials on the lane")
struct ReferenceTests {
    @Test("bottles reach the cells of both benches as they are certified")
    func bottles() throws {
        let bottle = BottledGas(
            propane: 3200, carbonMonoxide: 8, carbonDioxide: 12, nitricOxide: 3000, nitrogenDioxide: 380)
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        plant.connect(bottle, to: .checkGas)
        plant.draw(from: .checkGas)
        plant.draw(from: .checkGas, by: .nitrogenOxides)
        let response = try #require(plant.wait(atMost: 60) { $0.sample.carbonMonoxide >= 0.9 * 8 })
        // HJ/T 291: at most 5.5 s.
        #expect(response > 3 && response <= 5.5, "\(response) s")
        plant.advance(by: seconds(60))
        let seen = plant.snapshot
        #expect(abs(seen.sample.carbonMonoxide - 8) < 0.001 && abs(seen.sample.carbonDioxide - 12) < 0.001)
        // Hexane equivalent: 3200 times the benches' factor.
        #expect(abs(seen.sample.hydrocarbons - 3200 * BottledGas.propaneEquivalence) < 0.01)
        #expect(abs(seen.sample.nitricOxide - 3000) < 0.01 && abs(seen.sample.oxygen) < 0.001)
        #expect(abs(seen.nitrogenSample.nitrogenDioxide - 380) < 0.01)
        plant.connect(nil, to: .checkGas)
        plant.advance(by: seconds(60))
        #expect(abs(plant.snapshot.sample.oxygen - 20.9) < 0.01)
    }

    @Test("slow cells take as many times as long")
    func slowCells() throws {
        func response(_ slowness: Double) throws -> Double {
            var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
            plant.disturbance.slowCells = slowness
            plant.connect(BottledGas(carbonMonoxide: 3.5), to: .checkGas)
            plant.draw(from: .checkGas)
            return try #require(plant.wait(atMost: 60) { $0.sample.carbonMonoxide >= 0.9 * 3.5 })
        }
        let (good, slow) = (try response(1), try response(2))
        #expect(abs(slow / good - 2) < 0.01)
    }

    @Test("weights pull at the load cell, whose errors show and can be zeroed")
    func weights() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        func shown() -> Double {
            var sum = 0.0
            for _ in 0..<50 {
                plant.advance(by: Plant.step)
                sum += plant.snapshot.shownBrakeForce
            }
            return sum / 50
        }
        plant.hang(weight: Force(1000))
        #expect(abs(shown() - 1000) < 1)
        plant.disturbance.forceGain = 1.03
        plant.disturbance.forceOffset = 15
        #expect(abs(shown() - 1045) < 1)
        plant.hang(weight: Force(0))
        #expect(abs(shown() - 15) < 1)
        plant.zeroForce()
        plant.hang(weight: Force(1000))
        #expect(abs(shown() - 1030) < 1)
        #expect(plant.snapshot.brakeForce == 0)
    }

    @Test("a load cell that slips feels less, and its brake brakes harder by as much")
    func slippingCell() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        plant.disturbance.cellSlip = 0.2
        plant.hang(weight: Force(1000))
        plant.advance(by: Plant.step)
        #expect(abs(plant.snapshot.shownBrakeForce - 800) < 5)
        plant.hang(weight: Force(0))
        plant.motor(isOn: true)
        _ = try #require(plant.wait { $0.rollerSpeed >= 50 })
        plant.motor(isOn: false)
        plant.brake(.force(Force(400)))
        plant.advance(by: seconds(2))
        #expect(abs(plant.snapshot.brakeForce - 500) < 1)
        #expect(abs(plant.snapshot.shownBrakeForce - 400) < 10)
    }

    @Test("drag and another inertia change how long the rollers turn, by as much as they should")
    func coasting() throws {
        func time(_ change: (inout Plant.Disturbance) -> Void) throws -> Double {
            var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
            change(&plant.disturbance)
            plant.motor(isOn: true)
            _ = try #require(plant.wait { $0.rollerSpeed >= 52 })
            plant.motor(isOn: false)
            _ = try #require(plant.wait(atMost: 900) { $0.rollerSpeed <= 50 })
            return try #require(plant.wait(atMost: 900) { $0.rollerSpeed <= 30 })
        }
        let good = try time { _ in }
        #expect(abs(try time { $0.inertiaShare = 1.1 } / good - 1.1) < 0.005)
        // Mean force of the good rollers: 907.2 kg over 20 km/h in that time; 100 N more shorten it so.
        let force = 907.2 * 20 / 3.6 / good
        #expect(abs(try time { $0.drag = 100 } / good - force / (force + 100)) < 0.02)
    }

    @Test("generator, bath, blower and cap stand in for what they replace")
    func settings() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        plant.fan(isOn: true)
        plant.draw(from: .probe)
        plant.set(
            ReferenceSettings(engineSpeed: 2500, oilTemperature: 80, tubeFlow: 60, probeIsShut: true))
        plant.advance(by: seconds(20))
        let seen = plant.snapshot
        #expect(seen.shownEngineSpeed == 2500 && seen.oilTemperature == 80 && seen.tube.standardFlow == 60)
        #expect(seen.flow == 0 && seen.tube.pressure == seen.air.pressure)
        plant.draw(from: .room)
        #expect(plant.snapshot.flow == 1)
        plant.draw(from: .probe)
        plant.set(ReferenceSettings())
        plant.advance(by: seconds(20))
        #expect(plant.snapshot.flow == 1 && plant.snapshot.tube.standardFlow > 90)
        #expect(plant.snapshot.shownEngineSpeed < 1500)
        let text = #"{"engineSpeed": 2500}"#
        let settings = try JSONDecoder().decode(ReferenceSettings.self, from: Data(text.utf8))
        #expect(settings == ReferenceSettings(engineSpeed: 2500))
    }

    @Test("a bottle is written in JSON with what is in it")
    func codable() throws {
        let text = #"{"co": 0.5, "propane": 200, "no": 300, "co2": 6}"#
        let bottle = try JSONDecoder().decode(BottledGas.self, from: Data(text.utf8))
        #expect(bottle == BottledGas(propane: 200, carbonMonoxide: 0.5, carbonDioxide: 6, nitricOxide: 300))
        #expect(try JSONDecoder().decode(BottledGas.self, from: JSONEncoder().encode(bottle)) == bottle)
    }
}
