import Instruments
import Metrology
import Plant
import SimulatedInstruments
import Testing

/// Each profile that has a simulator drives it: the driver knows nothing of the simulator, nor it of the profile.
@Suite("A driver on its simulated model", .serialized)
struct DriverTests {
    static let ids = ((try? Profiles.simulated()) ?? []).map(\.profile.id)

    private func connected(_ id: String, warmUp: Double = 0) async throws -> (DriverPort, Instrument) {
        let profile = try Profiles.named(id)
        let port = try DriverPort(profile, warmUp: warmUp)
        let driver = try port.driver(profile)
        try await driver.connect()
        return (port, driver)
    }

    @Test("reads what the lane shows, without a failure", arguments: ids)
    func reads(id: String) async throws {
        let (port, driver) = try await connected(id)
        let profile = driver.profile
        port.simulated.apply(DriverCue(gear: 0, throttle: 0.1))
        port.pass(6)
        var seen: Set<ChannelID> = []
        for _ in 0..<12 {
            port.pass(max(0.5, profile.pollInterval.seconds))
            let report = await driver.poll()
            #expect(report.link == .up)
            #expect(report.failures.isEmpty, "\(report.failures)")
            for reading in report.readings {
                seen.insert(reading.channel)
                #expect(reading.validity == .valid, "\(reading)")
                guard let value = reading.value, let (truth, tolerance) = Self.truth(reading.channel, port.simulated)
                else { continue }
                #expect(abs(value - truth) <= tolerance, "\(reading.channel): \(value), not \(truth)")
            }
        }
        #expect(seen == profile.channels, "never read: \(profile.channels.subtracting(seen))")
    }

    /// What a channel is to show, and how much it may be off by noise, rounding and the time of a poll.
    private static func truth(_ channel: ChannelID, _ simulated: MemoryInstrument) -> (Double, Double)? {
        let plant = simulated.plant
        switch channel.rawValue {
        case "engine-speed", "analyzer-engine-speed", "opacimeter-engine-speed": return (plant.engineSpeed, 120)
        case "oil-temperature", "opacimeter-oil-temperature": return (plant.oilTemperature, 1.5)
        case "air-temperature": return (plant.air.temperature, 0.6)
        case "relative-humidity": return (plant.air.relativeHumidity, 0.6)
        case "air-pressure": return (plant.air.pressure, 0.1)
        case "co": return (0, 0.05)
        case "co2": return (0, 0.2)
        case "o2": return (20.9, 0.4)
        case "hc": return (0, 12)
        case "no", "nox", "bench-no": return (0, 15)
        case "nitrogen-dioxide": return (0, 1)
        case "opacity", "light-absorption": return (0, 0.2)
        case "roller-speed", "roller-power", "vehicle-speed": return (0, 0.2)
        case "roller-force": return (0, 4)
        case "brake-duty": return (0, 0.2)
        case "diluted-oxygen": return (20.9, 0.4)
        case "flow-temperature": return (plant.tube.temperature, 1)
        case "flow-pressure": return (plant.tube.pressure, 0.2)
        case "exhaust-flow": return (plant.tube.actualFlow * 60 / 1000, 0.3)
        case "obd-engine-speed": return (plant.engineSpeed, 120)
        case "coolant-temperature": return (plant.coolantTemperature, 2)
        default: return nil
        }
    }

    @Test("carries out every action of its profile", arguments: ids)
    func actions(id: String) async throws {
        let (port, driver) = try await connected(id)
        port.simulated.apply(DriverCue(probeInserted: true))
        for kind in InstrumentAction.Kind.allCases where driver.profile.actions.contains(kind) {
            guard let action = Self.action(kind) else { continue }
            try await driver.perform(action)
            port.pass(0.1)
            check(kind, port.simulated)
            // Until the action has ended by itself; a profile that asks for its end asks now and then.
            var failures: [InstrumentError] = []
            for _ in 0..<(Self.endsByItself.contains(kind) ? 18 : 2) {
                port.pass(2)
                failures += await driver.poll().failures
            }
            #expect(failures.isEmpty, "\(kind.rawValue): \(failures)")
        }
    }

    private static let endsByItself: Set<InstrumentAction.Kind> = [.zero, .purge, .leakCheck, .fullScale]

