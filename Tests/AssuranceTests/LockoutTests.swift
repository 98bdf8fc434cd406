import Assurance
import Evidence
import Messages
import Metrology
import Procedures
import Standards
import Testing

@Suite("Lockouts")
struct LockoutTests {
    @Test("leave a lane alone on which everything is as it must be")
    func good() {
        #expect(WholeLane.lockouts(WholeLane.good()).all == [])
    }

    /// One way in which a required check can stand badly.
    enum Lapse: CaseIterable, Sendable { case missing, failed, overdue, otherSerial, aborted }

    @Test("stop exactly the methods that need a check, and name it", arguments: WholeLane.rules.checks, Lapse.allCases)
    func checks(required: AssuranceRules.RequiredCheck, lapse: Lapse) throws {
        // What counts as this check must not help it out.
        var results = WholeLane.good().history.results.filter {
            $0.kind != required.kind && !required.satisfiedBy.contains($0.kind)
        }
        var rule = LockoutRule.checkMissing
        switch lapse {
        case .missing: break
        case .otherSerial:
            // The clock is the lane's own and has no serial number.
            guard required.role != nil else { return }
            results.append(WholeLane.result(required.kind, counter: 90, serial: "another"))
        case .aborted: results.append(WholeLane.result(required.kind, "aborted", counter: 90))
        case .failed:
            results.append(WholeLane.result(required.kind, counter: 89))
            results.append(WholeLane.result(required.kind, "failed", counter: 90))
            rule = .checkFailed
        case .overdue:
            // A check that ends by idleness is good as long as the instrument is used; it has a test of its own.
            guard !required.endsUnused else { return }
            results.append(WholeLane.result(required.kind, at: WholeLane.morning + -400 * 86_400, counter: 0))
            rule = .checkOverdue
        }
        var condition = WholeLane.good()
        condition.history = CheckHistory(results)
        let locked = WholeLane.lockouts(condition).all.filter { $0.subject == required.kind.rawValue }
        let lockout = try #require(locked.first)
        #expect(locked.count == 1 && lockout.rule == rule)
        let expected = Set(required.methods.filter { method in required.role.map(method.roles.contains) ?? true })
        #expect(lockout.methods == expected && !expected.isEmpty)
        #expect(lockout.next == Message(.nextCheck, ["check": .text(required.kind.rawValue)]))
        for method in TestMethod.allCases { #expect(lockout.locks(method) == expected.contains(method)) }
    }

    @Test("let gasoline cars be tested while the opacimeter is overdue, and the other way round")
    func methodByMethod() {
        for (kind, stopped, free) in [
            (CheckKind.opacimeterFilters, [TestMethod.freeAcceleration, .lugDown, .nonRoad], [TestMethod.asm, .vmas]),
            (.gasLeak, [.asm, .twoSpeedIdle, .vmas], [.freeAcceleration, .lugDown, .nonRoad]),
            (.coastDown, [.asm, .vmas, .lugDown], [.twoSpeedIdle, .freeAcceleration, .nonRoad]),
        ] {
            var condition = WholeLane.good()
            condition.history.add(WholeLane.result(kind, "failed", counter: 99))
            let lockouts = WholeLane.lockouts(condition)
            for method in stopped { #expect(lockouts.on(method).map(\.subject) == [kind.rawValue], "\(method)") }
            for method in free { #expect(lockouts.on(method).isEmpty, "\(method)") }
        }
    }

    @Test(
        "take a daily check for good until midnight in China",
        arguments: [
            ("2026-11-21T00:00:00+08:00", "2026-11-21T23:59:59+08:00", false),
            ("2026-11-21T00:00:00+08:00", "2026-11-22T00:00:00+08:00", true),
            ("2026-11-21T23:59:59+08:00", "2026-11-21T23:59:59+08:00", false),
            ("2026-11-21T23:59:59+08:00", "2026-11-22T00:00:00+08:00", true),
            // The same instants, written by another clock.
            ("2026-11-20T16:00:00Z", "2026-11-21T15:59:59Z", false),
            ("2026-11-20T16:00:00Z", "2026-11-21T16:00:00Z", true),
        ])
    func midnight(passed: String, now: String, isLocked: Bool) {
        var condition = WholeLane.good()
        condition.history = CheckHistory(
            condition.history.results.map {
                $0.kind == .gasLeak ? WholeLane.result(.gasLeak, at: WholeLane.moment(passed)) : $0
            })
        let found = WholeLane.lockouts(condition, at: WholeLane.moment(now)).all.filter { $0.subject == "gas-leak" }
        #expect(!found.isEmpty == isLocked)
    }

    @Test("count a five-point check as a single point, and not the other way round")
    func fivePoints() {
        var condition = WholeLane.good()
        condition.history = CheckHistory(condition.history.results.filter { $0.kind != .gasSinglePoint })
        #expect(WholeLane.lockouts(condition).all.isEmpty)
        condition.history = CheckHistory(WholeLane.good().history.results.filter { $0.kind != .gasFivePoint })
        #expect(WholeLane.lockouts(condition).all.map(\.subject) == ["gas-five-point"])
        // A single point that failed is mended by five.
        condition = WholeLane.good()
        condition.history.add(WholeLane.result(.gasSinglePoint, "failed", counter: 50))
        #expect(WholeLane.lockouts(condition).all.map(\.rule) == [.checkFailed])
        condition.history.add(WholeLane.result(.gasFivePoint, at: WholeLane.morning + 60, counter: 51))
        #expect(WholeLane.lockouts(condition, at: WholeLane.morning + 60).all.isEmpty)
    }

    @Test("want a dynamometer warmed up that stood for half an hour")
    func idle() {
        var condition = WholeLane.good()
        func rules(_ minutes: Int64, _ seconds: Int64 = 0) -> [LockoutRule] {
            WholeLane.lockouts(condition, at: WholeLane.morning + (minutes * 60 + seconds)).all.map(\.rule)
        }
        #expect(rules(29, 59) == [])
        #expect(rules(30) == [.checkOverdue])
        // A loaded test moves the rollers, an idle test does not.
        condition.tests = [TestEnding(ended: WholeLane.morning + 1200, method: .asm, isAborted: false)]
        #expect(rules(49, 59) == [] && rules(50) == [.checkOverdue])
        condition.tests = [TestEnding(ended: WholeLane.morning + 1200, method: .twoSpeedIdle, isAborted: false)]
        #expect(rules(30) == [.checkOverdue])
    }

    @Test("stop a lane after one aborted test too many, until its checks are passed")
    func aborts() {
        var condition = WholeLane.good()
        let limit = WholeLane.rules.abortsInARow.count
        func aborted(_ count: Int) -> [TestEnding] {
            (0..<count).map {
                TestEnding(ended: WholeLane.morning + Int64($0), method: .twoSpeedIdle, isAborted: true)
            }
        }
        condition.tests = aborted(limit)
        #expect(WholeLane.lockouts(condition).all.isEmpty)
        condition.tests = aborted(limit + 1)
        let lockouts = WholeLane.lockouts(condition)
        #expect(lockouts.all.map(\.rule) == [.aborts] && lockouts.all.first?.methods == nil)
        // A verdict in between starts anew.
        condition.tests.insert(
            TestEnding(ended: WholeLane.morning, method: .asm, isAborted: false), at: limit)
        #expect(WholeLane.lockouts(condition).all.isEmpty)
        condition.tests = aborted(limit + 1)
        let later = WholeLane.morning + 600
        for (index, kind) in WholeLane.rules.abortsReleasedBy.enumerated() {
            #expect(WholeLane.lockouts(condition, at: later).all.map(\.rule) == [.aborts])
            condition.history.add(WholeLane.result(kind, at: later, counter: 60 + index))
        }
        #expect(WholeLane.lockouts(condition, at: later).all.isEmpty)
    }

    @Test(
        "judge the room's air at the pack's edges",
        arguments: [
            (0.0, 50.0, ""), (-0.1, 50.0, "temperature"), (40.0, 50.0, ""), (40.1, 50.0, "temperature"),
            (20.0, 85.0, ""), (20.0, 85.1, "humidity"), (41.0, 86.0, "temperature humidity"), (40.0 + 1e-13, 50.0, ""),
        ])
    func air(temperature: Double, humidity: Double, subjects: String) {
        var condition = WholeLane.good()
        condition.air = AirState(
            temperature: Temperature(temperature), relativeHumidity: Percentage(humidity),
            pressure: Pressure(101))
        let found = WholeLane.lockouts(condition).all
        #expect(
            found.compactMap(\.subject).joined(separator: " ") == subjects && found.allSatisfy { $0.rule == .ambient })
    }

    @Test("notice a full disk, a cold bench, a missing serial number, and changes from outside")
    func others() {
        func rules(_ change: (inout LaneCondition) -> Void) -> [LockoutRule] {
            var condition = WholeLane.good()
            change(&condition)
            return WholeLane.lockouts(condition).all.map(\.rule)
        }
        let needed = WholeLane.rules.freeSpace.count << 20
        #expect(rules { $0.freeBytes = needed } == [])
        #expect(rules { $0.freeBytes = needed - 1 } == [.storage])
        #expect(rules { $0.storage = Message(.lockPeople) } == [.storage])
        let late = Message(.uplinkPressureBacklog, ["pending": 3, "limit": 2])
        #expect(rules { $0.delivery = [late, late] } == [.delivery, .delivery])
        let found = rules {
            ($0.isAssured, $0.isSimulated) = (false, true)
            $0.delivery = [late]
        }
        #expect(found == [.delivery])
        // Whoever takes the section out of a lane file that had one unlocks nothing.
        #expect(rules { ($0.isAssured, $0.isSimulated, $0.wasAssured) = (false, true, true) } == [.unassured])
        #expect(rules { $0.peopleChanged = true } == [.people])
        #expect(rules { $0.findings = [Message(.lockEvidenceState)] } == [.evidence])
        #expect(rules { $0.differences = [.init(part: "software.executable", sealed: "a", found: "b")] } == [.software])
        #expect(rules { $0.newestSealed = WholeLane.morning + 1 } == [.clock])
        #expect(rules { $0.newestSealed = WholeLane.morning } == [])
        func withAnalyzer(serial: String?, _ conditions: Set<InstrumentCondition> = [], simulated: Bool = false)
            -> [Lockout]
        {
            var condition = WholeLane.good()
            condition.isSimulated = simulated
            let analyzer = LaneCondition.Instrument(role: .gasAnalyzer, serial: serial, conditions: conditions)
            condition.instruments = condition.instruments.map { $0.role == .gasAnalyzer ? analyzer : $0 }
            return WholeLane.lockouts(condition).all
        }
        let cold = withAnalyzer(serial: "S-gas-analyzer", [.warmingUp])
        #expect(cold.map(\.rule) == [.warmUp] && cold.first?.methods == [.asm, .twoSpeedIdle, .vmas])
        #expect(withAnalyzer(serial: nil).contains { $0.rule == .instrument })
        #expect(!withAnalyzer(serial: nil, simulated: true).contains { $0.rule == .instrument })
    }

    @Test("are released from a set clock by a later check of it, whatever the clock shows", arguments: [-7200.0, 7200])
    func clock(seconds: Double) {
        let shown = WholeLane.morning + Int64(seconds)
        var condition = WholeLane.good()
        condition.clockSteps = [ClockStep(at: shown, seconds: seconds, counter: 50)]
        let now = max(shown, WholeLane.morning)
        func found() -> [LockoutRule] { WholeLane.lockouts(condition, at: now).all.map(\.rule).filter { $0 == .clock } }
        #expect(found() == [.clock])
        condition.history.add(WholeLane.result(.clock, at: now, counter: 50))
        #expect(found() == [.clock])
        condition.history.add(WholeLane.result(.clock, "failed", at: now, counter: 51))
        #expect(found() == [.clock])
        condition.history.add(WholeLane.result(.clock, at: shown, counter: 52))
        #expect(found() == [])
    }

    @Test("let only a simulated lane do without a section on assurance")
    func unassured() {
        var condition = LaneCondition()
        condition.isAssured = false
        #expect(WholeLane.lockouts(condition).all.map(\.rule) == [.unassured])
        #expect(WholeLane.lockouts(condition).on(.asm).count == 1)
        condition.isSimulated = true
        #expect(WholeLane.lockouts(condition).all.isEmpty)
    }

    @Test(
        "explain themselves in both languages, with a clause and without a placeholder left",
        arguments: Language.allCases)
    func words(language: Language) {
        let item = CheckResultItem(
            id: "low.co", unit: "%", reference: RoundedDecimal("0.50"), value: RoundedDecimal("0.60"),
            error: RoundedDecimal("0.10"), low: RoundedDecimal("-0.02"), high: RoundedDecimal("0.02"), passes: false)
        var condition = WholeLane.good()
        condition.history = CheckHistory([
            WholeLane.result(.gasLeak, "failed", items: [item]),
            WholeLane.result(.clock, at: WholeLane.morning + -900_000, counter: 0),
        ])
        condition.instruments[0] = .init(role: .gasAnalyzer, serial: nil, conditions: [.warmingUp])
        condition.instruments.append(.init(role: .gasAnalyzer, serial: "S-gas-analyzer"))
        condition.instruments.swapAt(0, condition.instruments.count - 1)
        condition.air = AirState(
            temperature: Temperature(-3), relativeHumidity: Percentage(99), pressure: Pressure(101))
        condition.freeBytes = 0
        condition.clockSteps = [ClockStep(at: WholeLane.morning, seconds: -3600, counter: 90)]
        condition.newestSealed = WholeLane.morning + 10
        condition.tests = (0..<9).map { _ in TestEnding(ended: WholeLane.morning, method: .asm, isAborted: true) }
        condition.peopleChanged = true
        condition.delivery = [
            Message(.uplinkPressureOffline, ["pending": 900, "hours": 30, "limit": 24]),
            Message(.uplinkPressureBacklog, ["pending": 900, "limit": 800]),
        ]
        condition.findings = [Message(.lockEvidenceState)]
        condition.differences = [.init(part: "pack.x", sealed: "a", found: nil)]
        condition.orders = [
            AuthorityOrder(
                header: StatementHeader(
                    .authorityOrder, lane: "L", origin: .measured, signing: [.ed25519], at: WholeLane.morning.text),
                number: 1, action: .lock, reason: "inspection")
        ]
        let found = WholeLane.lockouts(condition).all
        // Everything but the missing section is here.
        #expect(Set(found.map(\.rule)) == Set(LockoutRule.allCases).subtracting([.unassured]))
        let catalogue = Catalogue(language)
        for lockout in found {
            for text in [catalogue.text(lockout.evidence), catalogue.text(lockout.next)] {
                #expect(!text.contains("{") && !text.isEmpty, "\(text)")
            }
            #expect(lockout.clause?[language].isEmpty == false, "\(lockout.rule)")
        }
    }
}
