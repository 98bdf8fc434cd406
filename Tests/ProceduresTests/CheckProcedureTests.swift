import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("A check")
struct CheckProcedureTests {
    @Test("tells everything that its order and its lane lack, at once")
    func problems() throws {
        var fixture = try CheckFixture(.gasFivePoint)
        fixture.order.propaneEquivalence = nil
        fixture.order.references.gases[.midHigh] = nil
        fixture.order.references.gases[.low] = try CheckFixture.gas(
            "B-9", [.hydrocarbons: "3200", .carbonMonoxide: "0.5", .carbonDioxide: "6.0"])
        let error = #expect(throws: CheckProblems.self) { try fixture.check() }
        let problems = try #require(error).all
        #expect(
            Set(problems.map(\.member)) == [
                "propane-equivalence", "bottle.mid-high", "bottle.low.hc", "bottle.low.no",
            ])
        #expect(problems.first { $0.member == "bottle.low.hc" }?.message.code == .checkUnsuitable)

        for (kind, member) in [
            (CheckKind.coastDown, "lane.base-inertia"), (.parasiticLoss, "lane.base-inertia"),
            (.dynamometerForce, "weight.1"), (.opacimeterFilters, "filter.30"),
            (.weatherStation, "reference.air-pressure"),
            (.flowMeter, "reference.low.exhaust-flow"), (.clock, "clock-offsets"), (.noxConverter, "bottle.no2"),
        ] {
            var fixture = try CheckFixture(kind)
            fixture.order.references = CheckReferences()
            fixture.order.clockOffsets = []
            fixture.lane.baseInertia = nil
            let error = #expect(throws: CheckProblems.self) { try fixture.check() }
            #expect(try #require(error).all.contains { $0.member == member }, "\(kind)")
        }
    }

    @Test("shows in every step what to do, what comes next, how steady the readings are and how long it takes")
    func status() throws {
        let (outcome, run) = try CheckFixture(.gasSinglePoint).run()
        #expect(outcome.verdict == .passed)
        let steps = run.statuses.dropLast()
        #expect(steps.compactMap(\.mode) == ["zeroing", "zero", "low.connect", "low"])
        #expect(steps.allSatisfy { $0.instruction != nil })
        #expect(run.statuses.first?.following?.code == .checkGasRead)
        #expect(zip(run.statuses, run.statuses.dropFirst()).allSatisfy { $0.progress <= $1.progress })
        let prompts = run.directives.compactMap { if case .prompt(let words) = $0 { words.code } else { nil } }
        #expect(prompts == [.checkGasZero, .checkGasRead, .checkGasConnect, .checkGasRead, .checkPassed])
        // The same frames again, looking at the screen in the middle of a reading.
        var again = try CheckFixture(.gasSinglePoint).check()
        var symbols: Set<String> = []
        for frame in run.frames {
            _ = again.advance(frame)
            symbols.formUnion(again.status.readings.map(\.symbol))
        }
        #expect(symbols.isSuperset(of: ["co", "hc", "co2", "no", "o2", "stability", "countdown"]))
    }

    @Test("that is interrupted leaves no half result, and the rollers free", arguments: CheckKind.allCases)
    func interrupted(kind: CheckKind) throws {
        let (_, run) = try CheckFixture(kind).run()
        for share in [0.0, 0.3, 0.6, 0.95] {
            var check = try CheckFixture(kind).check()
            for frame in run.frames.prefix(Int(Double(run.frames.count) * share)) { _ = check.advance(frame) }
            let directives = check.interrupt()
            let outcome = try #require(check.outcome)
            // The clock's check needs no time: it may be over with its first frame.
            guard outcome.verdict != .passed else { continue }
            #expect(outcome.verdict == .aborted(.interrupted))
            #expect(outcome.items.isEmpty && outcome.parameters.isEmpty)
            if kind.role == .dynamometer { #expect(directives.starts(with: [.motorOff, .unload])) }
            #expect(check.interrupt().isEmpty && check.advance(run.frames[0]).isEmpty)
        }
    }

    @Test("finds the rollers' loss, their inertia, and the delay of the sample line, which tests then use")
    func parameters() throws {
        var lane = try CheckFixture(.parasiticLoss).lane
        let truth = lane.parasiticLoss
        lane.parasiticLoss = ParasiticLoss(quadratic: 0, linear: 0, constant: 0)
        for kind in [CheckKind.parasiticLoss, .baseInertia, .gasResponse] {
            let (outcome, _) = try CheckFixture(kind).run()
            #expect(outcome.verdict == .passed)
            for parameter in outcome.parameters { parameter.apply(to: &lane) }
        }
        for speed in [20.0, 25, 40, 50] {
            let (found, real) = (lane.parasiticLoss.power(at: Speed(speed)), truth.power(at: Speed(speed)))
            #expect(abs(found.value / real.value - 1) < 0.02, "\(speed) km/h: \(found) \(real)")
        }
        #expect(abs(try #require(lane.baseInertia).value - 907.2) < 1)
        // Half of an exponential step of 0.5 s, a tick before the nominal delay of 3 s.
        #expect(abs(try #require(lane.analyzerDelay).seconds - (2.9 + 0.5 * 0.693)) < 0.02)
    }

    /// OIML R 99 class I, inclusive, the greater of absolute and relative (reference numbers).
    @Test(
        "judges readings by class I of OIML R 99",
        arguments: [
            (ChannelID.carbonMonoxide, 1.0, 1.05, true), (.carbonMonoxide, 1, 1.07, false),
            (.carbonMonoxide, 1, 1.06, true), (.hydrocarbons, 100, 112, true), (.hydrocarbons, 100, 112.1, false),
            (.hydrocarbons, 100, 88, true), (.oxygen, 20.9, 21.945, true), (.oxygen, 20.9, 21.946, false),
            (.carbonDioxide, 14, 14.7, true), (.carbonDioxide, 14, 13.299, false),
        ])
    func classOne(channel: ChannelID, reference: Double, reading: Double, passes: Bool) throws {
        let rules = try CheckFixture(.gasSinglePoint).requirements.gas
        let tolerance = try #require(rules.tolerance(of: channel, at: reference, in: .one))
        let item = try CheckItem(
            channel.rawValue, at: "low", unit: channel.unit.symbol, measured: reading, reference: reference, places: 3,
            absolute: tolerance.absolute, relative: tolerance.relative, comparison: .full)
        #expect(item.passes == passes, "\(item)")
    }
}
