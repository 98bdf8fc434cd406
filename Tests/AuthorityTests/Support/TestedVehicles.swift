import Evidence
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Records of whole tests on synthetic lanes, as a lane would seal them.
enum Tested {
    /// A gasoline car at two-speed idle.
    static func idle(
        exhaust: [String: SyntheticLane.Exhaust] = ["": .init(co: 0.1, hc: 20, no: 50)], set: String = "a",
        _ change: (inout OrderedVehicle) -> Void = { _ in }
    ) throws -> Value {
        var vehicle = OrderedVehicle(
            plate: "苏A12345", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
            grossMass: RoundedDecimal("1800"), ratedSpeed: RoundedDecimal("5500"))
        change(&vehicle)
        let packs = ("GB18285-2018-TSI-limits", "GB18285-2018-TSI")
        return try record(.twoSpeedIdle, vehicle, packs: packs, set: set) { procedure in
            var lane = SyntheticLane(seed: 3, freshness: procedure.freshness, exhaust: exhaust)
            return drive(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
        }
    }

    /// A gasoline car on the simple transient cycle.
    static func transient(
        exhaust: SyntheticLane.Exhaust = .clean, set: String = "a",
        _ change: (inout OrderedVehicle) -> Void = { _ in }
    ) throws -> Value {
        var vehicle = OrderedVehicle(
            plate: "粤A12345", vin: "LSVAA2183E2184231", fuel: .gasoline, oilTemperatureReadable: true,
            curbMass: RoundedDecimal("1250"), transmission: .manual)
        change(&vehicle)
        return try record(.vmas, vehicle, packs: ("GB18285-2018-VMAS-limits", "GB18285-2018-VMAS"), set: set) {
            procedure in
            var lane = TransientLane(seed: 3, freshness: procedure.freshness, exhaust: exhaust)
            return drive(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
        }
    }

    /// A diesel lorry, accelerated at a standstill; a machine with portable instruments if `method` says so.
    static func smoke(
        puffs: [Double] = [0.6], method: TestMethod = .freeAcceleration,
        packs: (String, String) = ("GB3847-2018-free-acceleration-limits", "GB3847-2018-free-acceleration"),
        set: String = "a", errors: [Int: SmokeLane.Error] = [:], hasMemory: Bool = true
    ) throws -> Value {
        let vehicle = OrderedVehicle(
            plate: "苏A12345", vin: "LFWADRJF011002346", fuel: .diesel, oilTemperatureReadable: true,
            ratedPower: RoundedDecimal("88"), ratedSpeed: RoundedDecimal("2400"), aspiration: .turbocharged,
            transmission: .manual)
        return try record(method, vehicle, packs: packs, set: set) { procedure in
            var engine = SmokeLane.Engine()
            engine.puffs = puffs
            var lane = SmokeLane(seed: 3, freshness: procedure.freshness, engine: engine, errors: errors)
            lane.opacimeter.hasMemory = hasMemory
            lane.hasWeatherStation = method == .freeAcceleration
            return drive(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
        }
    }

    /// A diesel pickup under load.
    static func lugDown(
        vehicle driven: LugDownLane.Vehicle = LugDownLane.Vehicle(), altitude: String? = nil, set: String = "a",
        limits: String = "GB3847-2018-lug-down-limits"
    ) throws -> Value {
        let vehicle = OrderedVehicle(
            plate: "苏A12345", vin: "LVSHFFML0JE000001", fuel: .diesel, oilTemperatureReadable: true,
            grossMass: RoundedDecimal("3200"), ratedPower: RoundedDecimal("85"), ratedSpeed: RoundedDecimal("3200"),
            aspiration: .turbocharged, transmission: .manual, drive: .twoWheel)
        return try record(
            .lugDown, vehicle, packs: (limits, "GB3847-2018-lug-down"), set: set,
            altitude: altitude.flatMap { RoundedDecimal($0) }
        ) { procedure in
            var lane = LugDownLane(seed: 3, freshness: procedure.freshness, vehicle: driven)
            return drive(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
        }
    }

    /// A diesel pickup whose every measured value is above its limit.
    static var smokingPickup: LugDownLane.Vehicle {
        var vehicle = LugDownLane.Vehicle()
        vehicle.efficiency = 0.3
        vehicle.k = ["": 1.9]
        vehicle.nox = ["": 2100]
        return vehicle
    }

    private static func drive(
        _ procedure: inout some Procedure, next: (ProcedureStatus) -> Frame, perform: ([Directive]) -> Void
    ) -> [Frame] {
        var frames: [Frame] = []
        while procedure.outcome == nil, frames.count < 40_000 {
            let frame = next(procedure.status)
            perform(procedure.advance(frame))
            frames.append(frame)
        }
        return frames
    }

    /// A gasoline car whose test ends before its tailpipe.
    static func ended(by checks: VehicleChecks, rules: VehicleCheckRules) throws -> Value {
        let vehicle = OrderedVehicle(
            plate: "苏A12345", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
            curbMass: RoundedDecimal("1250"))
        let order = TestOrder(
            number: "1", method: .asm, vehicle: vehicle, limitSet: "a", inspector: "Wang", driver: "Li", checks: checks)
        var test = try #require(VehicleCheckProcedure(order, rules: rules))
        let frame = Frame(tick: 0, time: .zero)
        _ = test.advance(frame)
        let limits = try #require(try PackLibrary.limits("GB18285-2018-ASM-limits", for: .asm))
        let requirements = try #require(try PackLibrary.requirements("GB18285-2018-ASM", for: .asm))
        let lane = LaneParameters(parasiticLoss: LugDownLane.loss)
        var context = context(order, limits, requirements, lane)
        context.algorithm = VehicleCheckProcedure.algorithm
        context.vehicleChecks = PackReference(id: rules.identity.id, bytes: rules.bytes)
        return try sealed(context, try #require(test.outcome), [frame])
    }

    private static func record(
        _ method: TestMethod, _ vehicle: OrderedVehicle, packs: (limits: String, requirements: String), set: String,
        altitude: RoundedDecimal? = nil, carriedOut: (inout any TestProcedure) throws -> [Frame]
    ) throws -> Value {
        let limits = try #require(try PackLibrary.limits(packs.limits, for: method))
        let requirements = try #require(try PackLibrary.requirements(packs.requirements, for: method))
        let order = TestOrder(
            number: "1", method: method, vehicle: vehicle, limitSet: set, inspector: "Wang", driver: "Li")
        let lane = LaneParameters(
            parasiticLoss: LugDownLane.loss, baseInertia: Mass(907.2), brakePower: Power(160), altitude: altitude,
            analyzerDelay: .seconds(4.5), flowMeterDelay: .seconds(1))
        var procedure = try TestMethod.prepare(order, limits: limits, requirements: requirements, lane: lane)
        let frames = try carriedOut(&procedure)
        let outcome: any TestOutcome = try #require(procedure.outcome, "the test did not end")
        return try sealed(context(order, limits, requirements, lane), outcome, frames)
    }

    private static func context(
        _ order: TestOrder, _ limits: any MethodLimits, _ requirements: any MethodRequirements, _ lane: LaneParameters
    ) -> TestContext {
        let roles = InstrumentRole.allCases.filter(order.method.roles.contains)
        return TestContext(
            station: "320105-03", testID: "2f1c", order: order, started: "2026-03-01T10:15:30.250+08:00",
            isClockSynchronised: true, rate: 1,
            software: SoftwareIdentity(version: "0", executable: Digest(of: []), isSimulationBuild: false),
            instruments: roles.map {
                InstrumentIdentity(
                    role: $0, model: "model", serial: "1", port: "/dev/ttyS0", isPseudoTerminal: false,
                    profile: "profile", profileBytes: [])
            }, lane: lane, limits: PackReference(id: limits.identity.id, bytes: limits.bytes),
            requirements: PackReference(id: requirements.identity.id, bytes: requirements.bytes))
    }

    private static func sealed(
        _ context: TestContext, _ outcome: any LaneOutcome, _ frames: [Frame]
    ) throws -> Value {
        let record = try TestRecord(
            TestPrologue(context), outcome: outcome, ended: "2026-03-01T10:25:02+08:00", frameFile: GrowingFile(),
            sampling: SamplingStatistics(frames), diagnosis: nil)
        let references = record.attachments.map { $0.reference(signing: [.ed25519]) }
        let sealed = record.payload(
            lane: "320105-03-1", station: "320105-03", counter: 1, previous: nil, audit: nil, origin: .measured,
            references: references)
        return try Value(.object(sealed))
    }
}

extension Value {
    /// The same value as a lane's own JSON has it.
    init(_ json: JSONValue) throws {
        switch json {
        case .null: self = .null
        case .boolean(let truth): self = .bool(truth)
        case .integer(let number): self = .number(Int(number))
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(try elements.map { try Value($0) })
        case .object(let object):
            var members: [String: Value] = [:]
            for member in object.all { members[member.name] = try Value(member.value) }
            self = .object(members)
        default: throw Unexpected()
        }
    }

    private struct Unexpected: Error {}
}
