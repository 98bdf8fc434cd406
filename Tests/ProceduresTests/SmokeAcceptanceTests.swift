import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Four countries' rules of acceptance are packs")
struct SmokeAcceptanceTests {
    private func acceptance(_ pack: String, set: String) throws -> SmokeAcceptance {
        try FreeAccelerationFixture(pack, set: set).rules.acceptance
    }

    @Test("GB 3847-2018: the mean of three, whatever their spread")
    func recent() throws {
        let rule = try acceptance("GB3847-2018-free-acceleration", set: "a")
        #expect(rule.decide([0.5, 3.0]) { _ in true } == .goesOn)
        #expect(rule.decide([0.5, 3.0, 1.0]) { _ in false } == .result(1.5))
    }

    @Test("GB 3847-2005: four in a row within 0.25 1/m that do not fall, after at least six")
    func former() throws {
        let rule = try acceptance("GB3847-2005-free-acceleration", set: "2001-on")
        let within: (Double) -> Bool = { _ in true }
        #expect(rule.decide([1.0, 1.0, 1.0, 1.0, 1.0], isWithin: within) == .goesOn)
        #expect(rule.decide([2.0, 1.5, 1.0, 1.25, 1.1, 1.05], isWithin: within) == .result(1.1))
        // A spread of 0.25 exactly, and just above.
        #expect(rule.decide([9, 9, 1.0, 1.25, 1.0, 1.25], isWithin: within) == .result(1.125))
        #expect(rule.decide([9, 9, 1.0, 1.26, 1.0, 1.25], isWithin: within) == .goesOn)
        // Falling from each to the next; two alike end the fall.
        #expect(rule.decide([9, 9, 1.2, 1.15, 1.1, 1.05], isWithin: within) == .goesOn)
        #expect(rule.decide([9, 9, 1.2, 1.15, 1.15, 1.05], isWithin: within) == .result(1.1375))
        #expect(rule.decide(Array(repeating: [1, 2], count: 6).flatMap { $0 }, isWithin: within) == .notRepeatable)
    }

    @Test("British: the mean of the last three, going on to six while it is above the limit")
    func british() throws {
        let rule = try acceptance("UK-MOT-free-acceleration", set: "from-2008-07")
        let within: (Double) -> Bool = { $0 <= 1.5 }
        #expect(rule.decide([1.6, 1.4, 1.5], isWithin: within) == .result(1.5))
        #expect(rule.decide([2.0, 1.8, 1.6], isWithin: within) == .goesOn)
        #expect(rule.decide([2.0, 1.8, 1.6, 1.1], isWithin: within) == .result(1.5))
        #expect(rule.decide([2.0, 1.8, 1.8, 1.8, 1.8], isWithin: within) == .goesOn)
        #expect(rule.decide([3, 3, 3, 2, 2, 2], isWithin: within) == .result(2))
    }

    @Test("SAE J1667: three within 5 % opacity")
    func american() throws {
        let rule = try acceptance("SAE-J1667-free-acceleration", set: "from-1991")
        let within: (Double) -> Bool = { _ in true }
        #expect(rule.decide([30, 35, 33], isWithin: within) == .result(98.0 / 3))
        #expect(rule.decide([30, 35.1, 33], isWithin: within) == .goesOn)
        #expect(rule.decide([30, 35.1, 33, 34], isWithin: within) == .result(102.1 / 3))
    }

    @Test("carry whole tests to other results with the same code")
    func wholeTests() throws {
        // One dirty first puff: the three of 2018 fail, the British last three pass.
        func puffs(_ values: [Double]) -> (inout SmokeLane) -> Void { { $0.engine.puffs = values } }
        let gb = try FreeAccelerationFixture().run(puffs([6, 1.2]))
        #expect(gb.outcome.verdict == .failed)
        let uk = try FreeAccelerationFixture("UK-MOT-free-acceleration", set: "from-2008-07").run(puffs([6, 1.2]))
        #expect(uk.outcome.verdict == .passed)
        #expect(uk.outcome.accelerations.count { !$0.isPurge } == 4)
        let former = try FreeAccelerationFixture("GB3847-2005-free-acceleration", set: "2001-on")
        let steady = try former.run(puffs([6, 1.2]))
        #expect(steady.outcome.verdict == .passed && steady.outcome.accelerations.count == 6)
        let unsteady = try former.run(puffs((0..<20).map { $0 % 2 == 0 ? 2 : 3 }))
        #expect(unsteady.outcome.verdict == .aborted(.notRepeatable))
        #expect(unsteady.outcome.items.isEmpty)
    }

