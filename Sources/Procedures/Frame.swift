public import Metrology

/// Everything the lane knew at one tick: the process image a procedure decides on, and what a record keeps.
///
/// A frame is assembled by ``FrameAssembler`` from timed readings and never touched again; replaying the same frames
/// must give the same result on any machine.
public struct Frame: Hashable, Sendable {
    /// The tick's number, from 0; a missing number is a tick that was missed.
    public let tick: Int
    /// The tick's due time since the test's first tick.
    public let time: LaneInstant
    /// How late the frame was taken; zero or more.
    public let lateness: LaneSpan
    /// The newest reading of every channel at this tick, as it was then.
    public let samples: [ChannelID: Sample]
    /// The newest state of each instrument that tells one.
    public let states: [InstrumentRole: InstrumentState]
    /// Instruments that cannot be reached.
    public let lost: Set<InstrumentRole>
    /// What people and the lane did since the frame before, in order.
    public let events: [FrameEvent]

    /// Creates a frame; usually ``FrameAssembler`` does.
    public init(
        tick: Int, time: LaneInstant, lateness: LaneSpan = .zero, samples: [ChannelID: Sample] = [:],
        states: [InstrumentRole: InstrumentState] = [:], lost: Set<InstrumentRole> = [], events: [FrameEvent] = []
    ) {
        self.tick = tick
        self.time = time
        self.lateness = lateness
        self.samples = samples
        self.states = states
        self.lost = lost
        self.events = events
    }

    /// The reading of a channel, in the channel's unit.
    public subscript<Unit>(_ channel: Channel<Unit>) -> Reading<Unit> {
        guard let sample = samples[channel.id] else {
            return Reading(quantity: nil, acquiredAt: nil, validity: .absent)
        }
        return Reading(
            quantity: sample.value.map(Quantity.init), acquiredAt: sample.acquiredAt, validity: sample.validity)
    }
}

/// The reading of one channel as a frame holds it.
public struct Sample: Hashable, Sendable {
    /// The number in the channel's unit; nil where there is none.
    public let value: Double?
    /// When it was acquired, since the test's first tick; negative if before it.
    public let acquiredAt: LaneInstant
    /// Whether it may be used at this tick.
    public let validity: Validity

    /// Creates a sample.
    public init(value: Double?, acquiredAt: LaneInstant, validity: Validity) {
        self.value = value
        self.acquiredAt = acquiredAt
        self.validity = validity
    }
}

/// What an instrument last said about itself, and when.
public struct InstrumentState: Hashable, Sendable {
    /// The conditions that hold.
    public let conditions: Set<InstrumentCondition>
    /// When it said so, since the test's first tick.
    public let acquiredAt: LaneInstant

    /// Creates a state.
    public init(conditions: Set<InstrumentCondition>, acquiredAt: LaneInstant) {
        self.conditions = conditions
        self.acquiredAt = acquiredAt
    }
}

/// Something that happened between two ticks other than a reading.
public enum FrameEvent: Hashable, Sendable {
    /// The operator confirmed that the probe is in the tail pipe.
    case probeInserted
    /// The operator confirmed what the instruction asks for.
    case confirmed
    /// A person entered what reference instruments show (标准器示值录入), which confirms the step as well; in the units of
    /// the channels that should read the same.
    case entered([ChannelID: RoundedDecimal])
    /// A person says that what the instruction asks about is not so (观察不符).
    case denied
    /// The operator broke the test off (人工终止).
    case operatorAbort
    /// The emergency stop was pressed (急停).
    case emergencyStop
    /// The lane can no longer store what it measures.
    case storageLost
    /// The lane was locked while the test ran (检测线锁止).
    case laneLocked
    /// A directive could not be carried out by this instrument.
    case actionFailed(InstrumentRole)
}
