import Evidence
import Metrology
import Procedures
import Standards
import Testing

@Suite("What a record keeps of order and lane")
struct RecordedCircumstanceTests {
    private func context(
        _ method: TestMethod, packs: (String, String), _ vehicle: OrderedVehicle, lane: LaneParameters
    ) throws -> TestContext {
        let limits = try #require(try PackLibrary.limits(packs.0, for: method))
        let requirements = try #require(try PackLibrary.requirements(packs.1, for: method))
        return TestContext(
            station: "S", testID: "T",
            order: TestOrder(
                number: "1", method: method, vehicle: vehicle, limitSet: "a", inspector: "A", driver: "B"),
            started: "2026-11-21T09:00:00.000+08:00", isClockSynchronised: nil, rate: 1,
            software: SoftwareIdentity(version: "0", executable: Digest(of: []), isSimulationBuild: false),
            instruments: [], lane: lane, limits: PackReference(id: limits.identity.id, bytes: limits.bytes),
            requirements: PackReference(id: requirements.identity.id, bytes: requirements.bytes))
    }

    private func preparedAgain(_ context: TestContext) throws -> any LaneProcedure {
        let prologue = TestPrologue(context)
        return try Recomputation.test(.object(prologue.members)) { prologue.attachment($0) }
    }

    private static let diesel = OrderedVehicle(
        plate: "P", vin: "LVSHFFML0JE000001", fuel: .diesel, oilTemperatureReadable: true,
        grossMass: RoundedDecimal("3200"), ratedPower: RoundedDecimal("85"), ratedSpeed: RoundedDecimal("3200"),
        aspiration: .turbocharged, transmission: .manual, drive: .twoWheel, governedSpeed: RoundedDecimal("3650"))

    @Test("judges a lug-down test on a mountain by the same limit again")
    func altitude() throws {
        let lane = LaneParameters(
            parasiticLoss: ParasiticLoss(quadratic: 1e-4, linear: 0.01, constant: 0.2), baseInertia: Mass(907.2),
            brakePower: Power(160), altitude: RoundedDecimal("2650.5"), analyzerDelay: .seconds(2.25),
            convertsNitrogenDioxide: true)
        let context = try context(
            .lugDown, packs: ("GB3847-2018-lug-down-limits", "GB3847-2018-lug-down"), Self.diesel, lane: lane)
        let test = try #require(try preparedAgain(context) as? LugDownProcedure).test
        #expect(test.lane == lane)
        // One whole kilometre above 1500 m: 1.2 + 0.25.
        #expect(test.limits[.lightAbsorption]?.decimal == RoundedDecimal("1.45"))
    }

    @Test("keeps the governed speed that the order states")
    func governedSpeed() throws {
        let lane = LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0, linear: 0, constant: 0))
        let context = try context(
            .freeAcceleration,
            packs: ("GB3847-2018-free-acceleration-limits", "GB3847-2018-free-acceleration"), Self.diesel, lane: lane)
        let test = try #require(try preparedAgain(context) as? FreeAccelerationProcedure)
        #expect(test.test.governedSpeed == 3650)
    }

    @Test("keeps the checks before the tailpipe, with who and when")
    func vehicleChecks() throws {
        let signature = CheckSignature(by: "Wang", at: "2026-03-01T10:05:00+08:00")
        let checks = VehicleChecks(
            appearance: AppearanceCheck(signature: signature, items: ["tyres": true, "machine": false]),
            obd: OBDCheck(
                signature: signature, communication: true, milCommanded: false, codes: ["P0301"],
                monitors: ["catalyst": .complete, "egr": .unsupported, "evap": .incomplete],
                units: [
                    .init(name: "engine", calibration: "CAL-1", verification: "12AB34CD"),
                    .init(name: "gearbox", calibration: "CAL-2"),
                ]),
            observations: [
                SmokeObservation(signature: signature, kind: .ringelmann(1)),
                SmokeObservation(signature: signature, kind: .visibleSmoke(true)),
            ])
        var context = try context(
            .lugDown, packs: ("GB3847-2018-lug-down-limits", "GB3847-2018-lug-down"), Self.diesel,
            lane: LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0, linear: 0, constant: 0)))
        context.order.checks = checks
        context.order.vehicle.category = .road
        let members = JSONValue.object(TestPrologue(context).members)
        let recorded = try JSONValue(parsing: try members.canonicalBytes())
        #expect(recorded["order"]?["vehicleChecks"]?["obd"]?["units"]?.elements?[0]["cvn"]?.text == "12AB34CD")
        #expect(recorded["order"]?["vehicle"]?["category"]?.text == "road")
        let read = try #require(RecordedOrder.order(recorded["order"], method: .lugDown))
        #expect(read == context.order)
    }
}
