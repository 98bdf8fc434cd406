import Messages
import Metrology
import Procedures
import Standards
import Testing

/// A vehicle, and the methods that are left for it.
struct Planned: CustomTestStringConvertible, Sendable {
    let name: String
    let vehicle: OrderedVehicle
    var region = RegionRules()
    var day = "2026-03-01"
    /// The methods that nothing excludes.
    let permitted: [TestMethod]
    /// The exclusions of some other methods, by their names in the pack.
    var excluded: [TestMethod: [String]] = [:]

    var testDescription: String { name }

    static func car(_ change: (inout OrderedVehicle) -> Void = { _ in }) -> OrderedVehicle {
        var vehicle = OrderedVehicle(
            plate: "苏A00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
            curbMass: RoundedDecimal("1250"), grossMass: RoundedDecimal("1700"), ratedSpeed: RoundedDecimal("5500"),
            transmission: .manual, drive: .twoWheel, registered: "2019-05-01")
        change(&vehicle)
        return vehicle
    }

    static func pickup(_ change: (inout OrderedVehicle) -> Void = { _ in }) -> OrderedVehicle {
        var vehicle = OrderedVehicle(
            plate: "苏A00002", vin: "LVSHFFML0JE000001", fuel: .diesel, oilTemperatureReadable: true,
            grossMass: RoundedDecimal("3200"), ratedPower: RoundedDecimal("85"), ratedSpeed: RoundedDecimal("3200"),
            aspiration: .turbocharged, transmission: .manual, drive: .twoWheel, registered: "2019-05-01")
        change(&vehicle)
        return vehicle
    }

    static let all = [
        Planned(
            name: "a gasoline car, nothing adopted", vehicle: car(), permitted: [.asm, .twoSpeedIdle, .vmas],
            excluded: [
                .lugDown: ["diesel-only"], .freeAcceleration: ["diesel-only"], .nonRoad: ["diesel-only"],
            ]),
        Planned(
            name: "a gasoline car where the simple transient method is adopted", vehicle: car(),
            region: RegionRules(adopted: [.vmas, .lugDown], limitSet: "b"), permitted: [.vmas],
            excluded: [.asm: ["other-loaded-method"], .twoSpeedIdle: ["loaded-method-comes-first"]]),
        Planned(
            name: "a gasoline car with permanent four-wheel drive there",
            vehicle: car { $0.drive = .fullTimeFourWheel },
            region: RegionRules(adopted: [.vmas, .lugDown]), permitted: [.twoSpeedIdle],
            excluded: [
                .asm: ["permanent-four-wheel", "other-loaded-method"], .vmas: ["permanent-four-wheel"],
            ]),
        Planned(
            name: "a heavy gasoline lorry", vehicle: car { $0.grossMass = RoundedDecimal("3501") },
            region: RegionRules(adopted: [.asm]), permitted: [.twoSpeedIdle],
            excluded: [.asm: ["heavy-gasoline"], .vmas: ["heavy-gasoline", "other-loaded-method"]]),
        Planned(
            name: "the heaviest light gasoline car", vehicle: car { $0.grossMass = RoundedDecimal("3500") },
            region: RegionRules(adopted: [.asm]), permitted: [.asm]),
        Planned(
            name: "a bi-fuel car", vehicle: car { $0.secondFuel = .naturalGas },
            permitted: [.asm, .twoSpeedIdle, .vmas]),
        Planned(
            name: "a diesel pickup, nothing adopted", vehicle: pickup(),
            permitted: [.freeAcceleration, .nonRoad, .lugDown],
            excluded: [.asm: ["spark-ignition-only"], .twoSpeedIdle: ["spark-ignition-only"]]),
        Planned(
            name: "a diesel pickup where lug-down is adopted", vehicle: pickup(),
            region: RegionRules(adopted: [.vmas, .lugDown]), permitted: [.nonRoad, .lugDown],
            excluded: [.freeAcceleration: ["lug-down-comes-first"]]),
        Planned(
            name: "a diesel with permanent four-wheel drive there",
            vehicle: pickup { $0.drive = .fullTimeFourWheel },
            region: RegionRules(adopted: [.vmas, .lugDown]), permitted: [.freeAcceleration, .nonRoad],
            excluded: [.lugDown: ["permanent-four-wheel"]]),
        Planned(
            name: "an excavator", vehicle: pickup { $0.category = .machinery },
            region: RegionRules(adopted: [.lugDown]), permitted: [.nonRoad],
            excluded: [
                .lugDown: ["road-vehicles-only"], .freeAcceleration: ["road-vehicles-only"],
                .asm: ["spark-ignition-only", "road-vehicles-only"],
            ]),
        Planned(
            name: "a tricycle", vehicle: pickup { $0.category = .lowSpeed }, permitted: [],
            excluded: [.freeAcceleration: ["low-speed-vehicle"]]),
    ]
}

