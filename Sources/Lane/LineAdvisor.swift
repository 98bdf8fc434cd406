import Evidence
package import Instruments
package import Messages
import Metrology
package import Procedures

/// Looks during a test for what a box between instrument and lane would do (中间装置), for advice in the record.
///
/// Advice decides nothing: every mark may have an honest reason, and a lane that tests goes on. What it looks at is what
/// was measured anyway.
package struct LineAdvisor {
    /// A value that stays exactly the same for this long, and as often, is hardly a measured one: the last digit of a
    /// bench flickers behind a running engine. In clean air it does not: what is there, 0.04 % of CO2 and a trace of
    /// NO, is a digit or two of the display and changes by less than one. So stillness counts only while some gas beside
    /// or of the value shows that exhaust is drawn, be the still value itself that of air: CO2 that stands at 0.04 %
    /// while oxygen is down to 1 % is a finding, and the same with oxygen at 20.9 % is none. A bench that shows neither
    /// CO2 nor oxygen cannot tell air from exhaust; of it every stillness counts. Ours; no standard has such a number.
    private static let stillFor = LaneSpan.seconds(60)
    private static let stillReadings = 100
    /// What no air has that people breathe, %: so much CO2, or so little oxygen. Outdoor air has 0.04 % and 20.9 %, a hall
    /// with running engines tenths of a percent more and less; undiluted exhaust of an idling diesel some 2 % and 18 %.
    /// Ours; no standard has such a number.
    private static let (exhaustCarbonDioxide, exhaustOxygen) = (1.0, 19.0)
    /// Gases that a running engine makes flicker.
    private static let restless: [ChannelID] = [.carbonDioxide, .hydrocarbons, .nitricOxide]
    /// How far reported and recomputed lambda may lie apart, and how many frames tell: more than rounding of the
    /// concentrations and a bench's own constants explain. Ours; no standard has such a number.
    private static let lambdaShare = 0.05
    private static let lambdaFrames = 100
    /// How long an action may take to show.
    private static let effectWithin = LaneSpan.seconds(10)
    /// The share of the ordered force that counts as some of it.
    private static let someForce = 0.2

    private struct Still {
        var value: Double
        var since: LaneInstant
        var last: LaneInstant
        var count = 1
    }

    private struct Awaited {
        let action: String
        let condition: InstrumentCondition?
        let force: Double?
        let since: LaneInstant
    }

    /// Gasoline: Hcv 1.7261, Ocv 0.0176, K1 6·10⁻⁴ (Brettschneider). The formula that judges is the pack's.
    private static let gasoline = LambdaFormula(
        hydrogen: 1.7261, oxygen: 0.0176, hydrocarbonFactor: 6e-4, usesNitricOxide: false)
    private let formula: LambdaFormula?
    private var still: [ChannelID: Still] = [:]
    private var stillest: [ChannelID: Still] = [:]
    private var lambdas: [(reported: Double, computed: Double)] = []
    private var awaited: [InstrumentRole: Awaited] = [:]
    private var unseen: [InstrumentRole: Awaited] = [:]
    private var lambdaSeenAt: LaneInstant?

    /// - Parameter burnsGasoline: whether lambda can be recomputed; other fuels have other constants.
    package init(burnsGasoline: Bool) { formula = burnsGasoline ? Self.gasoline : nil }

    /// Takes a frame and what was ordered upon it.
    package mutating func note(_ frame: Frame, _ directives: [Directive]) {
        if isOfExhaust(frame) {
            for channel in Self.restless { look(at: channel, in: frame) }
        } else {
            still = [:]
        }
        compareLambda(in: frame)
        lookForEffects(in: frame)
        for directive in directives { expect(directive, at: frame.time) }
    }

    /// The marks, by the accounts of the lines.
    package func marks(_ accounts: [LineAccount]) -> [Message] {
        let names = Dictionary(accounts.map { ($0.role, $0.device) }, uniquingKeysWith: { first, _ in first })
        func device(_ role: InstrumentRole) -> MessageArgument { .text(names[role] ?? role.rawValue) }
        var marks = accounts.compactMap(\.complaint) + accounts.flatMap(\.impossiblyFast)
        for (channel, run) in stillest.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            marks.append(
                Message(
                    .adviceNoNoise,
                    [
                        "device": device(channel.role), "channel": .text(channel.rawValue),
                        "value": .text(shown(run.value)), "count": .integer(run.count),
                        "seconds": .integer(Int((run.last - run.since).seconds)),
                    ]))
        }
        if lambdas.count >= Self.lambdaFrames {
            let reported = median(lambdas.map(\.reported))
            let computed = median(lambdas.map(\.computed))
            if abs(reported - computed) > Self.lambdaShare * computed {
                marks.append(
                    Message(
                        .adviceLambda,
                        [
                            "device": device(.gasAnalyzer), "reported": .text(shown(reported)),
                            "computed": .text(shown(computed)), "count": .integer(lambdas.count),
                        ]))
            }
        }
        for (role, action) in unseen.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            marks.append(
                Message(
                    .adviceNoEffect,
                    [
                        "device": device(role), "action": .text(action.action),
                        "seconds": .integer(Int(Self.effectWithin.seconds)),
                    ]))
        }
        return marks
    }

    /// Whether the gases of a frame are exhaust, as far as they tell.
    private func isOfExhaust(_ frame: Frame) -> Bool {
        func value(_ channel: ChannelID) -> Double? {
            guard let sample = frame.samples[channel], sample.validity == .valid else { return nil }
            return sample.value
        }
        let (dioxide, oxygen) = (value(.carbonDioxide), value(.oxygen))
        if dioxide == nil, oxygen == nil { return true }
        return dioxide.map { $0 >= Self.exhaustCarbonDioxide } ?? false
            || oxygen.map { $0 <= Self.exhaustOxygen } ?? false
    }

    private mutating func look(at channel: ChannelID, in frame: Frame) {
        guard let sample = frame.samples[channel], sample.validity == .valid, let value = sample.value, value != 0
        else {
            still[channel] = nil
            return
        }
        guard var run = still[channel], run.value == value else {
            still[channel] = Still(value: value, since: sample.acquiredAt, last: sample.acquiredAt)
            return
        }
        // A reading that is shown again in the next frame says nothing new.
        guard sample.acquiredAt > run.last else { return }
        run.last = sample.acquiredAt
        run.count += 1
        still[channel] = run
        if run.last - run.since >= Self.stillFor, run.count >= Self.stillReadings { stillest[channel] = run }
    }

    private mutating func compareLambda(in frame: Frame) {
        func value(_ channel: ChannelID) -> Double? {
            guard let sample = frame.samples[channel], sample.validity == .valid else { return nil }
            return sample.value
        }
        // Of exhaust only: the formula has no meaning for air, and little for a thin sample.
        guard let formula, let sample = frame.samples[.lambda], sample.validity == .valid,
            sample.acquiredAt != lambdaSeenAt,
            let reported = sample.value, let co = value(.carbonMonoxide), let co2 = value(.carbonDioxide),
            let o2 = value(.oxygen), let hc = value(.hydrocarbons), co2 >= 6, co >= 0, o2 >= 0, hc >= 0,
            let computed = try? formula.lambda(
                carbonMonoxide: Percentage(co), carbonDioxide: Percentage(co2), oxygen: Percentage(o2),
                hydrocarbons: Concentration(hc))
        else { return }
        lambdaSeenAt = sample.acquiredAt
        lambdas.append((reported, computed))
    }

    private mutating func expect(_ directive: Directive, at time: LaneInstant) {
        switch directive {
        case .brake(let force) where force.value > 0:
            // A set point that is moved is still the same order.
            if awaited[.dynamometer] == nil {
                awaited[.dynamometer] = Awaited(
                    action: "brake-force", condition: nil, force: force.value, since: time)
            }
        case .unload: awaited[.dynamometer] = nil
        case .analyzer(.zero):
            awaited[.gasAnalyzer] = Awaited(action: "zero", condition: .zeroing, force: nil, since: time)
        case .analyzer(.purge):
            awaited[.gasAnalyzer] = Awaited(action: "purge", condition: .purging, force: nil, since: time)
        default: break
        }
    }

    private mutating func lookForEffects(in frame: Frame) {
        for (role, action) in awaited {
            let isSeen: Bool
            if let force = action.force {
                // Without a force to look at, nothing can be said.
                guard let sample = frame.samples[.rollerForce], sample.validity == .valid, let value = sample.value
                else { continue }
                isSeen = value >= Self.someForce * force
            } else if let condition = action.condition {
                isSeen = frame.states[role]?.conditions.contains(condition) ?? false
            } else {
                isSeen = true
            }
            if isSeen {
                awaited[role] = nil
            } else if frame.time - action.since > Self.effectWithin {
                awaited[role] = nil
                // An instrument that never tells a status has nothing to show.
                if action.force != nil || frame.states[role] != nil { unseen[role] = action }
            }
        }
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private func shown(_ value: Double) -> String {
        (try? RoundedDecimal(value, places: 3).description) ?? "–"
    }
}

