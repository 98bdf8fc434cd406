package import Metrology
package import Plant

/// A simulated instrument without a line: bytes go in and frames come out, at times that its owner tells. For tests of
/// drivers and for runs of many lanes in memory.
package final class MemoryInstrument: Sendable {
    /// Its model.
    package let model: String
    private let host: PlantHost
    private let log = FrameLog()
    private let state: Guarded<State>

    fileprivate struct State {
        var instrument: any WireInstrument
        var surroundings: Surroundings
    }

    /// Values to be shown instead of the lane's, so that a frame can be compared with one that a manual prints.
    package struct Stage: Sendable {
        /// What the instrument sees of the lane.
        package var seen: PlantSnapshot
        /// The gas that the cells show.
        package var gas: GasMixture
        /// The lambda that is shown with it; nil for that of the gas.
        package var lambda: Double?
        /// The pressure in the sample line, kPa; nil for that of the room.
        package var linePressure: Double?

        /// Creates a stage.
        package init(seen: PlantSnapshot, gas: GasMixture) { (self.seen, self.gas) = (seen, gas) }
    }

    /// Switches an instrument on.
    ///
    /// - Parameters:
    ///   - warmUp: s.
    ///   - time: the lane's time, ns.
    /// - Throws: ``SimulationError/unknownModel(_:role:)`` or a system error.
    package init(
        _ role: InstrumentRole, _ model: String, vehicle: Vehicle, seed: UInt64 = 1, warmUp: Double = 0,
        time: @escaping @Sendable () -> Int64
    ) throws(SimulationError) {
        guard let simulated = SimulatedModel(rawValue: model), simulated.roles.contains(role) else {
            throw .unknownModel(model, role: role)
        }
        self.model = model
        host = PlantHost(Plant(vehicle: vehicle, seed: seed), clock: SimulationClock(speed: 1, source: time))
        let surroundings = Surroundings(host: host, log: log, unit: simulated.usualUnit)
        let instrument = try simulated.instrument(
            surroundings, warmUp: LaneSpan(nanoseconds: Int64(warmUp * 1e9)))
        state = Guarded(State(instrument: instrument, surroundings: surroundings))
    }

    deinit { state.withLock { $0.instrument.end() } }

    /// What the instrument answers to these bytes, and before that whatever it has sent by itself since.
    package func receive(_ bytes: [UInt8]) -> [[UInt8]] {
        state.withLock { state in
            let before = state.act()
            let replies = state.instrument.receive(bytes, state.surroundings)
            return before + replies + state.relayed(expected: !bytes.isEmpty)
        }
    }

    /// What the instrument has sent by itself by now.
    package func act() -> [[UInt8]] { state.withLock { $0.act() } }

    /// When it acts next without being asked; nil if it does not.
    package var nextEvent: LaneInstant? { state.withLock { $0.instrument.nextEvent } }

    /// Lets it show other values than the lane's, or with nil the lane's again.
    package func show(_ stage: Stage?) {
        state.withLock { state in
            var seen = stage?.seen
            if let stage {
                seen?.sample = GasCells.signal(showing: stage.gas)
                seen?.nitrogenSample = GasCells.signal(showing: stage.gas)
            }
            state.surroundings.stuck = seen
            state.surroundings.lambda = stage?.lambda
            state.surroundings.linePressure = stage?.linePressure
        }
    }

    /// Tells the driver what to do from now on.
    package func apply(_ cue: DriverCue) { host.command { $0.take(cue) } }

    /// Changes what goes wrong with driver, vehicle and sampling.
    package func disturb(_ change: @Sendable (inout Plant.Disturbance) -> Void) {
        host.command { change(&$0.disturbance) }
    }

    /// Everything that can be seen of the lane now.
    package var plant: PlantSnapshot { host.observe() }

    /// What it has received and sent so far.
    package var frames: FrameCounts { log.snapshot }

    /// The rows that a sign shows; nil for what is no sign, or shows nothing yet.
    package var screen: [String]? { log.shown }
}

extension MemoryInstrument.State {
    fileprivate mutating func act() -> [[UInt8]] {
        var frames: [[UInt8]] = []
        // A bounded number: what is due again at once would never end.
        for _ in 0..<1000 {
            guard let event = instrument.nextEvent, surroundings.now >= event else { break }
            if let frame = instrument.act(surroundings) { frames.append(frame) }
        }
        return frames
    }

    /// What a library that speaks for the instrument answers; it takes a moment of real time.
    fileprivate func relayed(expected: Bool) -> [[UInt8]] {
        guard expected, let relay = instrument.relay else { return [] }
        let ready = waitForInput([relay], nanoseconds: 500_000_000)
        return ready.isEmpty ? [] : [readAvailable(relay)]
    }
}
