import Metrology
public import Procedures

/// The whole of one check on a bench.
public struct CheckRun {
    /// Every frame that the check saw.
    public var frames: [Frame] = []
    /// Every directive that it gave.
    public var directives: [Directive] = []
    /// The statuses at the beginning of each step.
    public var statuses: [ProcedureStatus] = []

    /// Runs a check to its end, or for at most `maximumSeconds` of lane time.
    public init(_ check: inout some CheckProcedure, on bench: inout CheckBench, maximumSeconds: Double = 8000) {
        let limit = Int(maximumSeconds / check.tick.seconds)
        while check.outcome == nil, frames.count < limit {
            let frame = bench.next(check.status)
            let given = check.advance(frame)
            bench.perform(given)
            frames.append(frame)
            directives += given
            if statuses.last?.mode != check.status.mode { statuses.append(check.status) }
        }
    }
}
