import Foundation

/// What an opacimeter has in its chamber and makes of it.
public struct SmokeReading: Codable, Hashable, Sendable {
    /// Opacity (不透光度) of the chamber at this moment, %.
    public var opacity = 0.0
    /// Light absorption (光吸收系数) at this moment, 1/m.
    public var absorption = 0.0
    /// Light absorption as the meter's filter of one second lets it through, 1/m.
    public var filteredAbsorption = 0.0
    /// The greatest ``absorption`` since the peak was cleared, 1/m.
    public var peak = 0.0
    /// The greatest ``filteredAbsorption`` since then, 1/m.
    public var filteredPeak = 0.0
    /// The greatest engine speed since then, r/min.
    public var peakEngineSpeed = 0.0

    /// Opacity that belongs to a light absorption over the path of 0.430 m, %: Lambert and Beer's law.
    public static func opacity(ofAbsorption absorption: Double) -> Double {
        100 * (1 - exp(-absorption * pathLength))
    }

    /// The meter's light path (有效光程), m.
    public static let pathLength = 0.430
}

/// From the opacimeter's probe to its signal: a short hose, a chamber, and the filter that the standard asks for.
struct SmokePath: Sendable {
    /// What the meter has now. Its opacity is computed for whoever looks, not in every step.
    var shown: SmokeReading {
        var reading = state
        reading.opacity = SmokeReading.opacity(ofAbsorption: state.absorption)
        return reading
    }

    private var state = SmokeReading()
    /// Opacity of a reference filter or shutter in the light path, as a share; 0 for none.
    private var filter = 0.0

    private let step: Double
    private var hose: Delay
    private var chamber = 0.0
    private var seenSmoke = LowPass(cutOff: 2.56)
    private var seenLight = LowPass(cutOff: 2.15)

    /// How long smoke travels to the chamber, s.
    private static let transport = 0.12
    /// Time constant of the chamber's filling, s: 10 to 90 % in 0.2 s.
    private static let filling = 0.09
    /// What a meter can show at most, 1/m.
    private static let greatest = 16.0

    init(step: Double) {
        self.step = step
        hose = Delay(0, length: Int(Self.transport / step))
    }

    /// - Parameter opacity: of a reference filter in the light path, %; 0 for none.
    mutating func insert(filterOpacity opacity: Double) { filter = opacity / 100 }

    private static func absorption(of opacity: Double) -> Double {
        opacity > 0 ? -log(max(1e-6, 1 - opacity)) / SmokeReading.pathLength : 0
    }

    mutating func clearPeak() {
        state.peak = state.absorption
        state.filteredPeak = state.filteredAbsorption
        state.peakEngineSpeed = 0
    }

    /// - Parameter smoke: at the probe's tip, 1/m; 0 in the room.
    mutating func advance(tip smoke: Double, engineSpeed: Double) {
        chamber += (hose.pass(smoke) - chamber) * step / Self.filling
        // A filter's light loss comes on top of that of the smoke: absorptions add up. What is put into the light is
        // seen by the opacity, which rises from 10 to 90 % within a second (JJG 976: 0.9 to 1.1 s).
        state.absorption = min(Self.greatest, chamber + Self.absorption(of: filter))
        seenSmoke.advance(to: chamber, step)
        seenLight.advance(to: filter, step)
        state.filteredAbsorption = min(Self.greatest, seenSmoke.value + Self.absorption(of: seenLight.value))
        state.peak = max(state.peak, state.absorption)
        state.filteredPeak = max(state.filteredPeak, state.filteredAbsorption)
        state.peakEngineSpeed = max(state.peakEngineSpeed, engineSpeed)
    }
}

/// The second-order Bessel low pass of a meter, D = 0.618034; with a cut-off of 2.56 1/s it reaches 90 % of a step after
/// 1.0 s, with 2.15 1/s it rises from 10 to 90 % within 1.0 s.
private struct LowPass: Sendable {
    /// 1/s.
    let cutOff: Double
    private(set) var value = 0.0
    /// Per second.
    private var slope = 0.0

    private static let bessel = 0.618_034

    init(cutOff: Double) { self.cutOff = cutOff }

    mutating func advance(to input: Double, _ step: Double) {
        let rate = cutOff * cutOff / Self.bessel
        slope += rate * (input - value - slope * (3 * Self.bessel).squareRoot() / cutOff) * step
        value = max(0, value + slope * step)
    }
}
