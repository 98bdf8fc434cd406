public import Metrology
public import Standards

/// The free acceleration test of a diesel vehicle on a lane (自由加速法), GB 3847-2018 Annex A.
///
/// After the pre-test the exhaust is blown free by accelerations without the probe; then the engine is accelerated from
/// idle to its governed speed until the pack's rule accepts the peaks of the smoke. Invalid accelerations are repeated,
/// and the driver is told why. All numbers come from the packs, so that other countries' rules are packs, too.
public struct FreeAccelerationProcedure: TestProcedure {
    /// The name of this algorithm in records; a change of behaviour gets a new one.
    public static let algorithm = "free-acceleration/1"

    /// The instruments of the lane that it cannot do without.
    public static let roles: Set<InstrumentRole> = [.opacimeter, .tachometer, .weatherStation]

    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    private var run: SmokeTestRun

    /// Prepares the test that an order asks for.
    public init(
        _ order: TestOrder, limits: FreeAccelerationLimits, requirements: FreeAccelerationRequirements,
        lane: LaneParameters
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
