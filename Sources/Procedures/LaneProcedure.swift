public import Metrology

/// A procedure that a lane can run, record and seal: a test of a vehicle or a check of an instrument.
public protocol LaneProcedure: Procedure where Outcome: LaneOutcome {
    /// How old a reading of each instrument may be.
    var freshness: [InstrumentRole: LaneSpan] { get }
    /// How often the lane takes a frame.
    var tick: LaneSpan { get }

    /// Ends the procedure from outside: the program that ran it is gone, and its frames are all there is.
    ///
    /// - Returns: what the lane is to do; empty if it was already over.
    mutating func interrupt() -> [Directive]
}

extension LaneProcedure {
    /// Ten frames a second.
    public var tick: LaneSpan { .milliseconds(100) }
}

/// What a procedure arrives at that can be sealed.
public protocol LaneOutcome: Sendable {
    /// Passed, failed, or broken off.
    var verdict: Verdict { get }
    /// The room's air when it began; nil if it was not reached or does not matter.
    var air: AirState? { get }
    /// What the record states as the result.
    ///
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    func report() throws(MetrologyError) -> Report
}
