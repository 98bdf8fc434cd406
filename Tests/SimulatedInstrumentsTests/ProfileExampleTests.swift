import Foundation
import Instruments
import Metrology
import Plant
import SimulatedInstruments
import Synchronization
import Testing

/// The examples of the profiles, which are bytes of manuals, against the simulators, which know nothing of profiles.
@Suite("The examples of the profiles, asked of the simulators")
struct ProfileExampleTests {
    @Test("are answered with the same bytes, but for those that are listed with their reasons")
    func exchanges() throws {
        var (same, excused) = (0, 0)
        var used: Set<String> = []
        for (profile, role) in try Profiles.simulated() {
            for example in profile.examples {
                guard case .exchange(let command, _, let request, let reply?) = example.subject else { continue }
                let key = "\(profile.id)/\(example.title)"
                let frame = profile.decode(reply: reply, to: command)
                let bench = try ExampleBench(profile, role, frame, before: ExampleTables.before(key))
                let answer = bench.answer(to: request)
                if let reason = ExampleTables.exceptions[key] {
                    used.insert(key)
                    excused += 1
                    #expect(answer != reply, "\(key) is the same after all, although: \(reason)")
                } else {
                    same += 1
                    #expect(text(answer) == text(reply), "\(key)")
                }
            }
        }
        print("\(same) examples answered byte for byte, \(excused) for a reason not")
        #expect(Set(ExampleTables.exceptions.keys).subtracting(used) == [], "exceptions of examples that are not there")
        #expect(same > 240)
    }

    @Test("that are frames of a stream are sent byte for byte")
    func streams() throws {
        var same = 0
        for (profile, role) in try Profiles.simulated() {
            for example in profile.examples {
                guard case .stream(let bytes) = example.subject else { continue }
                let key = "\(profile.id)/\(example.title)"
                if ExampleTables.streamExceptions[key] != nil { continue }
                let frame = profile.decode(streamFrame: bytes)
                let bench = try ExampleBench(profile, role, frame, before: [])
                #expect(text(bench.nextFrame()) == text(bytes), "\(key)")
                same += 1
            }
        }
        print("\(same) frames of streams sent byte for byte")
        #expect(same >= 7)
    }
}

/// A simulated instrument that shows what a frame says.
private final class ExampleBench {
    private let time = Time()
    private let instrument: MemoryInstrument

    private final class Time: Sendable {
        let nanoseconds = Atomic<Int64>(0)
    }

    init(
        _ profile: DeviceProfile, _ role: InstrumentRole, _ frame: DecodedFrame?, before: [ExampleTables.Step]
    ) throws {
        let time = time
        let isCold = frame?.conditions?.contains(.warmingUp) ?? false
        let left = frame?.values.first { $0.field == "warm-up-left" }?.value ?? 60
        instrument = try MemoryInstrument(
            role, profile.model, vehicle: Vehicle.embedded(Profiles.vehicle(profile)), warmUp: isCold ? left : 0
        ) { time.nanoseconds.load(ordering: .relaxed) }
        for step in before {
            _ = instrument.receive(step.bytes)
            time.nanoseconds.add(Int64(step.seconds * 1e9), ordering: .relaxed)
            _ = instrument.act()
        }
        instrument.show(Stage(frame, instrument.plant, role).stage)
    }

    /// The answer, which may take a while.
    func answer(to request: [UInt8]) -> [UInt8] {
        let answer = instrument.receive(request).flatMap { $0 }
        return answer.isEmpty ? nextFrame() : answer
    }

    /// What is sent at the next moment at which something happens.
    func nextFrame() -> [UInt8] {
        guard let event = instrument.nextEvent else { return [] }
        time.nanoseconds.store(max(event.nanoseconds, time.nanoseconds.load(ordering: .relaxed)), ordering: .relaxed)
        return instrument.act().flatMap { $0 }
    }
}

/// A lane on which an instrument shows what a frame says.
struct Stage {
    var stage: MemoryInstrument.Stage
    private let role: InstrumentRole

    init(_ frame: DecodedFrame?, _ plant: PlantSnapshot, _ role: InstrumentRole) {
        stage = MemoryInstrument.Stage(seen: plant, gas: plant.sample)
        self.role = role
        for value in frame?.values ?? [] {
            guard let number = value.converted ?? value.value else { continue }
            if !take(value.channel?.rawValue ?? value.field, number, value.unit) {
                _ = take(value.field, number, value.unit)
            }
        }
    }

    private mutating func take(_ name: String, _ number: Double, _ unit: String) -> Bool {
        switch name {
        case "co": stage.gas.carbonMonoxide = number
        case "co2", "bench-co2": stage.gas.carbonDioxide = number
        case "hc": stage.gas.hydrocarbons = number
        case "no", "bench-no": stage.gas.nitricOxide = number
        case "no2", "nitrogen-dioxide": stage.gas.nitrogenDioxide = number
        case "nox": (stage.gas.nitricOxide, stage.gas.nitrogenDioxide) = (number, 0)
        case "o2": stage.gas.oxygen = number
        case "lambda": stage.lambda = number
        case "line-pressure": stage.linePressure = number
        case "analyzer-engine-speed", "engine-speed", "opacimeter-engine-speed", "peak-engine-speed":
            (stage.seen.shownEngineSpeed, stage.seen.smoke.peakEngineSpeed) = (number, number)
        case "obd-engine-speed": stage.seen.engineSpeed = number
        case "vehicle-speed": stage.seen.rollerSpeed = number
        case "coolant-temperature": stage.seen.coolantTemperature = number
        case "oil-temperature", "oil", "opacimeter-oil-temperature": stage.seen.oilTemperature = number
        case "temperature" where role == .tachometer: stage.seen.oilTemperature = number
        case "air-temperature", "ambient-temperature", "temperature": stage.seen.air.temperature = number
        case "relative-humidity", "humidity": stage.seen.air.relativeHumidity = number
        case "air-pressure", "pressure": stage.seen.air.pressure = number
        case "opacity", "light-absorption", "absorption": shine(name, number)
        case "peak-opacity", "peak-light-absorption":
            (stage.seen.smoke.peak, stage.seen.smoke.filteredPeak) = (number, number)
        case "roller-speed": stage.seen.shownRollerSpeed = number
        case "roller-force": stage.seen.shownBrakeForce = number
        case "brake-duty": stage.seen.brakeDuty = number
        case "diluted-oxygen": stage.seen.tube.oxygen = number
        case "flow-temperature": stage.seen.tube.temperature = number
        case "flow-pressure": stage.seen.tube.pressure = number
        case "exhaust-flow": stage.seen.tube.actualFlow = number * 1000 / 60
        case "standard-flow":
            stage.seen.tube.standardFlow =
                number * (unit == "ft³/min" ? 0.471_947_443_2 : unit == "L/min" ? 1 / 60 : 1)
        default: return false
        }
        return true
    }

    /// The opacity says more than the absorption, which has been rounded.
    private mutating func shine(_ name: String, _ number: Double) {
        if name == "opacity" {
            let absorption = -log(1 - number / 100) / SmokeReading.pathLength
            (stage.seen.smoke.absorption, stage.seen.smoke.filteredAbsorption) = (absorption, absorption)
        } else if stage.seen.smoke.absorption == 0 {
            (stage.seen.smoke.absorption, stage.seen.smoke.filteredAbsorption) = (number, number)
        }
    }
}

func text(_ bytes: [UInt8]) -> String {
    bytes.map { String(format: "%02X", $0) }.joined(separator: " ")
}
