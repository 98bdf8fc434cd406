import Instruments
import Lane
import Metrology
import Synchronization
import Testing

/// A dynamometer that takes until it is told to make way for each load, as one does that never confirms.
private final class StubbornBrake: ObedientInstrument {
    let role = InstrumentRole.dynamometer
    let actions = Set(InstrumentAction.Kind.allCases)

    private let state = Mutex<(performed: [InstrumentAction], way: [CheckedContinuation<Void, Never>])>(([], []))
    private let loads: AsyncStream<Void>.Continuation
    /// An element for each load that has begun.
    let begun: AsyncStream<Void>

    init() { (begun, loads) = AsyncStream.makeStream(of: Void.self) }

    /// Whether a load waits for its confirmation.
    var isLoading: Bool { state.withLock { !$0.way.isEmpty } }

    var performed: [InstrumentAction] { state.withLock { $0.performed } }

    func perform(_ action: InstrumentAction) async throws(InstrumentError) {
        guard case .brakeForce = action else { return state.withLock { $0.performed.append(action) } }
        await withCheckedContinuation { continuation in
            state.withLock {
                $0.performed.append(action)
                $0.way.append(continuation)
            }
            loads.yield()
        }
    }

    func wayIsClear() {}

    func makeWay() {
        let waiting = state.withLock { state in
            defer { state.way = [] }
            return state.way
        }
        for continuation in waiting { continuation.resume() }
    }
}

@Suite("The actions of an instrument")
struct ActionQueueTests {
    @Test("let the unload pass every load that waits, and send the newest of several")
    func unloadFirst() async throws {
        let brake = StubbornBrake()
        let queue = ActionQueue(brake) { role, error in Issue.record("\(role): \(error)") }
        var begun = brake.begun.makeAsyncIterator()
        queue.add(.liftDown)
        queue.add(.brakeForce(Force(100)))
        await begun.next()
        for force in [200, 300, 400] { queue.add(.brakeForce(Force(Double(force)))) }
        queue.add(.motorOn)
        queue.add(.liftUp)
        queue.add(.brakeOff)
        queue.add(.brakeForce(Force(500)))
        queue.add(.brakeForce(Force(600)))
        await begun.next()
        #expect(
            brake.performed == [
                .liftDown, .brakeForce(Force(100)), .brakeOff, .motorOn, .liftUp, .brakeForce(Force(600)),
            ])
        // The motor has no quarrel with the load: it is waited until the brake has confirmed.
        queue.add(.motorOff)
        #expect(brake.performed.count == 6 && brake.isLoading)
        brake.makeWay()
        await queue.finish()
        #expect(brake.performed.last == .motorOff)
        #expect(brake.performed.count == 7)
    }
}