    @Test("let SAE J1667 filter unfiltered readings and state opacity over the engine's exhaust stack")
    func wholeAmericanTest() throws {
        let fixture = try FreeAccelerationFixture("SAE-J1667-free-acceleration", set: "from-1991") {
            $0.ratedPower = RoundedDecimal("150")
        }
        let (outcome, run) = try fixture.run {
            $0.opacimeter.isFiltered = false
            $0.opacimeter.hasMemory = false
            $0.engine.puffs = [3.0]
            $0.engine.rise = 0.4
        }
        #expect(outcome.limit.name == "from-150-kw")
        let item = try #require(outcome.items.first)
        #expect(item.id == "opacity" && item.reported.places == 1)
        let peak = try #require(outcome.accelerations.last?.peak)
        // The filter lowers what the readings show, and the length is the stack's.
        let greatest = run.frames.compactMap { $0[.lightAbsorption].valid?.value }.filter { $0 < 10 }.max() ?? 0
        #expect(peak < greatest && peak > greatest * 0.6, "\(peak) of \(greatest)")
        let opacity = try SmokeOpacity.opacity(of: LightAbsorption(peak), over: Length(0.102))
        #expect(outcome.accelerations.last?.judged == opacity.value)
    }
}

@Suite("A smoke test of non-road machinery")
struct NonRoadTests {
    static let rows: [(set: String, power: String, limit: String)] = [
        ("class-1", "18.9", "3.00"), ("class-1", "19", "2.00"), ("class-1", "36.9", "2.00"), ("class-1", "37", "1.61"),
        ("class-2", "18.9", "2.00"), ("class-2", "19", "1.00"), ("class-2", "37", "0.80"),
        ("class-3", "36.9", "0.80"), ("class-3", "37", "0.50"),
    ]

    private func fixture(_ set: String, _ power: String?) throws -> FreeAccelerationFixture {
        try FreeAccelerationFixture("GB36886-2018-non-road", set: set, method: .nonRoad) {
            $0.ratedPower = power.flatMap { RoundedDecimal($0) }
            $0.transmission = nil
        }
    }

    @Test("is judged by class and power", arguments: rows)
    func limits(row: (set: String, power: String, limit: String)) throws {
        let procedure = try fixture(row.set, row.power).prepare()
        let test = try #require((procedure as? NonRoadProcedure)?.test)
        #expect(test.limit.maximum.decimal.description == row.limit)
    }

    @Test("needs an opacimeter and a tachometer only, and says that the air was not read")
    func portable() throws {
        #expect(NonRoadProcedure.roles == [.opacimeter, .tachometer])
        let (outcome, _) = try fixture("class-2", "75").run { $0.hasWeatherStation = false }
        #expect(outcome.verdict == .passed && outcome.remarks == [.airNotRead] && outcome.air == nil)
        let (withAir, _) = try fixture("class-2", "75").run()
        #expect(withAir.remarks == [] && withAir.air != nil)
    }

    @Test("is refused without the power that its limit depends on")
    func orders() throws {
        let fixture = try fixture("class-1", nil)
        let problems = #expect(throws: OrderProblems.self) { try fixture.prepare() }
        #expect(problems?.all.map(\.member) == ["vehicle.rated-power"])
    }

    @Test("serves diesel vehicles at the roadside by the limits of GB 3847")
    func roadside() throws {
        let fixture = try FreeAccelerationFixture(
            "GB36886-2018-non-road", limits: "GB3847-2018-roadside-limits", set: "b", method: .nonRoad)
        let (outcome, _) = try fixture.run {
            $0.hasWeatherStation = false
            $0.engine.puffs = [1.5]
        }
        #expect(outcome.verdict == .failed)
        #expect(outcome.items[0].bound.high?.decimal.description == "0.7")
    }
}
