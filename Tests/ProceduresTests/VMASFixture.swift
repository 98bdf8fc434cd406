import Documents
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// A test of a 1250 kg (curb) gasoline car under limit a, and lanes made of numbers to run it on.
struct VMASFixture {
    var test: VMASTest

    /// - Parameter change: edits the requirement pack's text, to show that a number is the pack's.
    init(
        set: String = "a", fuel: Fuel = .gasoline, curbMass: String = "1250", oilReadable: Bool = true,
        hybrid: Bool = false, transmission: Transmission? = .manual, baseInertia: Mass = Mass(907.2),
        _ change: (String) -> String = { $0 }
    ) throws {
        test = try VMASTest(
            Self.order(
                set: set, fuel: fuel, curbMass: curbMass, oilReadable: oilReadable, hybrid: hybrid,
                transmission: transmission), limits: Self.limits(), requirements: Self.requirements(change),
            lane: Self.lane(baseInertia: baseInertia))
    }

    static func order(
        set: String = "a", fuel: Fuel = .gasoline, curbMass: String? = "1250", grossMass: String? = nil,
        oilReadable: Bool = true, hybrid: Bool = false, transmission: Transmission? = .manual, drive: Drive? = nil
    ) -> TestOrder {
        TestOrder(
            number: "1", method: .vmas,
            vehicle: OrderedVehicle(
                plate: "粤A12345", vin: "LSVAA2183E2184231", fuel: fuel, oilTemperatureReadable: oilReadable,
                curbMass: curbMass.flatMap(RoundedDecimal.init), grossMass: grossMass.flatMap(RoundedDecimal.init),
                transmission: transmission, drive: drive, isHybrid: hybrid), limitSet: set, inspector: "A",
            driver: "B")
    }

    static func limits() throws -> VMASLimits {
        try #require(try PackLibrary.limits("GB18285-2018-VMAS-limits", VMASLimits.self))
    }

    static func requirements(_ change: (String) -> String = { $0 }) throws -> VMASRequirements {
        let document = try #require(try PackLibrary.document("GB18285-2018-VMAS"))
        let text = change(String(decoding: document.bytes, as: UTF8.self))
        return try VMASRequirements(document: Document(bytes: Array(text.utf8), name: "pack.yaml"))
    }

    static func lane(
        baseInertia: Mass? = Mass(907.2), gas: LaneSpan? = .seconds(4.5), flow: LaneSpan? = .seconds(1)
    ) -> LaneParameters {
        LaneParameters(
            parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.005, constant: 0.02), baseInertia: baseInertia,
            analyzerDelay: gas, flowMeterDelay: flow)
    }

    func lane(
        seed: UInt64 = 1, exhaust: SyntheticLane.Exhaust = .clean, _ disturbances: [TransientLane.Disturbance] = []
    ) -> TransientLane {
        TransientLane(
            seed: seed, freshness: test.requirements.freshness, exhaust: exhaust, disturbances: disturbances)
    }

    /// An exhaust that comes to about these results, g/km, found by the rule of three from a clean one.
    func exhaust(co: Double? = nil, hc: Double? = nil, nox: Double? = nil) throws -> SyntheticLane.Exhaust {
        let clean = SyntheticLane.Exhaust.clean
        let found = try run().outcome.items.map { try #require(Double($0.full.description)) }
        return SyntheticLane.Exhaust(
            co: clean.co * (co.map { $0 / found[0] } ?? 1), hc: clean.hc * (hc.map { $0 / found[1] } ?? 1),
            no: clean.no * (nox.map { $0 / found[2] } ?? 1))
    }

    func run(
        seed: UInt64 = 1, exhaust: SyntheticLane.Exhaust = .clean, _ disturbances: [TransientLane.Disturbance] = []
    ) throws -> VMASTestRun {
        var lane = lane(seed: seed, exhaust: exhaust, disturbances)
        return try VMASTestRun(test, on: &lane)
    }
}

/// The whole of one test.
struct VMASTestRun {
    var outcome: VMASOutcome
    var frames: [Frame] = []
    var directives: [Directive] = []
    /// What the driver's aid showed, frame by frame.
    var shown: [ProcedureStatus] = []
    /// The tick at which the cycle began; nil if it did not.
    var cycleBegan: Int?

    /// - Parameter edit: changes a frame by the cycle's time in seconds, nil before the cycle.
    init(
        _ test: VMASTest, on lane: inout TransientLane, edit: (Frame, Double?) -> Frame = { frame, _ in frame }
    ) throws {
        var procedure = VMASProcedure(test)
        while procedure.outcome == nil, frames.count < 60_000 {
            let raw = lane.next(procedure.status)
            let frame = edit(raw, cycleBegan.map { Double(raw.tick - $0) / 10 })
            let given = procedure.advance(frame)
            lane.perform(given)
            frames.append(frame)
            directives += given
            shown.append(procedure.status)
            if cycleBegan == nil, procedure.status.stage == .measure { cycleBegan = frame.tick }
        }
        outcome = try #require(procedure.outcome, "the test did not end")
    }

    var stages: [StageKind] {
        shown.map(\.stage).reduce(into: []) { stages, stage in if stages.last != stage { stages.append(stage) } }
    }

    /// What was asked of the brake.
    var brakes: [Directive] { directives.filter { if case .brake = $0 { true } else { $0 == .unload } } }
}

extension Frame {
    /// The same frame with other values.
    func with(_ values: [ChannelID: Double]) -> Frame {
        var samples = samples
        for (channel, value) in values {
            samples[channel] = Sample(value: value, acquiredAt: time, validity: .valid)
        }
        return Frame(
            tick: tick, time: time, lateness: lateness, samples: samples, states: states, lost: lost, events: events)
    }
}

/// The masses for each kilometre once more, straight from the process data of the record.
///
/// By the pack's reading: densities at 20 °C, NO counted as NO2, dilution factor applied.
struct VMASRecomputation {
    var distance = 0.0
    var co = 0.0
    var hc = 0.0
    var nox = 0.0

    init(_ seconds: [VMASSecond], ambientOxygen: Double, fuelConstant: Double = 4.644) {
        var share = 1.0
        for second in seconds {
            func v(_ channel: ChannelID) -> Double { second.values[channel] ?? .nan }
            distance += v(.rollerSpeed) / 3600
            let (c, c2) = (max(0, v(.carbonMonoxide)), max(0, v(.carbonDioxide)))
            let x = c2 > 0 ? c2 / (c2 + c) : 0
            let df = c2 > 0 ? min(3, 100 * x / (fuelConstant + 1.88 * x) / c2) : 3
            let gap = ambientOxygen - v(.oxygen)
            if gap >= 2 { share = min(1, max(0, (ambientOxygen - v(.dilutedOxygen)) / gap)) }
            let standard =
                max(0, v(.exhaustFlow)) * 1000 / 60 * (v(.flowPressure) / 101.325)
                * (293.15 / (v(.flowTemperature) + 273.15))
            // Litres of exhaust at 20 °C, 24.0548 of which are a mole.
            let moles = standard * share / (22.414 * 293.15 / 273.15)
            co += moles * c / 100 * df * 28.010
            hc += moles * max(0, v(.hydrocarbons)) * 1e-6 * df * 86.178
            nox += moles * max(0, v(.nitricOxide)) * 1e-6 * df * second.basis.humidityFactor * 46.005
        }
        co /= distance
        hc /= distance
        nox /= distance
    }
}

extension SyntheticLane.Exhaust {
    /// Above every limit of the simple transient method.
    static let dirtyTransient = Self(co: 1.2, hc: 500, no: 1400, co2: 13.8)
}
