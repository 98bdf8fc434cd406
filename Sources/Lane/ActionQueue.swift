package import Instruments
package import Metrology
import Synchronization

/// One instrument's actions, one after the other; what makes the lane safe goes first.
///
/// Taking the load off waits for nothing that was ordered before: loads that have not been sent are dropped, and one
/// that still waits for its confirmation is broken off. Of loads that wait only the newest is sent, since each takes the
/// place of the one before.
package final class ActionQueue: Sendable {
    private let orders = Orders()
    private let wakeUps: AsyncStream<Void>.Continuation
    private let worker: Task<Void, Never>
    private let instrument: any ObedientInstrument
    private let failed: @Sendable (InstrumentRole, InstrumentError) -> Void

    /// Creates a queue; `failed` is told of an action that the instrument did not carry out.
    package init(
        _ instrument: any ObedientInstrument, failed: @escaping @Sendable (InstrumentRole, InstrumentError) -> Void
    ) {
        self.instrument = instrument
        self.failed = failed
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        wakeUps = continuation
        let orders = orders
        let work: @Sendable () async -> Void = {
            while let action = orders.take() {
                await Self.obey(action, instrument, failed)
                if action.kind.needsWay { instrument.wayIsClear() }
            }
        }
        worker = Task {
            for await _ in stream { await work() }
            await work()
        }
    }

    /// Carries an action out now.
    package func carryOut(_ action: InstrumentAction) async { await Self.obey(action, instrument, failed) }

    /// Queues an action.
    package func add(_ action: InstrumentAction) {
        if action.kind.needsWay { instrument.makeWay() }
        orders.add(action)
        wakeUps.yield()
    }

    /// Waits until everything queued has been carried out or has failed; nothing can be queued afterwards.
    package func finish() async {
        wakeUps.finish()
        await worker.value
    }

    private static func obey(
        _ action: InstrumentAction, _ instrument: any ObedientInstrument,
        _ failed: @Sendable (InstrumentRole, InstrumentError) -> Void
    ) async {
        // A dynamometer without a lift has nothing to move, an opacimeter without a peak memory nothing to forget, and
        // one without a shutter has its light blocked by a person; every other missing action is a failure.
        let optional: [InstrumentAction] = [.liftDown, .liftUp, .clearPeak, .fullScale]
        if optional.contains(action), !instrument.actions.contains(action.kind) { return }
        do throws(InstrumentError) {
            try await instrument.perform(action)
        } catch {
            failed(instrument.role, error)
        }
    }
}

/// What has been ordered and not begun.
private final class Orders: Sendable {
    private let waiting = Mutex<[InstrumentAction]>([])

    func add(_ action: InstrumentAction) {
        waiting.withLock { waiting in
            switch action.kind {
            case .brakeOff: waiting.removeAll { $0.kind.loadsBrake }
            case .motorOff: waiting.removeAll { $0.kind == .motorOn }
            default: break
            }
            if action.kind.isUrgent {
                waiting.insert(action, at: waiting.firstIndex { !$0.kind.isUrgent } ?? waiting.endIndex)
            } else if action.kind.loadsBrake, waiting.last?.kind.loadsBrake == true {
                waiting[waiting.endIndex - 1] = action
            } else {
                waiting.append(action)
            }
        }
    }

    func take() -> InstrumentAction? {
        waiting.withLock { waiting in waiting.isEmpty ? nil : waiting.removeFirst() }
    }
}
