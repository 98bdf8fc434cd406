import Metrology
import Plant

/// A model of instrument as it appears on its wire: bytes in, frames out, at times of the lane.
///
/// It lives on its line's thread and is never touched by another.
protocol WireInstrument: Sendable {
    /// When it acts without being asked; nil if it does not.
    var nextEvent: LaneInstant? { get }

    /// Takes what the host sent, in pieces of any size, and returns the frames to answer with.
    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]]

    /// Acts at ``nextEvent``; the frame to send, if any.
    mutating func act(_ surroundings: Surroundings) -> [UInt8]?

    /// Forgets the beginning of a frame whose rest does not come.
    mutating func forgetPartialFrame()

    /// A descriptor on which frames to send appear, for an instrument that a library speaks for.
    var relay: Int32? { get }

    /// Ends whatever the instrument has running.
    func end()
}

extension WireInstrument {
    var relay: Int32? { nil }
    func end() {}
}

/// What an instrument sees of the lane.
struct Surroundings: Sendable {
    let host: PlantHost
    let log: FrameLog
    /// The Modbus unit that the instrument is set to, where it has one.
    let unit: UInt8
    /// What it sees instead of the present while its values are stuck.
    var stuck: PlantSnapshot?
    /// What is wrong with its sensors now.
    var errors: SensorErrors {
        get { allErrors.at(now) }
        set { allErrors = newValue }
    }
    private var allErrors = SensorErrors()
    /// What benches show instead of the lambda of their gases and of the pressure in their line (kPa), where a frame is
    /// wanted as a manual prints it; nil for the lane's.
    var (lambda, linePressure): (Double?, Double?)

    init(host: PlantHost, log: FrameLog, unit: UInt8) {
        (self.host, self.log, self.unit) = (host, log, unit)
    }

    var now: LaneInstant { host.clock.now }

    /// The lambda that a bench shows with a gas.
    func lambda(of gas: GasMixture) -> Double { lambda ?? ShownLambda.of(gas) }

    /// The lane's state as this instrument measures it.
    func observe() -> PlantSnapshot {
        let present = host.observe()
        var seen = stuck ?? present
        errors.spoil(&seen)
        return seen
    }
}
