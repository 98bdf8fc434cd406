import Evidence
import Messages
import Metrology
import Procedures
import Standards
import Testing

/// A record of a test whose order states checks before the tailpipe.
private struct CheckedVehicle {
    var payload: JSONValue
    var files: [String: [UInt8]]

    static let signature = CheckSignature(by: "Wang", at: "2026-03-01T10:05:00+08:00")

    /// - Parameter interrupted: whether the program died before the first frame.
    init(_ checks: VehicleChecks, interrupted: Bool = false) throws {
        let limits = try #require(try PackLibrary.limits("GB18285-2018-ASM-limits", ASMLimits.self))
        let requirements = try #require(try PackLibrary.requirements("GB18285-2018-ASM", ASMRequirements.self))
        let rules = try PackLibrary.vehicleCheckRules()
        let order = TestOrder(
            number: "1", method: .asm,
            vehicle: OrderedVehicle(
                plate: "苏A00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
                curbMass: RoundedDecimal("1250")),
            limitSet: "a", inspector: "A", driver: "B", checks: checks)
        var test = try #require(VehicleCheckProcedure(order, rules: rules))
        var (file, frames): ([UInt8], [Frame]) = ([], [])
        if interrupted {
            _ = test.interrupt()
        } else {
            frames = [Frame(tick: 0, time: .zero)]
            var writer = FrameWriter()
            file = try writer.line(frames[0])
            _ = test.advance(frames[0])
        }
        var context = TestContext(
            station: "S", testID: "T", order: order, started: "2026-11-21T09:00:00.000+08:00",
            isClockSynchronised: true, rate: 1,
            software: SoftwareIdentity(version: "0", executable: Digest(of: []), isSimulationBuild: true),
            instruments: [],
            lane: LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1)),
            limits: PackReference(id: limits.identity.id, bytes: limits.bytes),
            requirements: PackReference(id: requirements.identity.id, bytes: requirements.bytes))
        context.algorithm = VehicleCheckProcedure.algorithm
        context.vehicleChecks = PackReference(id: rules.identity.id, bytes: rules.bytes)
        let record = try TestRecord(
            TestPrologue(context), outcome: try #require(test.outcome), ended: "2026-11-21T09:00:01.000+08:00",
            frameFile: GrowingFile(file), sampling: SamplingStatistics(frames), diagnosis: nil)
        let references = record.attachments.map { $0.reference(signing: [.ed25519]) }
        let sealed = record.payload(
            lane: "L", station: "S", counter: 1, previous: nil, audit: nil, origin: .simulated, references: references)
        payload = try JSONValue(parsing: try JSONValue.object(sealed).canonicalBytes())
        files = Dictionary(record.attachments.map { ($0.name, $0.bytes) }) { first, _ in first }
    }

    func recompute() -> Recomputation { Recomputation(of: payload, attachments: { files[$0] }) }

    /// Replaces members of the OBD check that the record states.
    mutating func setOBD(_ members: [String: JSONValue]) {
        guard var payload = payload.members, var order = payload["order"]?.members,
            var checks = order["vehicleChecks"]?.members, var obd = checks["obd"]?.members
        else { return }
        for (name, value) in members { obd[name] = value }
        checks["obd"] = .object(obd)
        order["vehicleChecks"] = .object(checks)
        payload["order"] = .object(order)
        self.payload = .object(payload)
    }

    static func obd(commanded: Bool, lit: Bool) -> VehicleChecks {
        VehicleChecks(
            obd: OBDCheck(
                signature: signature, communication: true, milCommanded: commanded, milLit: lit, codes: ["P0301"],
                monitors: ["catalyst": .complete], units: [.init(name: "engine", calibration: "CAL-1")]))
    }
}

@Suite("A record of a test that the checks before the tailpipe ended")
struct VehicleCheckRecordTests {
    @Test("states verdict, reason and every finding, and comes out again from what was observed")
    func reproduces() throws {
        let record = try CheckedVehicle(CheckedVehicle.obd(commanded: true, lit: true))
        let result = try #require(record.payload["result"])
        #expect(result["verdict"]?.text == "failed")
        #expect(result["reason"]?["code"]?.text == "vehicle-checks")
        #expect(result["reason"]?["detail"]?.text == "commanded-on")
        #expect(result["vehicleChecks"]?["findings"]?.elements?.count == 2)
        #expect(result["items"]?.elements == [])
        #expect(record.payload["packs"]?.elements?.compactMap { $0["kind"]?.text }.last == "vehicle-checks")
        #expect(record.files["pack-CN-2018-vehicle-checks.yaml"] != nil)
        let again = record.recompute()
        #expect(again.findings == [])
        #expect(again.verdict == "failed")
    }

    @Test("comes out as interrupted where the program died before its first frame")
    func interrupted() throws {
        let record = try CheckedVehicle(CheckedVehicle.obd(commanded: true, lit: true), interrupted: true)
        #expect(record.payload["result"]?["reason"]?["code"]?.text == "interrupted")
        #expect(record.recompute().findings == [])
    }

    @Test("does not come out of other observations, another table, or none")
    func differences() throws {
        var dark = try CheckedVehicle(CheckedVehicle.obd(commanded: true, lit: true))
        dark.setOBD(["milLit": false])
        let finding = try #require(dark.recompute().findings.first)
        #expect(finding.place.hasPrefix("payload.result."))

        var fine = try CheckedVehicle(CheckedVehicle.obd(commanded: true, lit: true))
        fine.setOBD(["milLit": false, "milCommanded": false])
        #expect(fine.recompute().findings.map(\.message.code) == [.evidenceChecksAllow])
        #expect(fine.recompute().findings.first?.place == "payload.order.vehicleChecks")

        var table = try CheckedVehicle(CheckedVehicle.obd(commanded: true, lit: true))
        let name = "pack-CN-2018-vehicle-checks.yaml"
        table.files[name] = (table.files[name] ?? []) + [0x0A]
        #expect(table.recompute().findings.map(\.message.code) == [.evidencePackLacking])
    }

    @Test("that tested a tailpipe which its own checks forbid is found out")
    func contradiction() throws {
        // A whole ASM test, to which checks are added afterwards: the result comes out, and yet it may not be.
        var tested = try RecordedTest()
        let checked = try CheckedVehicle(CheckedVehicle.obd(commanded: true, lit: true))
        #expect(tested.recompute().findings == [])
        var members = try #require(tested.payload.members)
        var order = try #require(members["order"]?.members)
        order["vehicleChecks"] = checked.payload["order"]?["vehicleChecks"]
        members["order"] = .object(order)
        members["packs"] = .array(
            (members["packs"]?.elements ?? [])
                + (checked.payload["packs"]?.elements ?? []).filter { $0["kind"]?.text == "vehicle-checks" })
        let name = "pack-CN-2018-vehicle-checks.yaml"
        tested.files[name] = checked.files[name]
        let again = Recomputation(of: .object(members), attachments: { tested.files[$0] })
        #expect(again.findings.map(\.message.code) == [.evidenceChecksStop])
        #expect(again.verdict == tested.payload["result"]?["verdict"]?.text)
    }
}
