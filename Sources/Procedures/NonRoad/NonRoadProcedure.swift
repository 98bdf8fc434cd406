public import Metrology
public import Standards

/// The smoke test of non-road diesel machinery (非道路柴油移动机械, GB 36886-2018) and of diesel vehicles at the
/// roadside (路检): a free acceleration with a portable opacimeter and a tachometer, without a dynamometer and, if need
/// be, without a weather station; limits by class and rated power.
public struct NonRoadProcedure: TestProcedure {
    /// The name of this algorithm in records; a change of behaviour gets a new one.
    public static let algorithm = "non-road/1"

    /// The instruments of a portable set.
    public static let roles: Set<InstrumentRole> = [.opacimeter, .tachometer]

    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    private var run: SmokeTestRun

    /// Prepares the test that an order asks for.
    public init(
        _ order: TestOrder, limits: NonRoadLimits, requirements: NonRoadRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        let test = try FreeAccelerationTest(
            order, limits: limits.table, names: limits, rules: requirements.rules)
        freshness = requirements.freshness
        run = SmokeTestRun(test, freshness: freshness, roles: Self.roles)
    }

    /// What the test is carried out with.
    public var test: FreeAccelerationTest { run.test }

    /// The outcome, once the test is over.
    public var outcome: FreeAccelerationOutcome? { run.outcome }

    /// What the driver's aid shows.
    public var status: ProcedureStatus { run.status }

    /// Takes the next frame; see ``Procedure/advance(_:)``.
    public mutating func advance(_ frame: Frame) -> [Directive] { run.advance(frame) }

    /// Ends the test from outside; see ``TestProcedure/interrupt()``.
    public mutating func interrupt() -> [Directive] { run.interrupt() }
}
