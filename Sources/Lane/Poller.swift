import Instruments
import Metrology
import Synchronization

/// Asks the instruments when they are due, and holds their reports until the next frame.
///
/// In a lane that runs at life's pace the instruments ask by themselves, each on its own thread, and a tick does not
/// wait: a report that comes late is in a later frame, with its own time. In a simulated lane that runs faster, a tick
/// asks and waits for every due report, since waits for the wire are real and would otherwise be many ticks long.
final class Poller: Sendable {
    /// How long before a tick a stream hands over what it has sent, so that the newest of it is in the tick's frame.
    private static let lead = Duration.milliseconds(10)

    /// Where reports gather; the instruments hold it, and not the poller.
    private final class Inbox: Sendable {
        let reports = Mutex<[InstrumentReport]>([])

        func add(_ report: InstrumentReport) { reports.withLock { $0.append(report) } }
    }

    private struct State {
        var hasStarted = false
        var due: [InstrumentRole: LaneInstant] = [:]
    }

    private let instruments: [any LaneInstrument]
    private let waits: Bool
    private let inTurn: Bool
    private let inbox = Inbox()
    private let state = Mutex(State())

    /// Creates a poller.
    ///
    /// - Parameters:
    ///   - waitsForReports: whether a tick asks and waits.
    ///   - inTurn: whether it asks one instrument after the other.
    init(_ instruments: [any LaneInstrument], waitsForReports: Bool, inTurn: Bool = false) {
        self.instruments = instruments
        waits = waitsForReports
        self.inTurn = inTurn
    }

    deinit { if !waits { for instrument in instruments { instrument.stopPolling() } } }

    /// Sees to it that every instrument is asked that is due at a tick.
    func poll(at tick: LaneInstant) async {
        guard waits else {
            startOnce()
            return
        }
        let due = state.withLock { state in
            let due = instruments.filter { state.due[$0.role] ?? tick <= tick }
            // From the tick, not from the last due time: a lane that was late does not ask twice in a row.
            for instrument in due { state.due[instrument.role] = tick + instrument.pollInterval }
            return due
        }
        await askAll(due, waitingForFresh: true)
        // While one was waited for, the streams went on: a slow reply must not make their readings old.
        guard due.contains(where: { !$0.sendsByItself }) else { return }
        await askAll(instruments.filter(\.sendsByItself), waitingForFresh: false)
    }

    /// The reports since the last call, in the order in which they came.
    func takeReports() -> [InstrumentReport] {
        inbox.reports.withLock { reports in
            defer { reports.removeAll(keepingCapacity: true) }
            return reports
        }
    }

    /// Lets the instruments ask by themselves, from the first tick on.
    private func startOnce() {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        guard isFirst else { return }
        for instrument in instruments {
            let interval = Duration.nanoseconds(instrument.pollInterval.nanoseconds)
            instrument.startPolling(
                every: interval, after: instrument.sendsByItself ? interval - Self.lead : .zero,
                deliver: { [inbox] in inbox.add($0) })
        }
    }

    private func askAll(_ instruments: [any LaneInstrument], waitingForFresh: Bool) async {
        if inTurn {
            for instrument in instruments { inbox.add(await instrument.poll(waitingForFresh: waitingForFresh)) }
            return
        }
        await withTaskGroup { group in
            for instrument in instruments {
                group.addTask { [inbox] in inbox.add(await instrument.poll(waitingForFresh: waitingForFresh)) }
            }
        }
    }
}
