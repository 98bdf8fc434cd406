#if Simulation
    import Lane
    import Metrology
    import Plant
    import Procedures
    import SimulatedInstruments

    /// Turns what a procedure shows into what the simulated driver is asked to do.
    ///
    /// The driver sees what a human driver would see on the driver's aid, and nothing else of the test.
    actor SimulatedDriver {
        private let apply: @Sendable (DriverCue) -> Void
        private let panel: OperatorPanel
        private var last: DriverCue?

        /// A driver whose cues go through `apply`.
        init(panel: OperatorPanel, apply: @escaping @Sendable (DriverCue) -> Void) {
            self.panel = panel
            self.apply = apply
        }

        /// Follows the driver's aid.
        func follow(_ status: ProcedureStatus) {
            let isDriving = status.targetSpeed != nil
            let maneuver: DriverCue.Maneuver? =
                status.pedal == .full ? (isDriving || status.gear != nil ? .fullPedal : .freeAcceleration) : nil
            let cue = DriverCue(
                // Without rollers there is nothing to hold; rolling vehicles are brought to rest.
                targetSpeed: status.targetSpeed?.value ?? 0, tolerance: status.speedTolerance?.value ?? 2,
                gear: status.gear, probeInserted: status.probeWanted || isDriving,
                engineSpeed: status.targetEngineSpeed?.value, comingSpeeds: status.trace.map(\.value),
                maneuver: maneuver)
            guard cue != last else { return }
            let hasInserted = cue.probeInserted && !(last?.probeInserted ?? false)
            last = cue
            apply(cue)
            if hasInserted { panel.post(.probeInserted) }
        }
    }
#endif
