import Foundation
import Glibc
import Synchronization

/// The thread of one bus: it runs the jobs of the bus's actor and, in between, waits for bytes on the port.
///
/// Blocking calls into C libraries happen here and stall nobody else. While idle the thread sits in poll(2) on the
/// port's descriptor and on a socket by which new jobs wake it, so that a stream is read, and stamped, as it comes.
final class BusThread: SerialExecutor {
    private struct Watch {
        let descriptor: Int32
        let inputArrived: @Sendable () -> Void
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var watch: Watch?
        var stopping = false
        var thread: pthread_t?
    }

    private let state = Mutex(State())
    /// Two ends of a socket: what is written to the second makes poll(2) on the first return.
    private let wakeUp: (read: Int32, write: Int32)

    init(name: String) {
        var ends: [Int32] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        _ = socketpair(AF_UNIX, Int32(kind), 0, &ends)
        wakeUp = (ends[0], ends[1])
        // The thread keeps this object alive until `stop`.
        let thread = Thread { self.run() }
        thread.name = name
        thread.start()
    }

    deinit {
        for end in [wakeUp.read, wakeUp.write] where end >= 0 { close(end) }
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wake()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Lets the port's handler, which is no job, enter the actor by `assumeIsolated`.
    func checkIsolated() {
        precondition(isCurrent, "called from outside the bus's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool {
        state.withLock { state in state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    // MARK: Port

    /// Calls `inputArrived` on this thread whenever the descriptor has input or has hung up and no job is waiting.
    func watch(_ descriptor: Int32, inputArrived: @escaping @Sendable () -> Void) {
        state.withLock { $0.watch = Watch(descriptor: descriptor, inputArrived: inputArrived) }
        wake()
    }

    /// Stops watching; called before the descriptor is closed.
    func unwatch() { state.withLock { $0.watch = nil } }

    /// Ends the thread after the jobs that are queued.
    func stop() {
        state.withLock {
            $0.stopping = true
            $0.watch = nil
        }
        wake()
    }

    // MARK: Thread

    private func run() {
        state.withLock { $0.thread = pthread_self() }
        while true {
            let (jobs, watch, stopping) = state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                return (jobs, state.watch, state.stopping)
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if !jobs.isEmpty { continue }
            if stopping { return }
            wait(watch)
        }
    }

    private func wait(_ watch: Watch?) {
        var entries = [
            pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        // Without a socket (no descriptors left) jobs are looked for a hundred times a second.
        guard poll(&entries, 2, wakeUp.read < 0 ? 10 : -1) > 0 else { return }
        if entries[0].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            _ = read(wakeUp.read, &bytes, bytes.count)
        }
        if entries[1].revents != 0 { watch?.inputArrived() }
    }

    private func wake() {
        // A full socket refuses the byte, and is reason enough to wake up.
        var byte: UInt8 = 1
        _ = write(wakeUp.write, &byte, 1)
    }
}
