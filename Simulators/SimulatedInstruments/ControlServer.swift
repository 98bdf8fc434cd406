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
/// | `{"wait": {"value": "plant.brakeForce", "below": 200, "seconds": 1}}` | `{"ok": true}` as soon as the number in the state is below (`above`) the bound, `{"ok": false}` after so many seconds, two at most |
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
        /// Where it listens already, before it serves.
        var claimed: Int32?
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

    /// Takes the path before the lane is started, which would take the other one's ports; whoever connects is served
    /// from ``start()`` on.
    ///
    /// - Throws: ``SimulationError/inUse(_:)`` if another lane is driven there, or as ``start()``.
    public func claim() throws(SimulationError) {
        guard state.withLock({ $0.worker == nil && $0.claimed == nil && !$0.isStopping }) else { throw .notStartable }
        let listener = try UnixSocket.listen(at: path)
        state.withLock { $0.claimed = listener }
    }

    /// Listens, unless the path is claimed already, and serves on a thread of its own.
    ///
    /// - Throws: ``SimulationError`` if it runs already, or the path is taken or cannot be listened at.
    public func start() throws(SimulationError) {
        if state.withLock({ $0.claimed == nil }) { try claim() }
        state.withLock { state in
            guard let listener = state.claimed else { return }
            state.claimed = nil
            state.worker = Worker("control socket") { [self] in serve(listener) }
        }
    }

    /// Closes all connections and the socket, and removes it; returns when that is done. Safe to call again.
    public func stop() {
        let (worker, claimed) = state.withLock { state in
            defer { (state.worker, state.claimed) = (nil, nil) }
            state.isStopping = true
            return (state.worker, state.claimed)
        }
        wakeUp.signal()
        worker?.join()
        if let claimed {
            close(claimed)
            unlink(path)
        }
    }

    // MARK: On the server's thread

    /// Longer lines are no orders.
    private static let longestLine = 65_536

    private func serve(_ listener: Int32) {
        var clients: [Int32: Client] = [:]
        defer {
            clients.keys.forEach { close($0) }
            close(listener)
            unlink(path)
        }
        while true {
            // Who waits for the lane has said all that there is to be read for now.
            let speaking = clients.filter { $0.value.wait == nil }.keys
            let ready = waitForInput(
                [wakeUp.descriptor, listener] + speaking,
                nanoseconds: speaking.count < clients.count ? ControlWait.step : nil)
            if state.withLock({ $0.isStopping }) { return }
            for descriptor in ready where descriptor == listener {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { continue }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                // A client that does not read its answers must not hold the others up.
                var patience = timeval(tv_sec: 1, tv_usec: 0)
                setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
                clients[client] = Client()
            }
            for (descriptor, client) in clients {
                let next = client.wait == nil && !ready.contains(descriptor) ? client : serve(client, at: descriptor)
                clients[descriptor] = next
                if next == nil { close(descriptor) }
            }
        }
    }

    /// A connection: what has come of its next line, and what it waits for.
    private struct Client {
        var buffer: [UInt8] = []
        var wait: ControlWait?
    }

    /// Answers one that waits, if it is time to, or reads what there is; then answers whole lines. Nil at the end of
    /// the connection.
    private func serve(_ client: Client, at descriptor: Int32) -> Client? {
        var client = client
        if let wait = client.wait {
            guard let reply = wait.answer(lane) else { return client }
            client.wait = nil
            guard answer(descriptor, reply) else { return nil }
        } else {
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count: Int = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count < 0 { return errno == EAGAIN || errno == EINTR ? client : nil }
            guard count > 0 else { return nil }
            client.buffer += chunk.prefix(count)
        }
        while client.wait == nil, let end = client.buffer.firstIndex(of: 0x0A) {
            let line = Array(client.buffer[..<end])
            client.buffer.removeFirst(end + 1)
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            let (reply, order, isStop) = lane.carryOut(line)
            if let order {
                client.wait = ControlWait(order)
                continue
            }
            guard answer(descriptor, reply) else { return nil }
            if isStop { onStop() }
        }
        return client.buffer.count > Self.longestLine ? nil : client
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
