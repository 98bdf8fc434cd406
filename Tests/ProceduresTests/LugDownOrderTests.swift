import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("An order for lug-down")
struct LugDownOrderTests {
    static func decimal(_ text: String) -> RoundedDecimal? { RoundedDecimal(text) }

    static func order(_ change: (inout TestOrder) -> Void = { _ in }) -> TestOrder {
        var order = TestOrder(
            number: "1", method: .lugDown,
            vehicle: OrderedVehicle(
                plate: "苏A12345", vin: "LVSHFFML0JE000001", fuel: .diesel, oilTemperatureReadable: true,
                grossMass: decimal("3200"), ratedPower: decimal("85"), ratedSpeed: decimal("3200"),
                aspiration: .turbocharged, transmission: .manual, drive: .twoWheel),
            limitSet: "a", inspector: "张三", driver: "李四")
        change(&order)
        return order
    }

    static func prepare(
        _ order: TestOrder, lane: LaneParameters = LaneParameters(parasiticLoss: LugDownLane.loss),
        requirements: LugDownRequirements? = nil
    ) throws -> any TestProcedure {
        let limits = try #require(try PackLibrary.limits("GB3847-2018-lug-down-limits", for: .lugDown))
        let pack = try #require(try PackLibrary.requirements("GB3847-2018-lug-down", for: .lugDown))
        return try TestMethod.prepare(order, limits: limits, requirements: requirements ?? pack, lane: lane)
    }

    func problems(
        lane: LaneParameters = LaneParameters(parasiticLoss: LugDownLane.loss), _ change: (inout TestOrder) -> Void
    ) throws -> [OrderProblem] {
        let error = #expect(throws: OrderProblems.self) { try Self.prepare(Self.order(change), lane: lane) }
        return try #require(error).all
    }

    @Test("is carried out by the lug-down procedure, with rated power and speed as ordered")
    func good() throws {
        let procedure = try #require(try Self.prepare(Self.order()) as? LugDownProcedure)
        #expect(procedure.test.ratedPower == Self.decimal("85"))
        #expect(procedure.test.limits[.lightAbsorption]?.decimal == Self.decimal("1.2"))
    }

    @Test("is refused with everything that it lacks, at once")
    func lacks() throws {
        let found = try problems { order in
            order.vehicle.ratedPower = nil
            order.vehicle.ratedSpeed = nil
            order.vehicle.grossMass = nil
            order.vehicle.aspiration = nil
            order.vehicle.transmission = nil
            order.vehicle.fuel = .gasoline
            order.vehicle.drive = .fullTimeFourWheel
            order.limitSet = "z"
        }
        #expect(
            Set(found.map(\.member)) == [
                "vehicle.rated-power", "vehicle.rated-speed", "vehicle.gross-mass", "vehicle.aspiration",
                "vehicle.transmission", "vehicle.fuel", "vehicle.drive", "limit-set",
            ])
        #expect(found.count == 8)
        #expect(found.count { $0.message.code == .orderMissing } == 5)
    }

    @Test("is refused for values outside the pack's ranges, and taken at their ends")
    func ranges() throws {
        let rules = try #require(try PackLibrary.requirements("GB3847-2018-lug-down", LugDownRequirements.self)).vehicle
        let members: [(String, WritableKeyPath<OrderedVehicle, RoundedDecimal?>, (low: PackValue, high: PackValue))] = [
            ("vehicle.rated-power", \.ratedPower, rules.ratedPower),
            ("vehicle.rated-speed", \.ratedSpeed, rules.ratedSpeed),
            ("vehicle.gross-mass", \.grossMass, rules.grossMass),
        ]
        for (member, path, range) in members {
            for end in [range.low, range.high] {
                _ = try Self.prepare(Self.order { $0.vehicle[keyPath: path] = end.decimal })
            }
            for outside in [range.low.value - 0.1, range.high.value + 0.1] {
                let value = try RoundedDecimal(outside, places: 1)
                let found = try problems { $0.vehicle[keyPath: path] = value }
                #expect(found.map(\.member) == [member])
                #expect(found.map(\.message.code) == [.documentOutOfRange])
            }
        }
    }

    @Test("is refused where the lane's brake is too weak for the vehicle's gross mass")
    func brake() throws {
        func lane(_ power: Double) -> LaneParameters {
            LaneParameters(parasiticLoss: LugDownLane.loss, brakePower: Power(power))
        }
        _ = try Self.prepare(Self.order(), lane: lane(56))
        #expect(try problems(lane: lane(55.9)) { _ in }.map(\.message.code) == [.orderBrakeTooWeak])
        let heavy = { (order: inout TestOrder) in order.vehicle.grossMass = Self.decimal("18000") }
        _ = try Self.prepare(Self.order(heavy), lane: lane(120))
        #expect(try problems(lane: lane(119.9), heavy).map(\.member) == ["vehicle.gross-mass"])
    }

    @Test("is refused where the pack needs an inertia that the lane file does not state")
    func inertia() throws {
        let pack = try LugDownPack.changed(["inertia: {value: neglected": "inertia: {value: compensated"])
        let error = #expect(throws: OrderProblems.self) { try Self.prepare(Self.order(), requirements: pack) }
        #expect(error?.all.map(\.message.code) == [.orderLaneParameterMissing])
        _ = try Self.prepare(
            Self.order(), lane: LaneParameters(parasiticLoss: LugDownLane.loss, baseInertia: Mass(1200)),
            requirements: pack)
    }

    @Test("is refused with packs of another method")
    func otherPacks() throws {
        let limits = try #require(try PackLibrary.limits("GB18285-2018-ASM-limits", for: .asm))
        let pack = try #require(try PackLibrary.requirements("GB3847-2018-lug-down", for: .lugDown))
        #expect(throws: OrderProblems.self) {
            try TestMethod.prepare(
                Self.order(), limits: limits, requirements: pack,
                lane: LaneParameters(parasiticLoss: LugDownLane.loss))
        }
    }
}
