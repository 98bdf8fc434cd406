import Foundation

/// Lets other processes drive a simulated lane over a Unix-domain socket: one JSON object per line, each answered by
/// one line.
///
/// | line | answer |
/// |---|---|
/// | `{"cue": {"targetSpeed": 25, "probeInserted": true}}` | `{"ok": true}` |
/// | `{"fault": {"role": "gas-analyzer", "kind": "silent"}}` | `{"ok": true}` |
/// | `{"clear": "gas-analyzer"}` | `{"ok": true}` |
/// | `{"end": {"role": "gas-analyzer", "kind": "silent"}}` | `{"ok": true}` |
/// | `{"bottle": {"port": "check-gas", "gas": {"propane": 200, "co": 0.5}}}` | `{"ok": true}` |
/// | `{"filter": 40}`, `{"weight": 1000}`, `{"reference": {"engineSpeed": 2500}}` | `{"ok": true}` |
/// | `{"state": true}` | `{"state": {…}}`, a ``LaneSnapshot`` |
/// | `{"stop": true}` | `{"ok": true}`, then `onStop` |
///
/// Anything else is answered by `{"error": "…"}`.
public final class ControlServer: Sendable {
    private let lane: SimulatedLane
    private let path: String
    private let onStop: @Sendable () -> Void
    private let wakeUp: WakeUp
    private let state = Guarded(State())

    private struct State {
        var worker: Worker?
        var isStopping = false
    }

    /// Creates a server; it listens from ``start()`` on.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - onStop: called on the server's thread when a client asks the lane to stop. It must not call ``stop()``
    ///     itself, which waits for that thread.
    public init(lane: SimulatedLane, path: String, onStop: @escaping @Sendable () -> Void) throws(SimulationError) {
        self.lane = lane
        self.path = path
        self.onStop = onStop
        wakeUp = try WakeUp()
    }

    deinit { wakeUp.close() }

    /// Listens, and serves on a thread of its own.
    ///
    /// - Throws: ``SimulationError`` if it runs already, or the path is taken or cannot be listened at.
    public func start() throws(SimulationError) {
        guard state.withLock({ $0.worker == nil && !$0.isStopping }) else { throw .notStartable }
        let listener = try UnixSocket.listen(at: path)
        state.withLock { $0.worker = Worker("control socket") { [self] in serve(listener) } }
    }

    /// Closes all connections and the socket, and removes it; returns when that is done. Safe to call again.
    public func stop() {
        let worker = state.withLock { state in
            defer { state.worker = nil }
            state.isStopping = true
            return state.worker
        }
        wakeUp.signal()
        worker?.join()
    }

    // MARK: On the server's thread

    /// Longer lines are no orders.
    private static let longestLine = 65_536

    private func serve(_ listener: Int32) {
        var clients: [Int32: [UInt8]] = [:]
        defer {
            clients.keys.forEach { close($0) }
            close(listener)
            unlink(path)
        }
        while true {
            let ready = waitForInput([wakeUp.descriptor, listener] + clients.keys, nanoseconds: nil)
            if state.withLock({ $0.isStopping }) { return }
            for descriptor in ready where descriptor == listener {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { continue }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                // A client that does not read its answers must not hold the others up.
                var patience = timeval(tv_sec: 1, tv_usec: 0)
                setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
                clients[client] = []
            }
            for descriptor in ready {
                guard let pending = clients[descriptor] else { continue }
                clients[descriptor] = take(from: descriptor, after: pending)
                if clients[descriptor] == nil { close(descriptor) }
            }
        }
    }

    /// Reads what there is and answers whole lines; returns the begun line, or nil at the end of the connection.
    private func take(from client: Int32, after pending: [UInt8]) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count: Int = recv(client, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count < 0 { return errno == EAGAIN || errno == EINTR ? pending : nil }
        guard count > 0 else { return nil }
        var buffer = pending
        buffer += chunk.prefix(count)
        while let end = buffer.firstIndex(of: 0x0A) {
            let line = Array(buffer[..<end])
            buffer.removeFirst(end + 1)
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            let (reply, isStop) = lane.carryOut(line)
            guard answer(client, reply) else { return nil }
            if isStop { onStop() }
        }
        return buffer.count > Self.longestLine ? nil : buffer
    }

    private func answer(_ client: Int32, _ reply: ControlReply) -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(reply) else { return false }
        return sendAll(client, Array(json) + [0x0A])
    }
}

/// Sends all bytes on a blocking socket; false if the other side is gone or does not read.
func sendAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
    }
    return true
}