extension LineAccount {
    /// As the record holds it; times in microseconds.
    var record: JSONValue {
        func microseconds(_ time: Duration?) -> JSONValue {
            guard let time else { return .null }
            let (seconds, attoseconds) = time.components
            return .integer(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        }
        let commands = commands.sorted { $0.key < $1.key }.map { name, statistics -> JSONValue in
            var failures = JSONObject()
            for (kind, count) in statistics.failures { failures[kind.rawValue] = .integer(Int64(count)) }
            return [
                "command": .string(name), "count": .integer(Int64(statistics.count)),
                "p50Microseconds": microseconds(statistics.latency(0.5)),
                "p99Microseconds": microseconds(statistics.latency(0.99)),
                "maxMicroseconds": microseconds(statistics.slowest), "failures": .object(failures),
            ]
        }
        return [
            "role": .string(role.rawValue), "replies": .integer(Int64(counters.replies)),
            "timeouts": .integer(Int64(counters.timeouts)), "damaged": .integer(Int64(counters.checksumErrors)),
            "refused": .integer(Int64(counters.refusals)), "busy": .integer(Int64(counters.busyAnswers)),
            "discardedBytes": .integer(Int64(counters.discardedBytes)),
            "resyncs": .integer(Int64(counters.resyncs)), "reopens": .integer(Int64(counters.reopens)),
            "commands": .array(commands),
        ]
    }
}
