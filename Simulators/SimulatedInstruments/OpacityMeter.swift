import Metrology
import Plant

/// What all simulated opacimeters do between the light and their display.
///
/// The one-second filter of the standard is the instrument's own: the peaks that a host reads have gone through it.
struct OpacityMeter {
    let warmUntil: LaneInstant
    private let switchedOn: LaneInstant
    /// Whether the filter is in use; a parameter of the real instruments.
    var isFiltered = true
    /// What the meter takes for clean air, 1/m.
    private var zero = 0.0
    private var calibrationEnds: LaneInstant?

    /// How long linearising takes, with the shutter closed and open.
    private static let calibration = LaneSpan(nanoseconds: 4_000_000_000)
    /// What the chamber is heated to, °C.
    static let chamberTemperature = 70.0

    /// What is shown: opacity in % and absorption in 1/m belong together by Lambert and Beer's law.
    struct Shown {
        let opacity: Double
        let absorption: Double

        init(absorption: Double) {
            self.absorption = max(0, absorption)
            opacity = SmokeReading.opacity(ofAbsorption: self.absorption)
        }
    }

    init(switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.switchedOn = switchedOn
        warmUntil = switchedOn + warmUp
    }

    func isWarm(at now: LaneInstant) -> Bool { now >= warmUntil }

    /// The tube's temperature: heated from the room's to the chamber's while the meter warms up, °C.
    func tubeTemperature(_ surroundings: Surroundings) -> Double {
        let room = surroundings.observe().air.temperature
        let total = (warmUntil - switchedOn).seconds
        guard total > 0, !isWarm(at: surroundings.now) else { return Self.chamberTemperature }
        let share = max(0, (surroundings.now - switchedOn).seconds) / total
        return room + (Self.chamberTemperature - 10 - room) * share
    }

    func isCalibrating(at now: LaneInstant) -> Bool { calibrationEnds.map { now < $0 } ?? false }

    func live(_ smoke: SmokeReading) -> Shown {
        Shown(absorption: (isFiltered ? smoke.filteredAbsorption : smoke.absorption) - zero)
    }

    func peak(_ smoke: SmokeReading) -> Shown {
        Shown(absorption: (isFiltered ? smoke.filteredPeak : smoke.peak) - zero)
    }

    /// Begins to linearise: what is in the chamber now is taken for clean air, smoke included.
    mutating func calibrate(_ surroundings: Surroundings) {
        zero = surroundings.observe().smoke.absorption
        calibrationEnds = surroundings.now + Self.calibration
    }
}
