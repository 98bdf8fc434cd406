import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Readings of reference instruments that a person enters")
struct ReferenceEntryTests {
    /// A check whose reference instrument is named and read while the check goes on.
    private func fixture(_ kind: CheckKind) throws -> CheckFixture {
        var fixture = try CheckFixture(kind)
        fixture.order.references.readings = [ReferenceReading(number: "R-1", values: [:])]
        return fixture
    }

    private static func decimals(_ values: [ChannelID: String]) -> [ChannelID: RoundedDecimal] {
        values.compactMapValues { RoundedDecimal($0) }
    }

    private static let room = decimals([.airTemperature: "22.0", .relativeHumidity: "50.0", .airPressure: "101.30"])

    @Test("are what is compared with, inside and outside the tolerance, and the record names the instrument")
    func compared() throws {
        let rules = try #require(try CheckPackLibrary.requirements(CheckFixture.pack)).others
        let humidity = try #require(rules.weather[.relativeHumidity]?.value)
        for (share, verdict) in [(0.99, Verdict.passed), (1.01, .failed)] {
            var faults = CheckBench.Faults()
            faults.offset[.relativeHumidity] = share * humidity
            let (outcome, run) = try fixture(.weatherStation).run(faults) { $0.standards["room.set"] = Self.room }
            #expect(outcome.verdict == verdict)
            let item = try #require(outcome.items.first { $0.id == "room.relative-humidity" })
            #expect(item.reference == RoundedDecimal("50.0") && item.passes == (verdict == .passed))
            #expect(outcome.references.last == "R-1")
            let asking = try #require(run.statuses.first { $0.mode == "room.set" })
            #expect(asking.entries.map(\.channel) == [.airTemperature, .relativeHumidity, .airPressure])
            #expect(run.statuses.last?.entries == [])
        }
        let (oil, _) = try fixture(.oilTemperature).run {
            $0.standards["bath.set"] = Self.decimals([.oilTemperature: "79.5"])
        }
        #expect(oil.verdict == .passed && oil.items.first?.reference == RoundedDecimal("79.5"))
    }

    @Test("may be left out where the instruction asks for a value, or the reference instrument has none")
    func leftOut() throws {
        let (nominal, _) = try fixture(.tachometer).run()
        #expect(nominal.items.map(\.reference) == ["1000", "1500", "2000", "2500", "3000"].map { RoundedDecimal($0) })
        let (entered, _) = try fixture(.tachometer).run {
            $0.standards["2000.set"] = Self.decimals([.engineSpeed: "2012"])
        }
        #expect(entered.verdict == .passed && entered.items[2].reference == RoundedDecimal("2012"))
        // The rollers turn at 40 km/h, and the reference instrument shows more than the tolerance besides.
        let (speed, _) = try fixture(.dynamometerSpeed).run {
            $0.standards["40.set"] = Self.decimals([.rollerSpeed: "40.3"])
        }
        #expect(speed.verdict == .failed && speed.items.filter { !$0.passes }.map(\.id) == ["40.roller-speed"])

        let (flow, _) = try fixture(.flowMeter).run {
            $0.standards["high.set"] = Self.decimals([.exhaustFlow: "6.10", .flowTemperature: "25.0"])
            $0.standards["low.set"] = Self.decimals([.exhaustFlow: "2.05"])
        }
        #expect(flow.verdict == .passed)
        #expect(
            flow.items.map(\.id) == [
                "high.exhaust-flow", "high.flow-temperature", "high.diluted-oxygen", "low.exhaust-flow",
                "low.diluted-oxygen",
            ])
    }

    @Test("that cannot be, are missing or were not asked for are not taken, and the step goes on waiting")
    func refused() throws {
        let wrong: [([ChannelID: String], [MessageCode])] = [
            ([:], [.entryMissing, .entryMissing, .entryMissing]),
            (
                [.airTemperature: "222", .relativeHumidity: "101", .engineSpeed: "1"],
                [.entryOutOfRange, .entryOutOfRange, .entryMissing, .entryUnasked]
            ),
        ]
        for (values, codes) in wrong {
            var fixture = try fixture(.weatherStation)
            let entries = try #require(
                try fixture.run { $0.standards["room.set"] = Self.room }.run.statuses.first { $0.mode == "room.set" }
            ).entries
            #expect(
                ReferenceEntry.problems(in: Self.decimals(values), for: entries).map(\.message.code) == codes)
            // Nobody confirms but with this; nothing else comes until the step's time is up.
            let (outcome, _) = try fixture.run { $0.standards["room.set"] = Self.decimals(values) }
            #expect(outcome.verdict == .aborted(.timeLimit(.connect)))
            fixture.order.references.readings = []
            #expect(throws: CheckProblems.self) { try fixture.check() }
        }
    }

    @Test("are refused before anything moves where the order states them wrongly, everything at once")
    func ordered() throws {
        var fixture = try CheckFixture(.weatherStation)
        fixture.order.references.readings = [
            ReferenceReading(
                number: "R-1",
                values: Self.decimals([.airTemperature: "22.0", .relativeHumidity: "150", .exhaustFlow: "6"])),
            ReferenceReading(number: "R-1", values: Self.decimals([.airTemperature: "22.0"])),
        ]
        let problems = try #require(#expect(throws: CheckProblems.self) { try fixture.check() }).all
        #expect(
            problems.map(\.member) == [
                "reference", "reference.relative-humidity", "reference.air-pressure", "reference.exhaust-flow",
            ])
        #expect(
            problems.map(\.message.code) == [.entryTooMany, .entryOutOfRange, .entryMissing, .entryUnasked])
    }

    @Test(
        "of a leak check that the technician carries out at the instrument", arguments: [CheckKind.gasLeak, .noxLeak])
    func leakByHand(kind: CheckKind) throws {
        for (answer, verdict) in [(FrameEvent.confirmed, Verdict.passed), (.denied, .failed)] {
            var fixture = try CheckFixture(kind)
            fixture.order.leakCheckByHand = true
            let (outcome, run) = try fixture.run { $0.answer = answer }
            #expect(outcome.verdict == verdict && outcome.items.map(\.id) == ["path.leak"])
            #expect(outcome.remarks == [.observedByPerson])
            #expect(!run.directives.contains(.analyzer(.leakCheck)) && !run.directives.contains(.bench(.leakCheck)))
        }
    }

    @Test("of another role count only where the lane has no instrument of that role")
    func ownRole() throws {
        func frame(_ roles: Set<InstrumentRole>) -> Frame {
            var assembler = FrameAssembler(
                freshness: [.tachometer: .seconds(1), .opacimeter: .seconds(1)], origin: .zero)
            assembler.take(TimedReading(.engineSpeed, 800, at: .zero), of: .tachometer, among: roles)
            assembler.take(TimedReading(.engineSpeed, 0, at: .zero), of: .opacimeter, among: roles)
            assembler.take(TimedReading(.opacity, 5, at: .zero), of: .opacimeter, among: roles)
            return assembler.frame(tick: 0, due: .zero, lateness: .zero)
        }
        let both = frame([.tachometer, .opacimeter])
        #expect(both.samples[.engineSpeed]?.value == 800 && both.samples[.opacity]?.value == 5)
        #expect(frame([.opacimeter]).samples[.engineSpeed]?.value == 0)
    }
}
