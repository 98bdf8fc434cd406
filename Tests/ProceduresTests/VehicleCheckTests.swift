import Messages
import Metrology
import Procedures
import Standards
import Testing

@Suite("The checks before the tailpipe")
struct VehicleCheckTests {
    private static let signature = CheckSignature(by: "Wang", at: "2026-03-01T10:05:00+08:00")

    private func order(
        _ checks: VehicleChecks? = nil, set: String = "a", _ change: (inout OrderedVehicle) -> Void = { _ in }
    ) -> TestOrder {
        TestOrder(
            number: "1", method: .asm, vehicle: Planned.car(change), limitSet: set, inspector: "A", driver: "B",
            checks: checks)
    }

    private func decide(_ order: TestOrder, isRequired: Bool = false) throws -> VehicleCheckDecision {
        VehicleCheckDecision(order, rules: try PackLibrary.vehicleCheckRules(), isRequired: isRequired)
    }

    private static func appearance(_ bad: String...) throws -> AppearanceCheck {
        var items: [String: Bool] = [:]
        for rule in try PackLibrary.vehicleCheckRules().appearance { items[rule.id] = !bad.contains(rule.id) }
        return AppearanceCheck(signature: signature, items: items)
    }

    private static func obd(_ change: (inout OBDCheck) -> Void = { _ in }) -> OBDCheck {
        var check = OBDCheck(
            signature: signature, communication: true, milCommanded: false, milLit: false,
            monitors: ["catalyst": .complete, "oxygen-sensor": .complete, "egr": .unsupported, "evap": .incomplete],
            units: [.init(name: "engine", calibration: "CAL-1", verification: "12AB34CD")])
        change(&check)
        return check
    }

    @Test("allow the test of a vehicle in order")
    func good() throws {
        let checks = VehicleChecks(appearance: try Self.appearance(), obd: Self.obd())
        let decision = try decide(order(checks), isRequired: true)
        #expect(decision.findings.isEmpty && decision.consequence == .noted)
    }

    @Test(
        "decide by lamp, status, communication, readiness and codes",
        arguments: [
            (true, false, false, 0, 2, [], .noted), (true, true, true, 0, 0, ["commanded-on"], .fails),
            (true, true, false, 0, 0, ["lamp-dark-though-commanded"], .fails),
            (true, false, true, 0, 0, ["lamp-lit-though-not-commanded"], .fails),
            (true, true, true, 2, 0, ["commanded-on", "codes-with-lamp"], .fails),
            (true, false, false, 1, 0, ["codes-without-lamp"], .noted),
            (true, false, false, 0, 3, ["not-ready"], .comesBack),
            (true, true, true, 1, 3, ["commanded-on", "codes-with-lamp", "not-ready"], .fails),
        ] as [(Bool, Bool, Bool, Int, Int, [String], CheckConsequence)])
    func obd(
        communication: Bool, commanded: Bool, lit: Bool, codes: Int, incomplete: Int, rules: [String],
        consequence: CheckConsequence
    ) throws {
        let check = Self.obd {
            $0.communication = communication
            $0.milCommanded = commanded
            $0.milLit = lit
            $0.codes = (0..<codes).map { "P030\($0)" }
            $0.monitors = ["catalyst": .complete]
            for index in 0..<incomplete { $0.monitors["monitor-\(index)"] = .incomplete }
        }
        let decision = try decide(order(VehicleChecks(obd: check)))
        #expect(decision.findings.map(\.rule) == rules)
        #expect(decision.consequence == consequence)
        #expect(decision.obstacles.isEmpty == (consequence == .noted))
    }

    @Test("fail a vehicle whose control units do not answer, and ask nothing more of it")
    func silent() throws {
        let check = OBDCheck(signature: Self.signature, communication: false)
        let decision = try decide(order(VehicleChecks(obd: check)))
        #expect(decision.findings.map(\.rule) == ["no-communication"])
        #expect(decision.consequence == .fails)
    }

