import Messages
import Metrology
import Procedures
import Standards
import Testing

@Suite("A test that the checks before the tailpipe end")
struct VehicleCheckEndTests {
    private static let signature = CheckSignature(by: "Wang", at: "2026-03-01T10:05:00+08:00")

    private func order(_ checks: VehicleChecks, set: String = "a", fuel: Fuel = .gasoline) -> TestOrder {
        TestOrder(
            number: "1", method: .asm, vehicle: Planned.car { $0.fuel = fuel }, limitSet: set, inspector: "A",
            driver: "B", checks: checks)
    }

    private func procedure(_ checks: VehicleChecks, fuel: Fuel = .gasoline) throws -> VehicleCheckProcedure? {
        VehicleCheckProcedure(order(checks, fuel: fuel), rules: try PackLibrary.vehicleCheckRules())
    }

    private func obd(
        commanded: Bool? = false, lit: Bool? = false, answers: Bool = true, incomplete: Int = 0, codes: [String] = []
    ) -> VehicleChecks {
        var check = OBDCheck(
            signature: Self.signature, communication: answers, milCommanded: commanded, milLit: lit, codes: codes,
            monitors: ["catalyst": .complete],
            units: [.init(name: "engine", calibration: "CAL-1", verification: "12AB34CD")])
        for index in 0..<incomplete { check.monitors["monitor-\(index)"] = .incomplete }
        return VehicleChecks(obd: check)
    }

    private func appearance(bad: String, fuel: Fuel) throws -> VehicleChecks {
        var items: [String: Bool] = [:]
        for rule in try PackLibrary.vehicleCheckRules().appearance where rule.fuels.contains(fuel) {
            items[rule.id] = rule.id != bad
        }
        return VehicleChecks(appearance: AppearanceCheck(signature: Self.signature, items: items))
    }

    private static let frame = Frame(tick: 0, time: .zero)

    private func reason(_ outcome: VehicleCheckOutcome?) -> String {
        [outcome?.verdict.code, outcome?.reason.code, outcome?.reason.detail].compactMap { $0 }.joined(separator: " ")
    }

    @Test("is over with its first frame, the dynamometer unloaded")
    func firstFrame() throws {
        var test = try #require(try procedure(obd(commanded: true, lit: true)))
        #expect(test.outcome == nil && test.status.stage == .finished)
        #expect(test.advance(Self.frame) == [.unload, .prompt(Message(.vehicleChecksFailed))])
        let outcome = try #require(test.outcome)
        #expect(reason(outcome) == "failed vehicle-checks commanded-on")
        #expect(test.advance(Self.frame) == [])
        #expect(test.interrupt() == [])
        #expect(reason(test.outcome) == reason(outcome))
        // GB 18285: no verdict on gases that were not measured.
        #expect(outcome.items.isEmpty && outcome.air == nil)
        #expect(outcome.notes.count == 2)
    }

    @Test("says why: fails the vehicle, sends it to be driven, or to be put right")
    func reasons() throws {
        var rows: [(VehicleChecks, Fuel, String)] = [
            (obd(commanded: true, lit: false), .gasoline, "failed vehicle-checks lamp-dark-though-commanded"),
            (obd(commanded: false, lit: true), .gasoline, "failed vehicle-checks lamp-lit-though-not-commanded"),
            (obd(commanded: nil, lit: nil, answers: false), .diesel, "failed vehicle-checks no-communication"),
            (obd(incomplete: 3), .diesel, "aborted precondition vehicle-readiness"),
            (obd(commanded: true, lit: true, incomplete: 3), .gasoline, "failed vehicle-checks commanded-on"),
            (
                VehicleChecks(observations: [SmokeObservation(signature: Self.signature, kind: .ringelmann(2))]),
                .diesel,
                "failed vehicle-checks ringelmann"
            ),
        ]
        for rule in try PackLibrary.vehicleCheckRules().appearance {
            for fuel in [Fuel.gasoline, .diesel] where rule.fuels.contains(fuel) {
                let ends =
                    rule.consequence == .fails
                    ? "failed vehicle-checks \(rule.id)" : "aborted precondition vehicle-condition"
                rows.append((try appearance(bad: rule.id, fuel: fuel), fuel, ends))
            }
        }
        #expect(rows.count > 25)
        for (checks, fuel, expected) in rows {
            var test = try #require(try procedure(checks, fuel: fuel), "\(expected)")
            _ = test.advance(Self.frame)
            #expect(reason(test.outcome) == expected)
        }
    }

    @Test("is none where the checks allow the tailpipe, or leave open what they lead to")
    func none() throws {
        // Two incomplete monitors are permitted, and codes without the lamp are only kept.
        #expect(try procedure(obd(incomplete: 2, codes: ["P0301"])) == nil)
        #expect(try procedure(VehicleChecks()) == nil)
        #expect(try procedure(obd(commanded: true, lit: nil)) == nil)
    }

    @Test(
        "has no verdict where somebody or something broke it off before",
        arguments: [(FrameEvent.operatorAbort, "operator"), (.emergencyStop, "emergency-stop")])
    func brokenOff(event: FrameEvent, code: String) throws {
        var test = try #require(try procedure(obd(commanded: true, lit: true)))
        let directives = test.advance(Frame(tick: 0, time: .zero, events: [event]))
        #expect(directives.first == .unload)
        #expect(reason(test.outcome) == "aborted \(code)")
        var killed = try #require(try procedure(obd(commanded: true, lit: true)))
        #expect(killed.interrupt().first == .unload)
        #expect(reason(killed.outcome) == "aborted interrupted")
    }
}
