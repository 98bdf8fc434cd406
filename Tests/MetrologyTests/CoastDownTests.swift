import Metrology
import Testing

@Suite("Coast-down")
struct CoastDownTests {
    static let inertia = Mass(907.2)

    /// Inertia, speeds, power, time (reference numbers, HJ/T 290 form; the last rows from the table for diesel).
    @Test(
        "takes the times of the reference table",
        arguments: [
            (907.2, 48.0, 32.0, 6.0, 7.46667), (907.2, 33, 17, 6, 4.66667), (907.2, 50, 30, 8, 7.000),
            (907.2, 35, 15, 6, 5.83333), (907.2, 48, 32, 8, 5.600), (1452.8, 100, 80, 10, 20.1778),
            (1452.8, 90, 70, 20, 8.96790), (1452.8, 30, 10, 30, 1.49465),
        ])
    func times(mass: Double, from: Double, to: Double, power: Double, seconds: Double) throws {
        let found = CoastDown.time(inertia: Mass(mass), from: Speed(from), to: Speed(to), power: Power(power))
        #expect(abs(try #require(found).value / seconds - 1) < 1e-5)
    }

    @Test(
        "gives the losses of the reference table",
        arguments: [(48.0, 32.0, 60.0, 0.746667), (33, 17, 70, 0.4), (50, 30, 45, 1.24444)])
    func losses(from: Double, to: Double, seconds: Double, power: Double) throws {
        let found = CoastDown.power(
            inertia: Self.inertia, from: Speed(from), to: Speed(to), time: SecondCount(seconds))
        #expect(abs(try #require(found).value / power - 1) < 1e-5)
    }

    @Test("gives the inertia from the times under two powers")
    func inertia() throws {
        let found = CoastDown.inertia(
            from: Speed(48), to: Speed(32), greater: (Power(10), SecondCount(4.148148)),
            smaller: (Power(4), SecondCount(9.333333)))
        #expect(abs(try #require(found).value / 907.2 - 1) < 1e-5)
        let senseless = CoastDown.inertia(
            from: Speed(48), to: Speed(32), greater: (Power(10), SecondCount(9)), smaller: (Power(4), SecondCount(9)))
        #expect(senseless == nil)
        #expect(CoastDown.time(inertia: Self.inertia, from: Speed(48), to: Speed(32), power: Power(0)) == nil)
        #expect(CoastDown.power(inertia: Self.inertia, from: Speed(9), to: Speed(8), time: SecondCount(0)) == nil)
    }

    @Test("finds the curve that losses lie on, and none through two speeds")
    func fit() throws {
        let curve = ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1)
        let points = [15.0, 25, 40, 50, 90].map { (speed: Speed($0), power: curve.power(at: Speed($0))) }
        let found = try #require(ParasiticLoss(fitting: points))
        #expect(abs(found.quadratic / 0.0002 - 1) < 1e-9)
        #expect(abs(found.linear / 0.012 - 1) < 1e-9)
        #expect(abs(found.constant / 0.1 - 1) < 1e-9)
        #expect(ParasiticLoss(fitting: Array(points.prefix(2))) == nil)
    }

    @Test("has a series cross a level between two readings by proportion")
    func crossing() {
        var series = TimeSeries()
        for (milliseconds, value) in [(0, 10.0), (100, 8), (200, 4), (300, 4), (400, 0)] {
            series.append(value, at: LaneInstant.zero + .milliseconds(milliseconds))
        }
        series.append(99, at: LaneInstant.zero + .milliseconds(400))
        #expect(series.points.count == 5)
        #expect(series.crossing(of: 5, rising: false, since: .zero).map { abs($0 - 0.175) < 1e-12 } == true)
        #expect(series.crossing(of: 11, rising: false, since: .zero) == nil)
        #expect(series.crossing(of: -1, rising: false, since: .zero) == nil)
        #expect(series.longestGap == .milliseconds(100))
        #expect(series.spread == 10)
    }
}