@Suite("The plan of a vehicle's test")
struct MethodPlanTests {
    private func plan(_ planned: Planned, lane: LaneParameters? = nil) throws -> MethodPlan {
        let order = TestOrder(
            number: "1", method: .asm, vehicle: planned.vehicle, limitSet: "", inspector: "A", driver: "B")
        return try MethodPlan(
            order, region: planned.region, on: planned.day, choice: try PackLibrary.methodChoice(), lane: lane)
    }

    @Test("names the permitted methods, and why the others are not", arguments: Planned.all)
    func methods(_ planned: Planned) throws {
        let entries = try plan(planned).entries
        #expect(Set(entries.filter(\.isPermitted).map(\.method)) == Set(planned.permitted))
        for (method, rules) in planned.excluded {
            let entry = try #require(entries.first { $0.method == method })
            #expect(entry.exclusions.map(\.rule.id) == rules, "\(method)")
            for exclusion in entry.exclusions {
                for language in Language.allCases {
                    let text = Catalogue(language).text(exclusion.message)
                    #expect(text.contains(exclusion.rule.clause), "\(text)")
                    #expect(!text.contains("{"))
                }
            }
        }
    }

    @Test("does not exclude by what the order does not say, but says so")
    func undecided() throws {
        let vehicle = Planned.car {
            $0.grossMass = nil
            $0.drive = nil
        }
        let entries = try plan(Planned(name: "", vehicle: vehicle, permitted: [])).entries
        let asm = try #require(entries.first { $0.method == .asm })
        #expect(asm.isPermitted && asm.undecided == ["vehicle.gross-mass", "vehicle.drive"])
    }

    @Test("takes the packs that are in force on the day, and the limits that the local government adopted")
    func packs() throws {
        func lugDown(_ day: String, _ region: RegionRules = RegionRules()) throws -> MethodPlan.Entry {
            let planned = Planned(name: "", vehicle: Planned.pickup(), region: region, day: day, permitted: [])
            return try #require(try plan(planned).entries.first { $0.method == .lugDown })
        }
        #expect(try lugDown("2020-06-30").packs?.limits == "GB3847-2018-until-2020-06-lug-down-limits")
        #expect(try lugDown("2020-07-01").packs?.limits == "GB3847-2018-lug-down-limits")
        #expect(try lugDown("2018-01-01").packs == nil)
        #expect(try lugDown("2026-03-01").limitSets == ["a", "b"])
        #expect(try lugDown("2026-03-01", RegionRules(limitSet: "b")).limitSets == ["b"])

        let excavator = Planned(
            name: "", vehicle: Planned.pickup { $0.category = .machinery }, permitted: [])
        let machine = try #require(try plan(excavator).entries.first { $0.method == .nonRoad })
        #expect(machine.packs?.limits == "GB36886-2018-non-road-limits")
        let road = try #require(
            try plan(Planned(name: "", vehicle: Planned.pickup(), permitted: [])).entries.first {
                $0.method == .nonRoad
            })
        #expect(road.packs?.limits == "GB3847-2018-roadside-limits")
    }

    @Test("tells what the order and the lane lack for a permitted method")
    func problems() throws {
        let vehicle = Planned.pickup { $0.ratedPower = nil }
        let planned = Planned(name: "", vehicle: vehicle, permitted: [])
        let entry = try #require(try plan(planned).entries.first { $0.method == .lugDown })
        #expect(entry.problems.map(\.member) == ["vehicle.rated-power"])

        let car = Planned(name: "", vehicle: Planned.car(), permitted: [])
        let vmas = try #require(try plan(car).entries.first { $0.method == .vmas })
        #expect(vmas.problems.isEmpty)
        let bare = LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0, linear: 0, constant: 0))
        let onLane = try #require(try plan(car, lane: bare).entries.first { $0.method == .vmas })
        #expect(
            Set(onLane.problems.map(\.member)) == ["lane.base-inertia", "lane.analyzer-delay", "lane.flow-meter-delay"])
    }

    @Test("rests on words that orders know")
    func words() throws {
        let choice = try PackLibrary.methodChoice()
        #expect(choice.exclusions.count >= 10)
        #expect(Set(choice.exclusions.map(\.id)).count == choice.exclusions.count)
        for case .drives(let drives) in choice.exclusions.map(\.condition) {
            for drive in drives { #expect(Drive(rawValue: drive) != nil, "\(drive)") }
        }
        for packs in choice.packs {
            #expect(try PackLibrary.limits(packs.limits, for: packs.method) != nil)
            #expect(try PackLibrary.requirements(packs.requirements, for: packs.method) != nil)
        }
        #expect(Set(choice.packs.map(\.method)) == Set(TestMethod.allCases))
    }
}
