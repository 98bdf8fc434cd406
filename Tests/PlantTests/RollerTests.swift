import Metrology
import Plant
import Testing

@Suite("The rollers")
struct RollerTests {
    /// Coast-down times t = DIW·(v1² − v2²)/(2000·(IHP + PLHP)) of 907.2 kg, HJ/T 291.
    @Test(
        "coast down in the time that inertia and losses give",
        arguments: [
            // From, to (km/h), indicated power, parasitic loss (kW), time (s).
            (48.0, 32.0, 0.0, 0.746667, 60.0), (33, 17, 0, 0.4, 70), (48, 32, 10, 0.8, 4.148148),
            (48, 32, 4, 0.8, 9.333333), (50, 30, 7.2, 0.8, 7), (35, 15, 5.2, 0.8, 5.833), (33, 17, 5.5, 0.5, 4.66667),
        ])
    func coastDown(from: Double, to: Double, indicated: Double, loss: Double, expected: Double) throws {
        let data = DynamometerData(
            baseInertia: Mass(907.2), parasiticLoss: ParasiticLoss(quadratic: 0, linear: 0, constant: loss))
        var plant = try spunUp(data, to: from + 2)
        plant.brake(indicated > 0 ? .power(Power(indicated)) : .off)
        _ = try #require(plant.wait { $0.rollerSpeed <= from })
        let time = try #require(plant.wait { $0.rollerSpeed <= to })
        // The brake's force follows its growing set value 0.1 s late, which the formula does not know of.
        #expect(abs(time - expected) < (indicated > 0 ? 0.025 : 0.001) * expected, "\(time) s")
    }

    @Test("lose what the light dynamometer's curve says")
    func parasiticLoss() throws {
        let light = DynamometerData.light
        #expect(abs(light.parasiticLoss.power(at: Speed(25)).value - 0.5) < 0.001)
        #expect(abs(light.parasiticLoss.power(at: Speed(40)).value - 0.9) < 0.001)
        var plant = try spunUp(light, to: 52)
        _ = try #require(plant.wait { $0.rollerSpeed <= 50 })
        let time = try #require(plant.wait { $0.rollerSpeed <= 30 })
        // The integral of DIW·v/P(v), in 0.01 km/h.
        var expected = 0.0
        for index in 0..<2000 {
            let speed = 30 + (Double(index) + 0.5) / 100
            let power = (speed * speed / 6000 + 0.19 / 12 * speed) * 1000
            expected += 907.2 * (speed / 3.6) * (0.01 / 3.6) / power
        }
        #expect(abs(time - expected) < 0.002 * expected, "\(time) s, expected \(expected) s")
    }

    @Test("take the brake's load within 0.3 s, without going over it")
    func brakeResponse() throws {
        var plant = try spunUp(.light, to: 50)
        plant.brake(.force(Force(1200)))
        let time = try #require(plant.wait(atMost: 2) { $0.brakeForce >= 0.9 * 1200 })
        #expect(time <= 0.3)
        var greatest = 0.0
        for _ in 0..<200 {
            plant.advance(by: Plant.step)
            greatest = max(greatest, plant.snapshot.brakeForce)
        }
        #expect(greatest <= 1200)
        #expect(greatest > 1199)
        plant.brake(.off)
        let release = try #require(plant.wait(atMost: 2) { $0.brakeForce <= 0.1 * 1200 })
        #expect(release <= 0.3)
    }

    @Test("keep energy: what tyres put in, less brake and losses, is in the turning masses")
    func energy() throws {
        var drive = TestDrive(try Vehicle.embedded("clean"), seed: 5)
        _ = drive.hold(.asm5025, referenceMass: 1350, seconds: 25)
        func kinetic(_ state: PlantSnapshot) -> Double {
            let speed = state.rollerSpeed / 3.6
            return (907.2 + state.rotatingMass) * speed * speed / 2
        }
        let before = kinetic(drive.plant.snapshot)
        var (work, brakeWork) = (0.0, 0.0)
        for _ in 0..<2000 {
            let old = drive.plant.snapshot
            drive.plant.advance(by: Plant.step)
            let new = drive.plant.snapshot
            let way = (old.rollerSpeed + new.rollerSpeed) / 2 / 3.6 * 0.01
            work += (new.tyreForce - new.brakeForce - new.parasiticForce - new.resistance) * way
            brakeWork += new.brakeForce * way
        }
        let after = kinetic(drive.plant.snapshot)
        // 20 s at 1350/148 kW less the loss of 0.5 kW.
        #expect(abs(brakeWork / 20 - (1350.0 / 148 - 0.5) * 1000) < 100, "\(brakeWork / 20) W")
        #expect(abs(work - (after - before)) < 0.001 * brakeWork, "\(work) J, \(after - before) J")
    }

