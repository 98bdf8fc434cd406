import Metrology
import Plant

/// The one plant that all instruments of a lane look at, advanced to the present whenever somebody does.
final class PlantHost: Sendable {
    let clock: SimulationClock
    let vehicle: Vehicle
    /// kg at the roller's surface.
    let baseInertia: Double
    private let state: Guarded<State>

    private struct State {
        var plant: Plant
        var time: LaneInstant
    }

    init(_ plant: Plant, clock: SimulationClock) {
        self.clock = clock
        vehicle = plant.vehicle
        baseInertia = plant.baseInertia.value
        state = Guarded(State(plant: plant, time: clock.now))
    }

    func observe() -> PlantSnapshot {
        state.withLock { state in
            advance(&state)
            return state.plant.snapshot
        }
    }

    func command(_ change: (inout Plant) -> Void) {
        state.withLock { state in
            advance(&state)
            change(&state.plant)
        }
    }

    private func advance(_ state: inout State) {
        let now = clock.now
        guard now > state.time else { return }
        state.plant.advance(by: now - state.time)
        state.time = now
    }
}
