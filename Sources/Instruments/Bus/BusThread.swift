import Foundation
import Glibc
import Synchronization

/// The thread of one bus: it runs the jobs of the bus's actor and, in between, waits for bytes on the port.
///
/// Blocking calls into C libraries happen here and stall nobody else. While idle the thread sits in poll(2) on the
/// port's descriptor and on a socket by which new jobs wake it, so that a stream is read, and stamped, as it comes.
/// What is to happen at regular times happens here, too: to be woken for it by another thread would cost more than the
/// exchange itself.
final class BusThread: SerialExecutor {
    private struct Watch {
        let descriptor: Int32
        let inputArrived: @Sendable () -> Void
    }

    private struct Alarm {
        /// On the machine's monotonic clock.
        var due: Duration
        /// Returns when it is to be called again; nil for never.
        let ring: @Sendable (Duration) -> Duration?
        let number: Int
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var watch: Watch?
        var alarm: Alarm?
        var alarms = 0
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

    // MARK: Alarm

    /// Calls `ring` on this thread as soon as a moment of the machine's monotonic clock has come and no job is
    /// waiting, and again at each moment that it returns. It takes the place of an earlier one.
    func setAlarm(at due: Duration, ring: @escaping @Sendable (Duration) -> Duration?) {
        state.withLock { state in
            state.alarms += 1
            state.alarm = Alarm(due: due, ring: ring, number: state.alarms)
        }
        wake()
    }

    /// Forgets the alarm; one that is ringing just now is not waited for.
    func clearAlarm() { state.withLock { $0.alarm = nil } }

    /// Rings the alarm if it is due, from within a job that takes long.
    func ringIfDue() {
        if let alarm = state.withLock({ $0.alarm }) { _ = ring(alarm) }
    }

    /// Ends the thread after the jobs that are queued.
    func stop() {
        state.withLock {
            $0.stopping = true
            $0.watch = nil
            $0.alarm = nil
        }
        wake()
    }

    // MARK: Thread

    private func run() {
        state.withLock { $0.thread = pthread_self() }
        while true {
            let (jobs, watch, alarm, stopping) = state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                return (jobs, state.watch, state.alarm, state.stopping)
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if !jobs.isEmpty { continue }
            if stopping { return }
            if let alarm, ring(alarm) { continue }
            wait(watch, upTo: alarm.map { $0.due - monotonicTime() })
        }
    }

    /// Rings an alarm that is due; false if it is not.
    private func ring(_ alarm: Alarm) -> Bool {
        guard alarm.due <= monotonicTime() else { return false }
        let next = alarm.ring(alarm.due)
        state.withLock { state in
            // Another may have been set, or this one forgotten, meanwhile.
            guard state.alarm?.number == alarm.number else { return }
            if let next { state.alarm?.due = next } else { state.alarm = nil }
        }
        return true
    }

    private func wait(_ watch: Watch?, upTo time: Duration?) {
        var entries = [
            pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        // Without a socket (no descriptors left) jobs are looked for a hundred times a second.
        let forever: Int32 = wakeUp.read < 0 ? 10 : -1
        guard poll(&entries, 2, time.map { max(.zero, $0).pollMilliseconds } ?? forever) > 0 else { return }
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