    @Test("turn with the car's wheels and, through the gear, with its engine")
    func rotatingMass() throws {
        var drive = TestDrive(try Vehicle.embedded("clean"), seed: 5)
        #expect(drive.plant.snapshot.rotatingMass == 35)
        _ = drive.hold(.asm5025, referenceMass: 1350, seconds: 20)
        // 70 r/min per km/h are 26.39 rad/s per m/s: 0.16 kg·m² weigh 0.16·26.39² = 111.4 kg at the tyre.
        #expect(abs(drive.plant.snapshot.rotatingMass - (35 + 111.4)) < 0.1)

        // Newton: the force left over accelerates all of it.
        drive.plant.brake(.off)
        drive.plant.take(DriverCue(gear: 2, throttle: 0.6))
        drive.plant.advance(by: seconds(1))
        let before = drive.plant.snapshot
        drive.plant.advance(by: Plant.step)
        let after = drive.plant.snapshot
        let acceleration = (after.rollerSpeed - before.rollerSpeed) / 3.6 / Plant.step.seconds
        let force = after.tyreForce - after.parasiticForce - after.resistance - after.brakeForce
        #expect(acceleration > 0.5)
        #expect(abs(force / acceleration - (907.2 + 35 + 111.4)) < 3, "\(force / acceleration) kg")
    }

    @Test("brake with the force that makes the commanded power at the speed they have")
    func powerIsForceTimesSpeed() throws {
        var drive = TestDrive(try Vehicle.embedded("clean"), seed: 8)
        _ = drive.hold(.asm5025, referenceMass: 1350, seconds: 20)
        drive.plant.brake(.power(Power(8.4459)))
        drive.plant.advance(by: seconds(10))
        let state = drive.plant.snapshot
        #expect(abs(state.brakeForce * state.rollerSpeed / 3600 - 8.4459) < 0.03)
        // 8.4459 kW at 25 km/h are 1216.2 N.
        #expect(abs(state.brakeForce - 1216.2 * 25 / state.rollerSpeed) < 5)
    }

    @Test("are held at a speed by the brake, against the driver's foot")
    func speedControl() throws {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 4)
        plant.move(lift: .down)
        plant.take(DriverCue(targetSpeed: 20))
        plant.advance(by: seconds(20))
        plant.brake(.speed(Speed(30)))
        plant.take(DriverCue(gear: 2, throttle: 0.5))
        plant.advance(by: seconds(30))
        #expect(abs(plant.snapshot.rollerSpeed - 30) < 0.3)
        #expect(plant.snapshot.brakeForce > 500)
    }

    @Test("lock the lift while they turn")
    func interlock() throws {
        var plant = try spunUp(.light, to: 20)
        plant.move(lift: .down)
        #expect(plant.snapshot.lift == .up)
        plant.motor(isOn: false)
        _ = try #require(plant.wait(atMost: 1000) { $0.rollerSpeed == 0 })
        plant.move(lift: .down)
        #expect(plant.snapshot.lift == .down)
    }

    @Test("have a load cell that is noisy, and stays well inside 5 %")
    func loadCell() throws {
        var drive = TestDrive(try Vehicle.embedded("clean"), seed: 2)
        _ = drive.hold(.asm2540, referenceMass: 1350, seconds: 20)
        var shares: Set<Double> = []
        for _ in 0..<500 {
            drive.plant.advance(by: Plant.step)
            let state = drive.plant.snapshot
            shares.insert(state.shownBrakeForce / state.brakeForce - 1)
        }
        #expect(shares.count > 400)
        #expect(shares.allSatisfy { abs($0) < 0.02 })
    }

    /// Rollers without a car, brought to a speed by their motor, which is then off.
    private func spunUp(_ data: DynamometerData, to speed: Double) throws -> Plant {
        var plant = Plant(vehicle: try Vehicle.embedded("clean"), seed: 1, dynamometer: data)
        plant.motor(isOn: true)
        _ = try #require(plant.wait { $0.rollerSpeed >= speed })
        plant.motor(isOn: false)
        return plant
    }
}
