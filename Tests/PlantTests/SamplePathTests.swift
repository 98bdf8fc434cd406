import Metrology
import Plant
import Testing

@Suite("The sample path")
struct SamplePathTests {
    @Test("brings exhaust to the cells after the line's delay, and each signal to 90 % in its time")
    func delayAndResponse() throws {
        // Constant gas, so that the step is a step.
        var vehicle = try Vehicle.embedded("clean")
        vehicle.alwaysEmits(carbonMonoxide: 1, nitricOxide: 1000)
        var plant = Plant(vehicle: vehicle, seed: 1)
        plant.draw(from: .probe)
        plant.take(DriverCue(probeInserted: false))
        plant.advance(by: seconds(30))
        let before = plant.snapshot.sample
        #expect(before.carbonDioxide < 0.05)
        plant.take(DriverCue(probeInserted: true))
        let delay = try #require(plant.wait { $0.sample.carbonDioxide > before.carbonDioxide + 0.03 })
        #expect(delay > 4 && delay < 6, "\(delay) s")

        // From the moment the gas reaches the cells. NO and CO of the engine flutter by some percent: their share is
        // taken of the mean of the minute after.
        let times = try stepTimes(plant)
        #expect(abs(times.carbonDioxide - 4.5) < 0.3, "\(times)")
        #expect(abs(times.nitricOxide - 5.5) < 0.8, "\(times)")
        #expect(abs(times.oxygen - 6.3) < 0.3, "\(times)")
        #expect(times.carbonDioxide <= 5.5 && times.oxygen <= 7.5)
    }

    private func stepTimes(_ start: Plant) throws -> (carbonDioxide: Double, nitricOxide: Double, oxygen: Double) {
        var later = start
        later.advance(by: seconds(60))
        var sum = 0.0
        for _ in 0..<600 {
            later.advance(by: seconds(0.1))
            sum += later.snapshot.sample.nitricOxide
        }
        let nitricOxide = sum / 600
        let carbonDioxide = later.snapshot.sample.carbonDioxide
        func time(_ condition: (GasMixture) -> Bool) throws -> Double {
            var plant = start
            return try #require(plant.wait(atMost: 60) { condition($0.sample) })
        }
        return (
            try time { $0.carbonDioxide >= 0.9 * carbonDioxide }, try time { $0.nitricOxide >= 0.9 * nitricOxide },
            try time { $0.oxygen <= 2.09 }
        )
    }

    @Test("holds its reading while the pump stands, and returns to air when it draws from the room")
    func pump() throws {
        var drive = TestDrive(try Vehicle.embedded("dirty"), seed: 1)
        drive.plant.advance(by: seconds(30))
        let exhaust = drive.plant.snapshot.sample
        #expect(exhaust.hydrocarbons > 150)
        drive.plant.draw(from: .closed)
        drive.plant.advance(by: seconds(30))
        #expect(drive.plant.snapshot.sample == exhaust)
        #expect(drive.plant.snapshot.flow == 0)
        drive.plant.draw(from: .room)
        drive.plant.advance(by: seconds(40))
        let air = drive.plant.snapshot.sample
        #expect(abs(air.oxygen - 20.9) < 0.01 && air.carbonDioxide < 0.05 && air.hydrocarbons < 3)
    }

    @Test("holds hydrocarbons after dirty exhaust, and gives them off within minutes, sooner when purged")
    func residue() throws {
        var drive = TestDrive(try Vehicle.embedded("gross"), seed: 1)
        drive.plant.advance(by: seconds(120))
        drive.plant.take(DriverCue(probeInserted: false))
        drive.plant.advance(by: seconds(35))
        let left = drive.plant.snapshot.sample.hydrocarbons
        #expect(left > 7, "\(left) ppm")
        var purged = drive.plant
        drive.plant.advance(by: seconds(15))
        let undisturbed = drive.plant.snapshot.sample.hydrocarbons
        purged.draw(from: .purge)
        purged.advance(by: seconds(10))
        purged.draw(from: .probe)
        purged.advance(by: seconds(5))
        #expect(purged.snapshot.sample.hydrocarbons < undisturbed)
        drive.plant.advance(by: seconds(120))
        #expect(drive.plant.snapshot.sample.hydrocarbons < 7)
    }

    @Test("takes longer when the flow is low, and thins the gas when it leaks")
    func disturbances() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1)
        plant.draw(from: .probe)
        plant.disturbance.flow = 0.5
        plant.take(DriverCue(probeInserted: true))
        let slow = try #require(plant.wait { $0.sample.carbonDioxide > 0.1 })
        #expect(slow > 8.9 && slow < 10, "\(slow) s")
        plant.disturbance.flow = 1
        plant.disturbance.leak = 0.7
        plant.advance(by: seconds(40))
        let thin = plant.snapshot.sample
        #expect(thin.carbonDioxide + thin.carbonMonoxide < 6)
        // 30 % exhaust with 0.35 % O2 in air with 20.9 %.
        #expect(abs(thin.oxygen - (0.3 * 0.35 + 0.7 * 20.9)) < 0.1)
    }
}