    @Test("ask for lamp, status and monitors where the control units answer")
    func answers() throws {
        let check = OBDCheck(signature: Self.signature, communication: true)
        let decision = try decide(order(VehicleChecks(obd: check)))
        #expect(
            decision.obstacles.map(\.member) == [
                "vehicle-checks.obd.mil-commanded", "vehicle-checks.obd.mil-lit", "vehicle-checks.obd.monitors",
                "vehicle-checks.obd.units",
            ])
        #expect(decision.consequence == nil)
    }

    @Test("send a vehicle to be mended, or fail it, by the item that is not in order")
    func appearance() throws {
        let rules = try PackLibrary.vehicleCheckRules()
        #expect(rules.appearance.count >= 10)
        for rule in rules.appearance {
            let checks = VehicleChecks(appearance: try Self.appearance(rule.id))
            let decision = try decide(order(checks))
            #expect(decision.findings.map(\.rule) == [rule.id])
            #expect(decision.consequence == rule.consequence)
        }
        // An item that nobody looked at is none that is in order.
        var check = try Self.appearance()
        check.items["tyres"] = nil
        let decision = try decide(order(VehicleChecks(appearance: check)))
        #expect(decision.obstacles.map(\.member) == ["vehicle-checks.appearance.tyres"])
        // A diesel has no evaporation control.
        check.items["tyres"] = true
        check.items["evaporation-control"] = nil
        #expect(try decide(order(VehicleChecks(appearance: check)) { $0.fuel = .diesel }).obstacles.isEmpty)
    }

    @Test(
        "are due for OBD by fuel, mass and day of registration",
        arguments: [
            (.gasoline, "1700", "2011-07-01", true), (.gasoline, "1700", "2011-06-30", false),
            (.gasoline, "3501", "2019-01-01", false), (.gasoline, nil, "2019-01-01", nil),
            (.gasoline, "1700", nil, nil), (.gasoline, nil, "2010-01-01", false),
            (.diesel, nil, "2018-01-01", true), (.diesel, "12000", "2017-12-31", false),
            (.diesel, "12000", nil, nil),
        ] as [(Fuel, String?, String?, Bool?)])
    func due(fuel: Fuel, mass: String?, registered: String?, needed: Bool?) throws {
        let decision = try decide(
            order {
                $0.fuel = fuel
                $0.grossMass = mass.flatMap { RoundedDecimal($0) }
                $0.registered = registered
            })
        #expect(decision.needsOBD == needed)
        let machine = order {
            $0.fuel = fuel
            $0.registered = registered
            $0.category = .machinery
        }
        #expect(try decide(machine).needsOBD == false)
    }

    @Test("are missing where the lane requires them, OBD only of vehicles that have to have it")
    func missing() throws {
        #expect(try decide(order()).obstacles.isEmpty)
        #expect(
            try decide(order(), isRequired: true).obstacles.map(\.member) == [
                "vehicle-checks.appearance", "vehicle-checks.obd",
            ])
        let old = order { $0.registered = "2010-01-01" }
        #expect(try decide(old, isRequired: true).obstacles.map(\.member) == ["vehicle-checks.appearance"])
    }

    @Test("keep what was seen by eye with who and when, and fail a vehicle above Ringelmann 1")
    func observations() throws {
        func seen(_ kind: SmokeObservation.Kind, set: String = "a", _ category: VehicleCategory? = nil) throws
            -> VehicleCheckDecision
        {
            let observation = SmokeObservation(signature: Self.signature, kind: kind)
            return try decide(order(VehicleChecks(observations: [observation]), set: set) { $0.category = category })
        }
        #expect(try seen(.ringelmann(1)).findings.isEmpty)
        let dark = try seen(.ringelmann(2))
        #expect(dark.consequence == .fails)
        let text = Catalogue(.english).text(try #require(dark.findings.first).message)
        #expect(text.contains("Wang") && text.contains("2026-03-01T10:05:00+08:00"))
        #expect(try seen(.visibleSmoke(true)).consequence == .noted)
        #expect(try seen(.visibleSmoke(true)).obstacles.isEmpty)
        #expect(try seen(.visibleSmoke(true), set: "class-3", .machinery).consequence == .fails)
        #expect(try seen(.visibleSmoke(false), set: "class-3", .machinery).findings.isEmpty)
    }
}
