public import Metrology
public import Standards

/// A procedure that carries out one check of one instrument.
public protocol CheckProcedure: Procedure where Outcome == CheckOutcome {
    /// The kind of check.
    var kind: CheckKind { get }
    /// How old a reading of each instrument that the check uses may be.
    var freshness: [InstrumentRole: LaneSpan] { get }
    /// How often the lane should take a frame: steps of the brake pass too quickly for ten frames a second.
    var tick: LaneSpan { get }

    /// Ends the check from outside: the program that ran it is gone, and its frames are all there is.
    ///
    /// - Returns: what the lane is to do; empty if the check was already over.
    mutating func interrupt() -> [Directive]
}

/// Everything that keeps a check from being carried out, at once.
public struct CheckProblems: Error, Hashable, Sendable {
    /// The problems; never empty.
    public let all: [OrderProblem]

    /// Creates the error.
    public init(_ all: [OrderProblem]) { self.all = all }
}
