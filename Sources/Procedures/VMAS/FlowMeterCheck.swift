public import Metrology
import Standards

/// The check of the exhaust flow meter before the test (流量计检查): in the room's air it must read the air's oxygen, and
/// draw enough.
struct FlowMeterCheck {
    /// What a second led to.
    enum Step {
        /// Nothing yet.
        case goesOn
        /// It is good.
        case ready
        /// It is not.
        case aborted(AbortReason)
    }

    private(set) var result = FlowMeterResult()

    private let rules: VMASRequirements.FlowMeterRules
    private let standard: GasStandard
    private var oxygen: MovingMean
    private var flow: MovingMean
    private var seconds = 0
    private var warmSeconds = 0

    init(_ requirements: VMASRequirements) {
        rules = requirements.flowMeter
        standard = requirements.mass.standard
        oxygen = MovingMean(length: requirements.preTest.samplingMean)
        flow = MovingMean(length: requirements.preTest.samplingMean)
    }

    mutating func take(_ second: SecondImage) -> Step {
        seconds += 1
        // A flow meter that tells no state is as warm as it will be.
        let isWarm = second.states[.flowMeter].map { !$0.conditions.contains(.warmingUp) } ?? true
        warmSeconds = isWarm ? warmSeconds + 1 : 0
        guard warmSeconds > rules.settle else { return notYet(.timeLimit(.flowMeter)) }
        guard let found = second[.dilutedOxygen], let stream = second.standardFlow(standard) else {
            oxygen.removeAll()
            flow.removeAll()
            return notYet(.timeLimit(.flowMeter))
        }
        oxygen.append(found)
        flow.append(stream.value)
        guard let oxygen = oxygen.mean, let flow = flow.mean else { return notYet(.timeLimit(.flowMeter)) }
        result = FlowMeterResult(oxygen: Percentage(oxygen), flow: LitreFlow(flow))
        guard abs(oxygen - rules.oxygenNominal.value).isAtMost(rules.oxygenTolerance) else {
            return notYet(.precondition(.flowMeterOxygen))
        }
        return flow.isBelow(rules.flowMinimum) ? notYet(.precondition(.flowMeterFlow)) : .ready
    }

    private func notYet(_ reason: AbortReason) -> Step { seconds >= rules.limit ? .aborted(reason) : .goesOn }
}

/// What the flow meter showed in the room's air; nil for what was not reached.
public struct FlowMeterResult: Hashable, Sendable {
    /// O2.
    public internal(set) var oxygen: Percentage?
    /// The stream at the standard state.
    public internal(set) var flow: LitreFlow?

    func report() throws(MetrologyError) -> Report {
        ["o2": try .number(oxygen?.value, 2), "flow": try .number(flow?.value, 2)]
    }
}

extension SecondImage {
    /// The flow meter's stream at a standard state; nil without one of its values.
    func standardFlow(_ standard: GasStandard) -> LitreFlow? {
        guard let flow = self[.exhaustFlow], let temperature = self[.flowTemperature],
            let pressure = self[.flowPressure]
        else { return nil }
        return try? standard.flow(
            VolumeFlow(flow), temperature: Temperature(temperature), pressure: Pressure(pressure))
    }
}
