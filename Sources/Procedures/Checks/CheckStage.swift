import Messages
import Metrology

/// One step of a check: what a person or the lane does, and what is read meanwhile.
struct CheckStage: Sendable {
    /// The point or interval, as items name it.
    var name: String
    /// Where the check is, for the screen.
    var kind: StageKind
    /// What to do or to wait for.
    var instruction: Message
    /// What the lane does first.
    var directives: [Directive] = []
    /// When the step is over.
    var task: CheckTask
}

/// When a step is over, and what comes of it.
enum CheckTask: Sendable {
    /// A person has confirmed.
    case confirm
    /// A person has entered what reference instruments show; confirming takes what needs no entry.
    case enter([ReferenceEntry])
    /// A person has said whether what the instruction asks about is so.
    case answer
    /// The instrument has shown the condition and shows it no longer; the conditions it then shows are kept.
    case action(InstrumentRole, InstrumentCondition)
    /// The readings have come to rest after a settling time; their means are kept.
    case read([CheckReading], settle: LaneSpan)
    /// The rollers have reached a speed.
    case reach(Speed)
    /// The rollers have fallen to a speed; speed and force are kept.
    case coast(CoastTask)
    /// The time is up; the readings are kept. With a band, rollers whose speed leaves it end the check.
    case record([ChannelID], LaneSpan, band: ClosedRange<Speed>?)
    /// The instrument shows the condition, or no longer; how long it took is kept, if it did so within the span.
    case notice(InstrumentRole, InstrumentCondition, isWanted: Bool, LaneSpan)
}

/// A value that is read until it comes to rest.
struct CheckReading: Sendable {
    /// Which.
    var channel: ChannelID
    /// At rest, readings are no further apart than this.
    var steady: Double
    /// Whether an instrument may do without it.
    var isOptional = false
}

/// A coast-down under a load that may change with speed.
struct CoastTask: Sendable {
    /// The speed at which it ends; nil for one that ends a while after the last load.
    var to: Speed?
    /// The load from each speed down, highest speed first.
    var loads: [(below: Speed, power: Power)] = []
    /// How long it goes on after the last load, where it ends by time.
    var after = LaneSpan.zero
}

/// What the steps of a check brought to light, by their names.
struct CheckFindings: Sendable {
    /// Means of readings at rest.
    var means: [String: [ChannelID: Double]] = [:]
    /// How far apart the readings were that did not come to rest, with what they should have stayed within.
    var unsteady: [(name: String, channel: ChannelID, spread: Double, steady: Double)] = []
    /// Recorded readings.
    var series: [String: [ChannelID: TimeSeries]] = [:]
    /// When the step began.
    var began: [String: LaneInstant] = [:]
    /// When each load of a coast-down was put on.
    var loaded: [String: [LaneInstant]] = [:]
    /// What the instrument showed at the end of an action.
    var conditions: [String: Set<InstrumentCondition>] = [:]
    /// What a person entered at the step.
    var entered: [String: [ChannelID: RoundedDecimal]] = [:]
    /// What a person answered to the step's question.
    var answered: [String: Bool] = [:]
    /// How long it took to notice something, s.
    var noticed: [String: Double] = [:]

    /// A mean of a step.
    func mean(_ channel: ChannelID, at name: String) -> Double? { means[name]?[channel] }

    /// When the rollers fell through a speed, in seconds since the step began.
    func time(at speed: Speed, in name: String) -> Double? {
        began[name].flatMap { series[name]?[.rollerSpeed]?.crossing(of: speed.value, rising: false, since: $0) }
    }

    /// How long the rollers took from one speed to another.
    func time(from upper: Speed, to lower: Speed, in name: String) -> SecondCount? {
        guard let from = time(at: upper, in: name), let to = time(at: lower, in: name) else { return nil }
        return SecondCount(to - from)
    }
}
