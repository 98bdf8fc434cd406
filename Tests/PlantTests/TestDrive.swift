import Metrology
import Plant

/// A lane on which a test can drive: it loads the brake as ASM does, from 2 km/h below the target on.
struct TestDrive {
    /// One of the two loaded modes of GB 18285-2018.
    struct Mode {
        let speed: Double
        let divisor: Double
        static let asm5025 = Mode(speed: 25, divisor: 148)
        static let asm2540 = Mode(speed: 40, divisor: 185)
    }

    /// How a mode was driven, at ten readings a second.
    struct Course {
        /// s from the cue until the car is within ±2 km/h for five seconds to come.
        var timeToReach = Double.infinity
        /// Greatest distance from the target after that, km/h.
        var greatestDeviation = 0.0
        /// Greatest distance between the first of ten whole seconds and any reading up to the tenth, km/h.
        var greatestChange = 0.0
        /// Greatest distance of the shown from the set force, as a share, from two seconds after loading on.
        var greatestForceDeviation = 0.0
        var last: PlantSnapshot
    }

    static let tick = LaneSpan(nanoseconds: 100_000_000)

    var plant: Plant

    init(_ vehicle: Vehicle, seed: UInt64) {
        plant = Plant(vehicle: vehicle, seed: seed)
        plant.move(lift: .down)
        plant.draw(from: .probe)
        plant.take(DriverCue(probeInserted: true))
        plant.advance(by: LaneSpan(nanoseconds: 10_000_000_000))
    }

    mutating func hold(_ mode: Mode, referenceMass: Double, seconds: Double) -> Course {
        plant.brake(.off)
        plant.take(DriverCue(targetSpeed: mode.speed, tolerance: 2, probeInserted: true))
        let total = Power(referenceMass / mode.divisor) / Speed(mode.speed)
        let loss = DynamometerData.light.parasiticLoss.power(at: Speed(mode.speed)) / Speed(mode.speed)
        let set = total - loss
        var course = Course(last: plant.snapshot)
        var speeds: [Double] = []
        var loadedAt: Double?
        var inBandSince: Double?
        for index in 1...Int(seconds * 10) {
            plant.advance(by: Self.tick)
            let now = plant.snapshot
            let time = Double(index) / 10
            if loadedAt == nil, now.shownRollerSpeed >= mode.speed - 2 {
                plant.brake(.force(set))
                loadedAt = time
            }
            let deviation = abs(now.shownRollerSpeed - mode.speed)
            if course.timeToReach == .infinity {
                inBandSince = deviation <= 2 ? inBandSince ?? time : nil
                if let inBandSince, time - inBandSince >= 5 { course.timeToReach = inBandSince }
            } else {
                course.greatestDeviation = max(course.greatestDeviation, deviation)
                speeds.append(now.shownRollerSpeed)
                let window = speeds.suffix(91)
                if window.count == 91, let first = window.first {
                    for speed in window { course.greatestChange = max(course.greatestChange, abs(speed - first)) }
                }
            }
            if let loadedAt, time - loadedAt >= 2 {
                course.greatestForceDeviation = max(
                    course.greatestForceDeviation, abs(now.shownBrakeForce / set.value - 1))
            }
        }
        course.last = plant.snapshot
        return course
    }
}

/// A span of lane time.
func seconds(_ count: Double) -> LaneSpan { LaneSpan(nanoseconds: Int64((count * 1e9).rounded())) }

extension Plant {
    /// Advances in single steps until `condition` holds, and returns the time that took, s; nil if it never came.
    mutating func wait(atMost limit: Double = 600, until condition: (PlantSnapshot) -> Bool) -> Double? {
        let start = snapshot.time
        while snapshot.time - start < limit {
            if condition(snapshot) { return snapshot.time - start }
            advance(by: Plant.step)
        }
        return nil
    }
}

extension Vehicle {
    /// Makes the exhaust independent of load, without HC and left-over oxygen.
    mutating func alwaysEmits(carbonMonoxide: Double, nitricOxide: Double) {
        emissions.removeLast(emissions.count - 1)
        emissions[0].carbonMonoxide = carbonMonoxide
        emissions[0].hydrocarbons = 0
        emissions[0].nitricOxide = nitricOxide
        emissions[0].oxygen = 0
    }
}
