import Assurance
import Evidence
import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Faults of instruments, through the checks in virtual time to the lockouts: faults are set on the bench, tolerances,
/// methods and intervals are the packs'.
@Suite("A faulty instrument")
struct FaultLockTests {
    /// A fault, and the checks that have to find it.
    struct Row {
        let name: String
        let role: InstrumentRole
        let failing: Set<CheckKind>
        let faults: CheckBench.Faults

        init(
            _ name: String, of role: InstrumentRole, fails failing: Set<CheckKind>,
            _ change: (inout CheckBench.Faults) -> Void
        ) {
            self.name = name
            self.role = role
            self.failing = failing
            var faults = CheckBench.Faults()
            change(&faults)
            self.faults = faults
        }
    }

    private static let rows = [
        Row("span drift", of: .gasAnalyzer, fails: [.gasSinglePoint, .gasFivePoint]) { $0.gain[.carbonMonoxide] = 0.9 },
        Row("zero drift", of: .gasAnalyzer, fails: [.gasSinglePoint, .gasFivePoint]) { $0.offset[.hydrocarbons] = 6 },
        Row("slow response", of: .gasAnalyzer, fails: [.gasResponse]) { $0.slowness = 4 },
        Row("leak", of: .gasAnalyzer, fails: [.gasLeak]) { $0.leaks = true },
        Row("worn oxygen cell", of: .gasAnalyzer, fails: [.gasSinglePoint, .gasFivePoint]) { $0.gain[.oxygen] = 0.9 },
        Row("leak of the NOx bench", of: .noxAnalyzer, fails: [.noxLeak]) { $0.leaks = true },
        Row("poisoned converter", of: .noxAnalyzer, fails: [.noxConverter]) { $0.converter = 0.6 },
        Row("dirty lens", of: .opacimeter, fails: [.opacimeterFilters]) { $0.gain[.opacity] = 0.94 },
        Row("roller drag", of: .dynamometer, fails: [.coastDown, .parasiticLoss]) { $0.drag = 100 },
        Row("wrong inertia entered", of: .dynamometer, fails: [.coastDown]) { $0.inertia = 1.1 },
        Row("slipping force cell", of: .dynamometer, fails: [.coastDown, .dynamometerForce]) { $0.cell = 0.88 },
        Row("flow meter", of: .flowMeter, fails: [.flowMeter]) { $0.gain[.exhaustFlow] = 0.8 },
        Row("tachometer", of: .tachometer, fails: [.tachometer]) { $0.gain[.engineSpeed] = 1.02 },
        Row("weather station", of: .weatherStation, fails: [.weatherStation]) { $0.offset[.airTemperature] = 1 },
    ]

    /// A sealed result as it is read back from a record's payload.
    private func result(_ outcome: CheckOutcome, counter: Int) throws -> CheckResult {
        let instrument: JSONValue =
            outcome.role.map { role in
                [["role": .string(role.rawValue), "serial": .string(WholeLane.serial(role) ?? "")]]
            } ?? []
        let payload: JSONValue = [
            "kind": "check", "counter": .integer(Int64(counter)), "result": JSONValue(outcome.report()),
            "instruments": instrument, "time": ["ended": .string(WholeLane.morning.text)],
        ]
        return try #require(CheckResult(payload: payload, digest: Digest(of: try payload.canonicalBytes())))
    }

    @Test("locks the methods that measure with it, by the checks that find it, and nothing else")
    func locks() throws {
        let requirements = try #require(try CheckPackLibrary.requirements(WholeLane.rules.checkPack))
        let required = WholeLane.rules.checks.map(\.kind)
        func outcome(_ kind: CheckKind, _ faults: CheckBench.Faults) throws -> CheckOutcome {
            let rehearsed = try CheckOutcome.rehearsed(GoodChecks.order(kind), requirements, faults: faults)
            return try #require(rehearsed, "\(kind)").outcome
        }
        let good = try required.map { try outcome($0, CheckBench.Faults()) }
        var condition = WholeLane.good()
        condition.history = CheckHistory(try good.enumerated().map { try result($0.element, counter: $0.offset + 1) })
        #expect(WholeLane.lockouts(condition).all == [])

        for row in Self.rows {
            var condition = condition
            for (index, kind) in required.enumerated() where kind.role == row.role {
                condition.history.add(try result(try outcome(kind, row.faults), counter: 100 + index))
            }
            let lockouts = WholeLane.lockouts(condition)
            let found = Set(lockouts.all.map { "\($0.rule.rawValue) \($0.subject ?? "")" })
            #expect(found == Set(row.failing.map { "check-failed \($0.rawValue)" }), "\(row.name)")
            let methods = Set(
                WholeLane.rules.checks.filter { row.failing.contains($0.kind) }.flatMap { required in
                    required.methods.filter { $0.roles.contains(row.role) }
                })
            let locked = Set(TestMethod.allCases.filter { !lockouts.on($0).isEmpty })
            #expect(locked == methods && !methods.isEmpty, "\(row.name)")
            print("| \(row.name) | \(found.sorted().joined(separator: ", ")) | \(locked.map(\.rawValue).sorted()) |")

            // Mended, the same checks unlock.
            for (index, kind) in required.enumerated() where kind.role == row.role {
                condition.history.add(try result(try outcome(kind, CheckBench.Faults()), counter: 200 + index))
            }
            #expect(WholeLane.lockouts(condition).all == [], "\(row.name)")
        }
    }

    @Test("the whole opening routine takes less than a second in virtual time")
    func opening() throws {
        let requirements = try #require(try CheckPackLibrary.requirements(WholeLane.rules.checkPack))
        let daily = WholeLane.rules.checks.filter { $0.interval.value <= 24 }.map(\.kind)
        #expect(daily.count >= 9)
        var life = 0.0
        let spent = try ContinuousClock().measure {
            for kind in daily {
                let rehearsed = try CheckOutcome.rehearsed(GoodChecks.order(kind), requirements)
                let (outcome, seconds) = try #require(rehearsed, "\(kind)")
                #expect(outcome.verdict == .passed, "\(kind)")
                life += seconds
            }
        }
        print("opening routine: \(daily.count) checks, \(Int(life)) s of life in \(spent)")
        // A debug build checks every sum for overflow and inlines nothing; the bound is the release build's.
        #if !DEBUG
            #expect(spent < .seconds(1))
        #endif
    }
}
