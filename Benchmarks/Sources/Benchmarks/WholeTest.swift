import CReference
import Metrology
import Procedures
import ProceduresTestKit
import Standards

/// A whole ASM test in virtual time, against a C loop that does only the arithmetic of the same seconds.
///
/// Processor time of one thread: it is the time taken on a machine that does nothing else.
struct WholeTest {
    static func run() throws -> Findings {
        let vehicle = try DirtyVehicle()
        let (frames, outcome) = try vehicle.run(seed: 1)
        let reference = try Reference(vehicle.test, outcome)
        try reference.check(against: outcome)

        var procedure = Samples()
        var assembled = Samples()
        var arithmetic = Samples()
        for _ in 0..<31 {
            var start = processorSeconds()
            let replayed = Self.replay(frames, vehicle.test)
            procedure.add((processorSeconds() - start) * 1000)
            arithmetic.add(reference.milliseconds())
            start = processorSeconds()
            let (again, verdict) = Self.drive(vehicle)
            assembled.add((processorSeconds() - start) * 1000)
            guard replayed == .failed, verdict == .failed, again == frames.count else {
                throw NotMeasured("the same test came out otherwise")
            }
        }
        return Findings(
            lines: [
                Line(
                    name: "ASM test, procedure over given frames", unit: "ms", ours: procedure,
                    reference: arithmetic, requirement: .below(10)),
                Line(
                    name: "ASM test, frames assembled as it runs", unit: "ms", ours: assembled,
                    reference: arithmetic, requirement: .below(10)),
            ],
            notes: [
                "processor time; \(frames.count) frames, \(outcome.seconds.count) seconds on the rollers; the reference does only their"
                    + " corrections and means"
            ])
    }

    private static func replay(_ frames: [Frame], _ test: ASMTest) -> Verdict? {
        var procedure = ASMProcedure(test)
        for frame in frames { _ = procedure.advance(frame) }
        return procedure.outcome?.verdict
    }

    private static func drive(_ vehicle: DirtyVehicle) -> (frames: Int, verdict: Verdict?) {
        var procedure = ASMProcedure(vehicle.test)
        var lane = vehicle.lane(seed: 1)
        var count = 0
        while procedure.outcome == nil {
            lane.perform(procedure.advance(lane.next(procedure.status)))
            count += 1
        }
        return (count, procedure.outcome?.verdict)
    }
}

/// The seconds of a test as C takes them.
private struct Reference {
    /// How often C does the arithmetic for one figure: once is too short for the clock.
    private static let repetitions = 100

    private let seconds: [reference_second]
    private var constants: reference_constants

    init(_ test: ASMTest, _ outcome: ASMOutcome) throws {
        let correction = test.requirements.correction
        guard let dilution = correction.dilution[test.fuel] else { throw NotMeasured("no constants for the fuel") }
        constants = reference_constants(
            fuel: dilution.fuelConstant, carbon: dilution.carbonConstant, cap: dilution.cap,
            slope: correction.humidity.slope, reference_humidity: correction.humidity.reference.value,
            ratio: correction.humidity.ratio, window: Int32(test.requirements.times.window))
        seconds = outcome.seconds.map { second in
            func value(_ channel: ChannelID) -> Double { second.values[channel] ?? .nan }
            return reference_second(
                co: value(.carbonMonoxide), co2: value(.carbonDioxide), hc: value(.hydrocarbons),
                no: value(.nitricOxide), temperature: value(.airTemperature), humidity: value(.relativeHumidity),
                pressure: value(.airPressure))
        }
    }

    /// Milliseconds for the arithmetic of one test.
    func milliseconds() -> Double {
        let start = processorSeconds()
        for _ in 0..<Self.repetitions { _ = lastMeans() }
        return (processorSeconds() - start) * 1000 / Double(Self.repetitions)
    }

    /// Both must do the same arithmetic, or the comparison means nothing.
    func check(against outcome: ASMOutcome) throws {
        let ours = outcome.modes.last?.items.map { Double($0.full.description) ?? .nan } ?? []
        let reference = lastMeans()
        guard ours.count == reference.count,
            zip(ours, reference).allSatisfy({ abs($0 / $1 - 1) < 1e-9 })
        else { throw NotMeasured("C finds the means \(reference), and we \(ours)") }
    }

    private func lastMeans() -> [Double] {
        var last = [Double](repeating: .nan, count: Pollutant.allCases.count)
        withUnsafePointer(to: constants) { _ = reference_asm(seconds, seconds.count, $0, &last) }
        return last
    }
}