    /// Calibrating needs a bottle and has tests of its own.
    private static func action(_ kind: InstrumentAction.Kind) -> InstrumentAction? {
        switch kind {
        case .span: nil
        case .brakeForce: .brakeForce(Force(400))
        case .brakeSpeed: .brakeSpeed(Speed(25))
        case .brakePower: .brakePower(Power(5))
        case .motorFrequency: .motorFrequency(40)
        case .showText: .showText("请加速到40km/h", row: 1)
        default: InstrumentAction(kind, words: [])
        }
    }

    private func check(_ kind: InstrumentAction.Kind, _ simulated: MemoryInstrument) {
        let plant = simulated.plant
        switch kind {
        case .sampleExhaust:
            #expect(plant.inlet == .probe || plant.nitrogenInlet == .probe)
        case .sampleAmbient: #expect(plant.inlet == .room || plant.nitrogenInlet == .room)
        case .stopSampling: #expect(plant.inlet == .closed && plant.nitrogenInlet == .closed)
        case .brakeForce:
            #expect(plant.brakeMode == .force && abs(plant.brakeSetpoint - 400) < 0.05, "\(plant.brakeSetpoint)")
        case .brakeSpeed:
            #expect(plant.brakeMode == .speed && abs(plant.brakeSetpoint - 25) < 0.01, "\(plant.brakeSetpoint)")
        case .brakePower:
            #expect(plant.brakeMode == .power && abs(plant.brakeSetpoint - 5) < 0.01, "\(plant.brakeSetpoint)")
        case .brakeOff: #expect(plant.brakeMode == .off)
        case .liftUp: #expect(plant.lift == .up)
        case .liftDown: #expect(plant.lift == .down)
        case .motorOn: #expect(plant.motorRuns)
        case .motorOff: #expect(!plant.motorRuns)
        case .fanOn: #expect(plant.tube.fanRuns)
        case .fanOff: #expect(!plant.tube.fanRuns)
        case .showText: #expect(simulated.screen?.joined() == "请加速到40km/h", "\(simulated.screen ?? [])")
        case .clearText: #expect(simulated.screen == [])
        default: break
        }
    }

    @Test("is told that a bench warms up, and that it does not any more")
    func warmUp() async throws {
        for id in ["amb-ii", "cap3030", "opa-100", "mqw-50a", "mqw-5101", "nht-6", "nha-503"] {
            let (port, driver) = try await connected(id, warmUp: 60)
            port.pass(1.5)
            #expect(await driver.poll().conditions?.conditions.contains(.warmingUp) == true, "\(id)")
            port.pass(62)
            #expect(await driver.poll().conditions?.conditions.contains(.warmingUp) == false, "\(id)")
        }
    }

    @Test("is told by an instrument of the AK protocol that it is busy, and that numbers are not to be used")
    func busy() async throws {
        let (port, driver) = try await connected("ak-analyzer", warmUp: 30)
        let cold = await driver.poll()
        #expect(cold.readings.allSatisfy { $0.validity == .deviceFault } && !cold.readings.isEmpty)
        let error = await #expect(throws: InstrumentError.self) { try await driver.perform(.startMeasuring) }
        #expect(error?.reason == .busy)
        port.pass(31)
        try await driver.perform(.zero)
        port.pass(2)
        #expect(await driver.poll().conditions?.conditions == [.zeroing])
        let again = await #expect(throws: InstrumentError.self) { try await driver.perform(.startMeasuring) }
        #expect(again?.reason == .busy)
        port.pass(30)
        try await driver.perform(.startMeasuring)
        #expect(port.simulated.plant.inlet == .probe)
    }

    @Test("turns the rollers with an inverter, as fast as its frequency says")
    func inverter() async throws {
        for id in ["inverter-amb", "inverter-amb100", "inverter-sb60"] {
            let (port, driver) = try await connected(id)
            try await driver.perform(.motorFrequency(40))
            try await driver.perform(.motorOn)
            port.pass(90)
            // Half the greatest frequency: half of the 65 km/h that this motor can do.
            #expect(abs(port.simulated.plant.rollerSpeed - 32.5) < 2.5, "\(port.simulated.plant.rollerSpeed)")
            try await driver.perform(.motorOff)
            #expect(!port.simulated.plant.motorRuns)
        }
    }

    @Test("that falls silent lets a Modbus dynamometer take its load off")
    func watchdog() async throws {
        for id in ["modbus-dyno", "modbus-dyno-tcp"] {
            let (port, driver) = try await connected(id)
            try await driver.perform(.brakeForce(Force(500)))
            port.pass(1.9)
            #expect(port.simulated.plant.brakeMode == .force)
            port.pass(0.2)
            #expect(port.simulated.plant.brakeMode == .off)
        }
    }
}
