import Metrology
import Plant
import Testing

@Suite("The flow meter's tube")
struct FlowTubeTests {
    @Test("thins the exhaust as the balance of oxygen says")
    func dilution() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        plant.fan(isOn: true)
        plant.take(DriverCue(probeInserted: true, engineSpeed: 2500))
        plant.advance(by: seconds(30))
        for _ in 0..<20 {
            plant.advance(by: seconds(1))
            let now = plant.snapshot
            // k = (O2amb - O2dil)/(O2amb - O2raw) is the exhaust's share of the flow.
            let share = (20.9 - now.tube.oxygen) / (20.9 - now.tailPipe.oxygen)
            #expect(abs(share * now.tube.standardFlow - now.exhaustFlow) < 0.12 * now.exhaustFlow)
        }
        let now = plant.snapshot
        #expect(now.tube.standardFlow > 90 && now.tube.standardFlow < 130)
        // A petrol engine of 1.6 L at 2500 r/min without load draws some 10 L/s.
        #expect(now.exhaustFlow > 5 && now.exhaustFlow < 20)
        // The gas law between both flows.
        let expected = now.tube.actualFlow * 293.15 / (now.tube.temperature + 273.15) * now.tube.pressure / 101.325
        #expect(abs(expected - now.tube.standardFlow) < 1e-9)
        #expect(now.tube.temperature > now.air.temperature && now.tube.pressure < now.air.pressure)
    }

    @Test("carries air alone while it is not behind the pipe, and nothing without its fan")
    func air() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        plant.advance(by: seconds(5))
        #expect(plant.snapshot.tube.standardFlow == 0)
        plant.fan(isOn: true)
        plant.advance(by: seconds(15))
        #expect(abs(plant.snapshot.tube.oxygen - 20.9) < 1e-6)
        #expect(plant.snapshot.tube.standardFlow > 90)
    }

    @Test("sees the exhaust with a delay, and less of it when it leaks")
    func delay() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        plant.fan(isOn: true)
        plant.advance(by: seconds(20))
        plant.take(DriverCue(probeInserted: true))
        let time = try #require(plant.wait(atMost: 10) { $0.tube.oxygen < 20.6 })
        #expect(time > 0.6 && time < 2, "\(time) s")
        plant.advance(by: seconds(20))
        let whole = 20.9 - plant.snapshot.tube.oxygen
        plant.disturbance.tubeLoss = 0.5
        plant.advance(by: seconds(20))
        #expect(abs((20.9 - plant.snapshot.tube.oxygen) / whole - 0.5) < 0.06)
    }

    @Test("weighs a clean car below the limits of the simple transient method, and a dirty one above")
    func transient() throws {
        for (id, isClean) in [("clean", true), ("dirty", false)] {
            var plant = Plant(vehicle: try Vehicle.embedded(id), seed: 1)
            plant.fan(isOn: true)
            plant.draw(from: .probe)
            plant.move(lift: .down)
            plant.brake(.force(Force(110)))
            plant.take(DriverCue(probeInserted: true))
            plant.advance(by: seconds(20))
            var (co, hc, no) = (0.0, 0.0, 0.0)
            let course = HabitTests.drive(&plant) { _, now in
                // g/s: L/s times share times density at 20 °C.
                co += now.exhaustFlow * now.tailPipe.carbonMonoxide / 100 * 1.164
                hc += now.exhaustFlow * now.tailPipe.hydrocarbons / 1e6 * 3.583
                no += now.exhaustFlow * now.tailPipe.nitricOxide / 1e6 * 1.913
            }
            let masses = [co, hc, no].map { $0 / course.distance }
            print(id, "CO, HC, NOx in g/km:", masses.map { $0.formatted(2) }.joined(separator: ", "))
            // GB 18285-2018, limits a: 8.0, 1.6 and 1.3 g/km.
            let isBelow = zip(masses, [8.0, 1.6, 1.3]).allSatisfy { $0 < 0.7 * $1 }
            #expect(isBelow == isClean, "\(id) \(masses)")
        }
    }
}
