import Instruments
import Lane
import Messages
import Metrology
import Procedures
import Testing

@Suite("Advice about a lane's lines")
struct LineAdvisorTests {
    /// Frames ten times a second; `sample` gives the values of a tick.
    private func advise(
        _ seconds: Int, burnsGasoline: Bool = true, states: [InstrumentRole: InstrumentState] = [:],
        directives: [Int: [Directive]] = [:], accounts: [LineAccount] = [],
        _ sample: (Int) -> [ChannelID: Double]
    ) -> [Message] {
        var advisor = LineAdvisor(burnsGasoline: burnsGasoline)
        for tick in 0..<seconds * 10 {
            let time = LaneInstant(nanoseconds: Int64(tick) * 100_000_000)
            let samples = sample(tick).mapValues { Sample(value: $0, acquiredAt: time, validity: .valid) }
            advisor.note(
                Frame(tick: tick, time: time, lateness: .zero, samples: samples, states: states, lost: [], events: []),
                directives[tick] ?? [])
        }
        return advisor.marks(accounts)
    }

    @Test("names a gas that stands still for a minute, and none that flickers in its last digit or is nought")
    func noise() {
        let marks = advise(70) { tick in
            [.carbonDioxide: 14.2, .hydrocarbons: tick % 7 == 0 ? 12 : 13, .nitricOxide: 0]
        }
        #expect(marks.map(\.code) == [.adviceNoNoise])
        #expect(marks.first?.arguments["channel"] == .text("co2"))
        #expect(marks.first?.arguments["value"] == .text("14.200"))
        #expect(advise(50) { _ in [.carbonDioxide: 14.2] }.isEmpty, "less than a minute")
    }

    @Test("takes the stillness of clean air for none, before and after the exhaust")
    func cleanAir() {
        // Room air, exhaust that flickers, room air again: a two-speed idle with a probe that is out at both ends.
        let marks = advise(200) { tick in
            (600..<1200).contains(tick)
                ? [
                    .carbonDioxide: 14.2 + Double(tick % 3) / 100, .oxygen: 0.5, .nitricOxide: 80 + Double(tick % 5),
                    .hydrocarbons: 12 + Double(tick % 2),
                ] : [.carbonDioxide: 0.04, .oxygen: 20.9, .nitricOxide: 2, .hydrocarbons: 1]
        }
        #expect(marks.isEmpty, "\(marks)")
        #expect(advise(70) { _ in [.carbonDioxide: 0.04, .nitricOxide: 2] }.isEmpty, "without oxygen as well")
        // A minute's stillness is not put together from before the air and after it.
        #expect(
            advise(120) { tick in
                (500..<700).contains(tick)
                    ? [.carbonDioxide: 0.04, .oxygen: 20.9, .nitricOxide: 80]
                    : [.carbonDioxide: 14 + Double(tick % 2) / 10, .oxygen: 0.5, .nitricOxide: 80]
            }.isEmpty)
    }

    @Test("finds a gas that is frozen in exhaust, at the value of clean air too, and of a bench that has no other gas")
    func frozenInExhaust() {
        func channels(_ marks: [Message]) -> [MessageArgument?] { marks.map { $0.arguments["channel"] } }
        #expect(
            channels(
                advise(70) { [.carbonDioxide: 0.04, .oxygen: 0.5, .nitricOxide: 80 + Double($0 % 5)] })
                == [.text("co2")])
        #expect(
            channels(advise(70) { [.carbonDioxide: 2 + Double($0 % 3) / 100, .nitricOxide: 150] }) == [.text("no")])
        #expect(channels(advise(70) { _ in [.nitricOxide: 150] }) == [.text("no")])
    }

    // OIML R 99's formula: CO 0.5 %, CO2 14.5 %, O2 0.5 %, HC 100 ppm is lambda 1.003.
    @Test("compares lambda with the concentrations beside it, for gasoline only")
    func lambda() {
        func gases(_ tick: Int, _ lambda: Double) -> [ChannelID: Double] {
            [
                .carbonMonoxide: 0.5, .carbonDioxide: 14.5 + (tick % 2 == 0 ? 0.01 : 0), .oxygen: 0.5,
                .hydrocarbons: 100 + Double(tick % 3), .lambda: lambda,
            ]
        }
        #expect(advise(20) { gases($0, 1.003) }.isEmpty)
        let marks = advise(20) { gases($0, 1.2) }
        #expect(marks.map(\.code) == [.adviceLambda])
        #expect(marks.first?.arguments["reported"] == .text("1.200"))
        #expect(advise(20, burnsGasoline: false) { gases($0, 1.2) }.isEmpty)
        #expect(advise(5) { gases($0, 1.2) }.isEmpty, "too few frames")
    }

    @Test("misses the force that was acknowledged and did not come, and the zero that no status showed")
    func effects() {
        let brake: [Int: [Directive]] = [10: [.brake(Force(1000))]]
        #expect(advise(15, directives: brake) { _ in [.rollerForce: 3] }.map(\.code) == [.adviceNoEffect])
        #expect(advise(15, directives: brake) { [.rollerForce: $0 > 40 ? 980 : 3] }.isEmpty)
        #expect(advise(15, directives: brake) { _ in [:] }.isEmpty, "no force to look at")
        let zero: [Int: [Directive]] = [10: [.analyzer(.zero)]]
        let idle = InstrumentState(conditions: [], acquiredAt: .zero)
        let zeroing = InstrumentState(conditions: [.zeroing], acquiredAt: .zero)
        #expect(
            advise(15, states: [.gasAnalyzer: idle], directives: zero) { _ in [:] }.first?.arguments["action"]
                == .text("zero"))
        #expect(advise(15, states: [.gasAnalyzer: zeroing], directives: zero) { _ in [:] }.isEmpty)
        #expect(advise(15, directives: zero) { _ in [:] }.isEmpty, "an instrument without a status shows nothing")
    }
}
