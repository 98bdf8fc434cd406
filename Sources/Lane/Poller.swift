import Instruments
import Metrology
import Synchronization

/// Asks the instruments when they are due, and holds their reports until the next frame.
///
/// In a lane that runs at life's pace a tick does not wait: a report that comes late is in a later frame, with its own
/// time. In a simulated lane that runs faster, a tick waits for every due report, since waits for the wire are real
/// and would otherwise be many ticks long.
final class Poller: Sendable {
    private struct State {
        var reports: [InstrumentReport] = []
        var due: [InstrumentRole: LaneInstant] = [:]
        var underWay: Set<InstrumentRole> = []
    }

    private let instruments: [any LaneInstrument]
    private let waits: Bool
    private let state = Mutex(State())

    init(_ instruments: [any LaneInstrument], waitsForReports: Bool) {
        self.instruments = instruments
        waits = waitsForReports
    }

    /// Asks every instrument that is due at a tick and not still being asked.
    func poll(at tick: LaneInstant) async {
        let due = state.withLock { state in
            let due = instruments.filter { instrument in
                !state.underWay.contains(instrument.role) && state.due[instrument.role] ?? tick <= tick
            }
            for instrument in due {
                state.underWay.insert(instrument.role)
                // From the tick, not from the last due time: a lane that was late does not ask twice in a row.
                state.due[instrument.role] = tick + instrument.pollInterval
            }
            return due
        }
        guard waits else {
            for instrument in due { Task { await ask(instrument, waitingForFresh: false) } }
            return
        }
        await askAll(due, waitingForFresh: true)
        // While one was waited for, the streams went on: a slow reply must not make their readings old.
        guard due.contains(where: { !$0.sendsByItself }) else { return }
        await askAll(instruments.filter(\.sendsByItself), waitingForFresh: false)
    }

    /// The reports since the last call, in the order in which they came.
    func takeReports() -> [InstrumentReport] {
        state.withLock { state in
            defer { state.reports.removeAll(keepingCapacity: true) }
            return state.reports
        }
    }

    private func askAll(_ instruments: [any LaneInstrument], waitingForFresh: Bool) async {
        await withTaskGroup { group in
            for instrument in instruments {
                group.addTask { await self.ask(instrument, waitingForFresh: waitingForFresh) }
            }
        }
    }

    private func ask(_ instrument: any LaneInstrument, waitingForFresh: Bool) async {
        let report = await instrument.poll(waitingForFresh: waitingForFresh)
        state.withLock { state in
            state.reports.append(report)
            state.underWay.remove(instrument.role)
        }
    }
}
