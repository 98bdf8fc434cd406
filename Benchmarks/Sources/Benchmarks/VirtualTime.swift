import Metrology
import Procedures
import ProceduresTestKit
import Standards

/// A whole test by each method in virtual time: how long it takes, and how many seconds of it pass in one of life.
///
/// The frames are made beforehand by a synthetic lane; what is timed is the procedure alone, in processor time of one
/// thread.
struct VirtualTime {
    /// What any method's complete test may take in a release build.
    private static let permittedMilliseconds = 20.0

    static func run() throws -> Findings {
        var findings = Findings()
        for vehicle in try TestedVehicle.all {
            let (frames, verdict) = try vehicle.drive()
            guard let last = frames.last else { throw NotMeasured("\(vehicle.order.method.rawValue) has no frames") }
            let seconds = last.time.seconds
            var milliseconds = Samples()
            var pace = Samples()
            for _ in 0..<31 {
                var procedure = try vehicle.procedure()
                let start = processorSeconds()
                for frame in frames { _ = procedure.advance(frame) }
                let took = processorSeconds() - start
                let outcome: (any TestOutcome)? = procedure.outcome
                guard outcome?.verdict == verdict else { throw NotMeasured("the same test came out otherwise") }
                milliseconds.add(took * 1000)
                // The clock of processor time may not have moved on.
                if took > 0 { pace.add(seconds / took) }
            }
            let name = vehicle.order.method.rawValue
            findings.lines += [
                Line(
                    name: "\(name), whole test", unit: "ms", ours: milliseconds,
                    requirement: .below(permittedMilliseconds)),
                Line(name: "\(name), virtual seconds per second", unit: "s/s", ours: pace),
            ]
            findings.notes.append("\(name): \(frames.count) frames, \(Int(seconds.rounded())) s, \(verdict.code)")
        }
        return findings
    }
}

/// A vehicle with the order and packs of its method, on the synthetic lane that has what the method needs.
private struct TestedVehicle {
    let order: TestOrder
    let limits: any MethodLimits
    let requirements: any MethodRequirements
    /// Drives the vehicle through the test; returns the frames.
    let frames: (inout any TestProcedure) -> [Frame]

    /// One vehicle for each method, each driven to the method's end.
    static var all: [TestedVehicle] {
        get throws {
            let car = OrderedVehicle(
                plate: "苏B00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
                curbMass: RoundedDecimal("1250"), grossMass: RoundedDecimal("1800"),
                ratedSpeed: RoundedDecimal("5500"), transmission: .manual)
            let lorry = OrderedVehicle(
                plate: "苏B00002", vin: "LVSHFFML0JE000001", fuel: .diesel, oilTemperatureReadable: true,
                grossMass: RoundedDecimal("3200"), ratedPower: RoundedDecimal("85"),
                ratedSpeed: RoundedDecimal("3200"), aspiration: .turbocharged, transmission: .manual,
                drive: .twoWheel)
            var truck = lorry
            truck.ratedSpeed = RoundedDecimal("2400")
            let dirty = ["": SyntheticLane.Exhaust(co: 0.9, hc: 160, no: 1500)]
            return try [
                TestedVehicle(.asm, car, "GB18285-2018-ASM-limits", "GB18285-2018-ASM") { procedure in
                    var lane = SyntheticLane(seed: 1, freshness: procedure.freshness, exhaust: dirty)
                    return through(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
                },
                TestedVehicle(.twoSpeedIdle, car, "GB18285-2018-TSI-limits", "GB18285-2018-TSI") { procedure in
                    var lane = SyntheticLane(seed: 1, freshness: procedure.freshness, exhaust: dirty)
                    return through(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
                },
                TestedVehicle(.vmas, car, "GB18285-2018-VMAS-limits", "GB18285-2018-VMAS") { procedure in
                    var lane = TransientLane(seed: 1, freshness: procedure.freshness, exhaust: .clean)
                    return through(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
                },
                TestedVehicle(
                    .freeAcceleration, truck, "GB3847-2018-free-acceleration-limits", "GB3847-2018-free-acceleration",
                    smoke),
                TestedVehicle(.lugDown, lorry, "GB3847-2018-lug-down-limits", "GB3847-2018-lug-down") { procedure in
                    var lane = LugDownLane(
                        seed: 1, freshness: procedure.freshness, vehicle: LugDownLane.Vehicle())
                    return through(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
                },
                TestedVehicle(
                    .nonRoad, truck, "GB36886-2018-non-road-limits", "GB36886-2018-non-road", set: "class-2", smoke),
            ]
        }
    }

    private init(
        _ method: TestMethod, _ vehicle: OrderedVehicle, _ limitsID: String, _ requirementsID: String,
        set: String = "a", _ frames: @escaping (inout any TestProcedure) -> [Frame]
    ) throws {
        guard let limits = try PackLibrary.limits(limitsID, for: method),
            let requirements = try PackLibrary.requirements(requirementsID, for: method)
        else { throw NotMeasured("a pack of \(method.rawValue) is missing") }
        order = TestOrder(
            number: "BENCHMARK", method: method, vehicle: vehicle, limitSet: set, inspector: "A", driver: "B")
        self.limits = limits
        self.requirements = requirements
        self.frames = frames
    }

    /// The test before its first frame.
    func procedure() throws -> any TestProcedure {
        try TestMethod.prepare(
            order, limits: limits, requirements: requirements,
            lane: LaneParameters(
                parasiticLoss: LugDownLane.loss, baseInertia: Mass(907.2), brakePower: Power(160),
                analyzerDelay: .seconds(4.5), flowMeterDelay: .seconds(1)))
    }

    /// The frames of a whole test, and what it came to.
    func drive() throws -> (frames: [Frame], verdict: Verdict) {
        var procedure = try procedure()
        let frames = frames(&procedure)
        let outcome: (any TestOutcome)? = procedure.outcome
        guard let verdict = outcome?.verdict, verdict.abortReason == nil else {
            throw NotMeasured("\(order.method.rawValue) came to no verdict")
        }
        return (frames, verdict)
    }

    private static func smoke(_ procedure: inout any TestProcedure) -> [Frame] {
        var lane = SmokeLane(seed: 1, freshness: procedure.freshness, engine: SmokeLane.Engine(), errors: [:])
        return through(&procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
    }

    private static func through(
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
}
