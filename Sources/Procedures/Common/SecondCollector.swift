import Metrology
import Standards

/// What stands for one second of frames, by the pack's rule.
struct SecondImage {
    /// Second n covers the ticks after n−1 s up to and including n s.
    let number: Int
    /// Values of the channels whose reading that stands for the second is valid.
    let values: [ChannelID: Double]
    /// The newest state of each instrument.
    let states: [InstrumentRole: InstrumentState]
    /// The instruments that were lost at its end.
    let lost: Set<InstrumentRole>

    subscript(_ channel: ChannelID) -> Double? { values[channel] }
}

extension [ChannelID: Double] {
    /// The temperature of the engine's oil (机油温度), °C, as whichever instrument has the probe reads it.
    var oilTemperature: Double? { self[.opacimeterOilTemperature] ?? self[.oilTemperature] }
}

/// Groups frames into whole seconds.
///
/// A second without any frame still comes out, empty, so that missed ticks count as missing data and never vanish.
struct SecondCollector {
    private let rule: SecondTakes
    private let origin: LaneInstant
    private let role: InstrumentRole?
    private var current = 1
    /// The frames of the second under way; of those between, only a mean needs any.
    private var frames: [Frame] = []

    /// - Parameters:
    ///   - origin: when the first second begins; later than the test's beginning, it leaves out what was before.
    ///   - role: the instrument whose values are wanted; nil for all.
    init(rule: SecondTakes, origin: LaneInstant = .zero, role: InstrumentRole? = nil) {
        self.rule = rule
        self.origin = origin
        self.role = role
    }

    /// Takes a frame in and returns the seconds that are complete with it, oldest first.
    mutating func take(_ frame: Frame) -> [SecondImage] {
        // The second whose end the frame's time does not exceed; the frame at 0 s belongs to the first.
        let elapsed = (frame.time - origin).nanoseconds
        guard elapsed > 0 || origin == .zero else { return [] }
        let second = max(1, Int((elapsed + 999_999_999) / 1_000_000_000))
        var complete: [SecondImage] = []
        while current < second { complete.append(close()) }
        keep(frame)
        if elapsed == Int64(current) * 1_000_000_000 { complete.append(close()) }
        return complete
    }

    private mutating func keep(_ frame: Frame) {
        let needed =
            switch rule {
            case .first: 2
            case .last: 1
            case .mean: Int.max
            }
        if frames.count < needed { frames.append(frame) } else { frames[needed - 1] = frame }
    }

    private mutating func close() -> SecondImage {
        defer {
            current += 1
            frames.removeAll(keepingCapacity: true)
        }
        guard let first = frames.first, let last = frames.last else {
            return SecondImage(number: current, values: [:], states: [:], lost: [])
        }
        let values =
            switch rule {
            case .first: valid(first)
            case .last: valid(last)
            case .mean: means(of: frames)
            }
        return SecondImage(number: current, values: values, states: last.states, lost: last.lost)
    }

    private func valid(_ frame: Frame) -> [ChannelID: Double] {
        var values: [ChannelID: Double] = [:]
        // Room for all of them at once: this is done every second, and growing is most of it.
        values.reserveCapacity(frame.samples.count)
        for (channel, sample) in frame.samples where sample.validity == .valid && isWanted(channel) {
            values[channel] = sample.value
        }
        return values
    }

    private func isWanted(_ channel: ChannelID) -> Bool { role == nil || channel.role == role }

    /// The means of the channels that are valid in every frame of the second.
    ///
    /// Without a dictionary for each frame, since this is done ten times a second for every channel of a lane.
    private func means(of frames: [Frame]) -> [ChannelID: Double] {
        var means: [ChannelID: Double] = [:]
        means.reserveCapacity(frames[0].samples.count)
        var values: [Double] = []
        values.reserveCapacity(frames.count)
        for channel in frames[0].samples.keys where isWanted(channel) {
            values.removeAll(keepingCapacity: true)
            for frame in frames {
                guard let sample = frame.samples[channel], sample.validity == .valid, let value = sample.value else {
                    break
                }
                values.append(value)
            }
            if values.count == frames.count { means[channel] = arithmeticMean(values) }
        }
        return means
    }
}
