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
            let isInNeutral = status.gear == 0
            // Racing the engine to its governed speed lasts until the word to let go; a free acceleration is one stroke.
            let isRacing = status.pedal == .full && status.stage == .governedSpeed
            let maneuver: DriverCue.Maneuver? =
                status.pedal == .full && !isRacing ? (isInNeutral ? .freeAcceleration : .fullPedal) : nil
            let cue = DriverCue(
                // Without rollers there is nothing to hold; rolling vehicles are brought to rest.
                targetSpeed: status.targetSpeed?.value ?? 0, tolerance: status.speedTolerance?.value ?? 2,
                gear: status.gear, throttle: isRacing ? 1 : nil, probeInserted: status.probeWanted || isDriving,
                engineSpeed: status.pedal == nil ? status.targetEngineSpeed?.value : nil,
                comingSpeeds: status.trace.map(\.value),
                maneuver: maneuver)
            guard cue != last else { return }
            let hasInserted = cue.probeInserted && !(last?.probeInserted ?? false)
            last = cue
            apply(cue)
            if hasInserted { panel.post(.probeInserted) }
        }
    }
#endif
