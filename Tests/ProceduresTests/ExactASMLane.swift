import Documents
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// An ASM test by packs of 2018 with some of their text changed, on a lane whose readings are what a test says, without
/// noise.
struct ExactASMLane {
    /// A reading that is another one for some seconds after the timer first started.
    struct Deviation {
        enum Quantity {
            /// Roller speed off the mode's, km/h.
            case speed(Double)
            /// Brake force off the set one, %.
            case force(Double)
            /// CO2 in the exhaust, %, with as much CO as the exhaust has.
            case carbonDioxide(Double)
            case engineSpeed(Double)
        }

        let quantity: Quantity
        let seconds: Set<Int>
    }

    /// Constant gas of the exhaust, by mode; the empty key stands for every other time.
    var exhaust: [String: SyntheticLane.Exhaust] = ["": .clean]
    var deviations: [Deviation] = []
    /// What happens before the vehicle is driven.
    var disturbances: [SyntheticLane.Disturbance] = []

    private let test: ASMTest

    /// - Parameters:
    ///   - limits: limits that are others than the pack's, by mode.
    ///   - requirements: changes of the requirement pack's text.
    init(
        set: String = "a", limits: [ASMMode: [Pollutant: RoundedDecimal]] = [:], requirements: [String: String] = [:]
    ) throws {
        test = ASMTest(
            fuel: .gasoline, curbMass: Mass(1250), oilTemperatureReadable: true,
            limits: try Self.limits(set, limits), requirements: try Self.requirements(requirements),
            parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1))
    }

    static func requirements(_ changes: [String: String] = [:]) throws -> ASMRequirements {
        let document = try #require(try PackLibrary.document("GB18285-2018-ASM"))
        var text = String(decoding: document.bytes, as: UTF8.self)
        for (old, new) in changes {
            #expect(text.contains(old), "the pack has no “\(old)”")
            text = text.replacing(old, with: new)
        }
        return try ASMRequirements(document: Document(bytes: Array(text.utf8), name: "changed.yaml"))
    }

    /// The limits of a set, those that are named with other values.
    private static func limits(
        _ set: String, _ changes: [ASMMode: [Pollutant: RoundedDecimal]]
    ) throws -> [ASMMode: [Pollutant: PackValue]] {
        let document = try #require(try PackLibrary.document("GB18285-2018-ASM-limits"))
        var place = (set: "", mode: "")
        let lines = String(decoding: document.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { line -> String in
            let indent = line.prefix { $0 == " " }.count
            let key = String(line.dropFirst(indent).prefix { $0 != ":" })
            if indent == 2 { place.set = key }
            if indent == 4 { place.mode = key }
            guard indent == 6, place.set == set, let mode = ASMMode(rawValue: place.mode),
                let pollutant = Pollutant(rawValue: key), let value = changes[mode]?[pollutant]
            else { return String(line) }
            return String(line.replacing(/value: "[^"]*"/, with: "value: \"\(value)\""))
        }
        let text = lines.joined(separator: "\n")
        let pack = try ASMLimits(document: Document(bytes: Array(text.utf8), name: "changed.yaml"))
        return try #require(pack.limits(set))
    }

    /// Carries the test out.
    func outcome() throws -> ASMOutcome {
        var procedure = ASMProcedure(test)
        var lane = SyntheticLane(seed: 1, freshness: test.requirements.freshness, disturbances: disturbances)
        var timerStart: Int?
        while procedure.outcome == nil {
            let status = procedure.status
            var frame = lane.next(status)
            if status.stage == .measure, timerStart == nil { timerStart = frame.tick / 10 }
            if let target = status.targetSpeed {
                let second = timerStart.map { frame.tick / 10 - $0 } ?? -1
                frame = exact(frame, target.value, status, second)
            }
            lane.perform(procedure.advance(frame))
        }
        return try #require(procedure.outcome)
    }

    private func exact(_ frame: Frame, _ target: Double, _ status: ProcedureStatus, _ second: Int) -> Frame {
        var (speed, force, rpm) = (target, status.brakeForce?.value ?? 0, 2000.0)
        let gas = status.mode.flatMap { exhaust[$0] } ?? exhaust[""] ?? .clean
        var co2 = gas.co2
        for deviation in deviations where deviation.seconds.contains(second) {
            switch deviation.quantity {
            case .speed(let offset): speed += offset
            case .force(let percent): force *= 1 + percent / 100
            case .carbonDioxide(let value): co2 = value
            case .engineSpeed(let value): rpm = value
            }
        }
        var samples = frame.samples
        for (channel, value) in [
            (ChannelID.rollerSpeed, speed), (.rollerForce, force), (.engineSpeed, rpm), (.carbonMonoxide, gas.co),
            (.hydrocarbons, gas.hc), (.nitricOxide, gas.no), (.carbonDioxide, co2),
        ] {
            samples[channel] = Sample(value: value, acquiredAt: frame.time, validity: .valid)
        }
        return Frame(
            tick: frame.tick, time: frame.time, samples: samples, states: frame.states, lost: frame.lost,
            events: frame.events)
    }
}
