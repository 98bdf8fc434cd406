import Lane
import Metrology
import Plant
import Procedures

/// A driver who does what the driver's aid shows, and an operator whose patience ends.
struct ChaosDriver {
    let plan: ChaosPlan
    let panel: OperatorPanel
    let apply: (DriverCue) -> Void

    private var last: DriverCue?
    private var hasEnded = false

    init(_ plan: ChaosPlan, panel: OperatorPanel, apply: @escaping (DriverCue) -> Void) {
        self.plan = plan
        self.panel = panel
        self.apply = apply
    }

    mutating func follow(_ frame: Frame, _ status: ProcedureStatus) {
        let isRacing = status.pedal == .full && status.stage == .governedSpeed
        let cue = DriverCue(
            targetSpeed: status.targetSpeed?.value ?? 0, tolerance: status.speedTolerance?.value ?? 2,
            gear: status.gear, throttle: isRacing ? 1 : nil,
            probeInserted: status.probeWanted || status.targetSpeed != nil,
            engineSpeed: status.pedal == nil ? status.targetEngineSpeed?.value : nil,
            comingSpeeds: status.trace.map(\.value),
            maneuver: status.pedal == .full && !isRacing ? (status.gear == 0 ? .freeAcceleration : .fullPedal) : nil)
        if cue != last {
            if cue.probeInserted, last?.probeInserted != true { panel.post(.probeInserted) }
            last = cue
            apply(cue)
        }
        if !hasEnded, frame.time.seconds >= plan.patience {
            hasEnded = true
            panel.post(plan.endsByEmergencyStop ? .emergencyStop : .operatorAbort)
        }
    }
}
