import Metrology
import Standards

/// Sets the brake ten times a second so that rollers and brake together feel like the road and the vehicle's inertia
/// (电惯量模拟).
///
/// A brake can only brake: where the vehicle would have to be driven by the rollers, its force is zero and the record
/// shows the difference.
struct VMASLoadControl {
    /// The force that was due at the surface, and the share of the brake; nil while no speed was valid.
    private(set) var demand: VMASDemand?

    private let load: VMASLoad
    private let rules: VMASRequirements.Load
    private let parasiticLoss: ParasiticLoss
    private var estimate: AccelerationEstimate
    private var sent: Force?

    init(_ test: VMASTest) {
        load = test.load
        rules = test.requirements.load
        parasiticLoss = test.parasiticLoss
        estimate = AccelerationEstimate(window: rules.accelerationWindow)
    }

    /// What the brake is to do now; nil to leave it as it is.
    mutating func take(_ frame: Frame) -> Directive? {
        let reading = frame[.rollerSpeed]
        guard let speed = reading.valid, let time = reading.acquiredAt else { return nil }
        estimate.take(speed, at: time)
        let due = due(at: speed)
        demand = due
        if let sent {
            // To let go of the vehicle is never too small a change.
            let isSmall = due.brake.value > 0 && (due.brake - sent).magnitude.value.isBelow(rules.forceStep)
            guard due.brake != sent, !isSmall else { return nil }
        }
        sent = due.brake
        return .brake(due.brake)
    }

    private func due(at speed: Speed) -> VMASDemand {
        guard !speed.value.isBelow(rules.loadFrom) else {
            return VMASDemand(total: nil, parasitic: nil, brake: Force(0))
        }
        let total = load.force(at: speed, estimate.acceleration)
        let parasitic = parasiticLoss.power(at: speed) / speed
        let brake = total - parasitic
        // A tenth of a newton is finer than any brake.
        return VMASDemand(
            total: total, parasitic: parasitic, brake: Force(max(0, (brake.value * 10).rounded() / 10)))
    }
}

/// What was due at one moment.
struct VMASDemand: Hashable {
    /// At the roller's surface, beside the rollers' own inertia; nil where the brake is left without force.
    let total: Force?
    /// What the rollers take of it.
    let parasitic: Force?
    /// Of the brake.
    let brake: Force
}
