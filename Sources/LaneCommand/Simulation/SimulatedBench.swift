#if Simulation
    import Metrology
    import Plant
    import SimulatedInstruments

    /// Where reference materials can be connected to simulated instruments.
    protocol SimulatedBench: Sendable {
        func present(_ cue: DriverCue)
        func connect(_ bottle: BottledGas?, to port: SampleInlet) async throws
        func insert(filterOpacity: Percentage) async throws
        func hang(weight: Force) async throws
        func set(_ standards: ReferenceSettings) async throws
        func observe() async throws -> PlantSnapshot
    }

    extension ControlClient: SimulatedBench {
        func present(_ cue: DriverCue) { send(cue) }
        func observe() async throws -> PlantSnapshot { try await snapshot().plant }
    }

    extension SimulatedLane: SimulatedBench {
        func present(_ cue: DriverCue) { apply(cue) }
        func observe() async throws -> PlantSnapshot { snapshot().plant }
    }
#endif
