import Metrology
import Plant
import Testing

@Suite("The plant")
struct PlantTests {
    @Test("gives the same numbers for the same seed and inputs, however time is cut")
    func determinism() throws {
        let vehicle = try Vehicle.embedded("dirty")
        func run(seed: UInt64, cut: Double) -> [PlantSnapshot] {
            var plant = Plant(vehicle: vehicle, seed: seed)
            var seen: [PlantSnapshot] = []
            for second in 0..<60 {
                if second == 2 { plant.move(lift: .down) }
                if second == 5 { plant.take(DriverCue(targetSpeed: 25, probeInserted: true)) }
                if second == 15 { plant.brake(.force(Force(1200))) }
                plant.draw(from: second < 4 ? .room : .probe)
                for _ in 0..<Int((1 / cut).rounded()) { plant.advance(by: seconds(cut)) }
                seen.append(plant.snapshot)
            }
            return seen
        }
        let whole = run(seed: 42, cut: 1)
        #expect(run(seed: 42, cut: 1) == whole)
        #expect(run(seed: 42, cut: 0.1) == whole)
        #expect(run(seed: 42, cut: 0.001) == whole)
        #expect(run(seed: 43, cut: 1) != whole)
        #expect(whole.last?.time == 60)
    }

    @Test("begins at rest: idling on the lift, probe and cells in air")
    func beginning() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 9)
        plant.advance(by: seconds(10))
        let state = plant.snapshot
        #expect(state.rollerSpeed == 0 && state.shownRollerSpeed == 0 && state.brakeForce == 0)
        #expect(state.lift == .up && state.inlet == .closed)
        #expect(abs(state.engineSpeed - 800) < 30 && abs(state.shownEngineSpeed - state.engineSpeed) < 15)
        #expect(state.sample.oxygen == 20.9)
        #expect(state.oilTemperature > 80)
    }

    @Test("has weather that drifts a little about its mean")
    func weather() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 9)
        var temperatures: Set<Double> = []
        for _ in 0..<100 {
            plant.advance(by: seconds(3))
            let air = plant.snapshot.air
            temperatures.insert(air.temperature)
            #expect(abs(air.temperature - 22.4) < 0.5)
            #expect(abs(air.relativeHumidity - 48) < 1.5)
            #expect(abs(air.pressure - 101.2) < 0.05)
        }
        #expect(temperatures.count > 90)
    }

    @Test("stalls when disturbed, stays so, and starts again afterwards")
    func stall() throws {
        var drive = TestDrive(try Vehicle.embedded("clean"), seed: 6)
        _ = drive.hold(.asm5025, referenceMass: 1350, seconds: 20)
        drive.plant.disturbance.isStalled = true
        drive.plant.advance(by: seconds(3))
        #expect(drive.plant.snapshot.shownEngineSpeed == 0)
        #expect(drive.plant.snapshot.rollerSpeed < 23)
        drive.plant.disturbance.isStalled = false
        drive.plant.brake(.off)
        drive.plant.advance(by: seconds(20))
        #expect(drive.plant.snapshot.engineRuns)
        #expect(abs(drive.plant.snapshot.rollerSpeed - 25) < 2)
    }

    @Test("shows no engine speed while the clamp is off")
    func clamp() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 6)
        plant.disturbance.isClampOff = true
        plant.advance(by: seconds(1))
        #expect(plant.snapshot.shownEngineSpeed == 0)
        #expect(plant.snapshot.engineSpeed > 700)
    }
}
