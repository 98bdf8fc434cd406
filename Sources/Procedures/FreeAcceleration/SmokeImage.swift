import Metrology
import Standards

/// What a frame adds: readings of engine speed, smoke and peak memory that were not in an earlier one.
struct SmokeImage {
    /// A value and when it was acquired.
    struct Value {
        let value: Double
        let at: LaneInstant
    }

    /// The frame's time.
    let time: LaneInstant
    /// Engine speed, r/min.
    let speed: Value?
    /// Light absorption coefficient, filtered where the pack says so, 1/m.
    let smoke: Value?
    /// The opacimeter's peak memory, 1/m.
    let memory: Value?
}

/// Finds what is new in each frame, and filters the smoke.
struct SmokeReader {
    private let length: Length
    private var bessel: BesselFilter?
    private var newest: [ChannelID: LaneInstant] = [:]

    init(_ peak: FreeAccelerationRules.Peak) {
        length = Length(peak.length.value)
        bessel = peak.bessel
    }

    mutating func read(_ frame: Frame) -> SmokeImage {
        let smoke = fresh(.lightAbsorption, frame) ?? opacity(frame)
        return SmokeImage(
            time: frame.time, speed: fresh(.engineSpeed, frame),
            smoke: smoke.map { SmokeImage.Value(value: filtered($0.value), at: $0.at) },
            memory: fresh(.peakLightAbsorption, frame))
    }

    /// The absorption of a second in which the opacimeter told its opacity only.
    func absorption(of second: SecondImage) -> Double? {
        second[.lightAbsorption] ?? second[.opacity].flatMap(absorption)
    }

    /// The opacity of a second in which the opacimeter told its absorption only.
    func opacity(of second: SecondImage) -> Double? {
        second[.opacity]
            ?? second[.lightAbsorption].flatMap {
                try? SmokeOpacity.opacity(of: LightAbsorption($0), over: length).value
            }
    }

    private mutating func opacity(_ frame: Frame) -> SmokeImage.Value? {
        guard frame.samples[.lightAbsorption]?.validity != .valid, let found = fresh(.opacity, frame) else {
            return nil
        }
        return absorption(found.value).map { SmokeImage.Value(value: $0, at: found.at) }
    }

    /// Without light there is no coefficient: the reading is missing.
    private func absorption(_ opacity: Double) -> Double? {
        try? SmokeOpacity.absorption(of: Percentage(opacity), over: length).value
    }

    private mutating func fresh(_ channel: ChannelID, _ frame: Frame) -> SmokeImage.Value? {
        guard let sample = frame.samples[channel], sample.validity == .valid, let value = sample.value,
            newest[channel].map({ $0 < sample.acquiredAt }) ?? true
        else { return nil }
        newest[channel] = sample.acquiredAt
        return SmokeImage.Value(value: value, at: sample.acquiredAt)
    }

    private mutating func filtered(_ value: Double) -> Double { bessel?.next(value) ?? value }
}
