public import Metrology
public import Plant
import Foundation

/// The other side of a ``ControlServer``.
///
/// All socket work is done on a queue of its own; no caller waits on a thread for it.
public final class ControlClient: Sendable {
    private let queue = DispatchQueue(label: "lane control client")
    /// Used on the queue only; the lock is there to prove it and is never waited for.
    private let connection: Guarded<Connection>

    /// Connects to the control socket of a lane on this computer.
    ///
    /// - Throws: ``SimulationError`` if nobody listens at the path.
    public init(path: String) throws(SimulationError) {
        let descriptor = try UnixSocket.connect(to: path)
        // The server answers within milliseconds; a lane that has hung must not hold the queue for ever.
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        connection = Guarded(Connection(descriptor))
    }

    deinit { connection.withLock { _ = close($0.descriptor) } }

    /// Sends a cue and returns at once. If that fails, the next call that waits for an answer throws why.
    public func send(_ cue: DriverCue) {
        var request = ControlRequest()
        request.cue = cue
        queue.async { [self, request] in
            connection.withLock { connection in
                do throws(SimulationError) {
                    _ = try connection.exchange(request)
                } catch {
                    connection.unreported = error
                }
            }
        }
    }

    /// Lets something go wrong; returns when it does.
    ///
    /// - Throws: ``SimulationError/control(_:)`` with the server's words, or if the connection is lost.
    public func inject(_ fault: Fault, on role: InstrumentRole) async throws(SimulationError) {
        var request = ControlRequest()
        request.fault = ControlRequest.FaultOrder(fault, on: role)
        _ = try await order(request)
    }

    /// Ends one fault; of a drift, that of its channel.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func end(_ fault: Fault, on role: InstrumentRole) async throws(SimulationError) {
        var request = ControlRequest()
        request.end = ControlRequest.FaultOrder(fault, on: role)
        _ = try await order(request)
    }

    /// Connects a bottle to a port of the gas benches, or with nil takes it away.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func connect(_ bottle: BottledGas?, to port: SampleInlet) async throws(SimulationError) {
        var request = ControlRequest()
        request.bottle = ControlRequest.BottleOrder(port: port, gas: bottle)
        _ = try await order(request)
    }

    /// Puts a filter into the opacimeter's light path, or with 0 takes it out.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func insert(filterOpacity opacity: Percentage) async throws(SimulationError) {
        var request = ControlRequest()
        request.filter = opacity.value
        _ = try await order(request)
    }

    /// Hangs weights on the load cell, or with 0 takes them off.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func hang(weight force: Force) async throws(SimulationError) {
        var request = ControlRequest()
        request.weight = force.value
        _ = try await order(request)
    }

    /// Sets up what else instruments are compared with; what is left out is taken away.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func set(_ standards: ReferenceSettings) async throws(SimulationError) {
        var request = ControlRequest()
        request.reference = standards
        _ = try await order(request)
    }

    /// Ends all faults of an instrument.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func clearFaults(on role: InstrumentRole) async throws(SimulationError) {
        var request = ControlRequest()
        request.clear = role.rawValue
        _ = try await order(request)
    }

    /// Everything that can be seen of the lane now.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func snapshot() async throws(SimulationError) -> LaneSnapshot {
        var request = ControlRequest()
        request.state = true
        guard let state = try await order(request).state else { throw .control("the answer has no state") }
        return state
    }

    /// Waits until a number of the lane is below or above a bound, or both.
    ///
    /// - Parameters:
    ///   - value: where it stands in a ``LaneSnapshot``, by the members' names, such as `plant.brakeForce`.
    ///   - limit: how long to wait at most, in real time.
    /// - Returns: whether it got there within that time.
    /// - Throws: as ``inject(_:on:)``; also if the snapshot has no such number.
    public func wait(
        for value: String, below: Double? = nil, above: Double? = nil, within limit: Duration
    ) async throws(SimulationError) -> Bool {
        let end = ContinuousClock.now + limit
        while true {
            let left = max(.zero, end - ContinuousClock.now)
            let (seconds, attoseconds) = left.components
            var request = ControlRequest()
            request.wait = ControlRequest.WaitOrder(
                value: value, below: below, above: above,
                seconds: min(Double(seconds) + Double(attoseconds) * 1e-18, ControlRequest.WaitOrder.longest))
            if try await order(request).ok == true { return true }
            if left == .zero { return false }
        }
    }

    /// Asks the lane to stop; returns when it has been told so.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func stopLane() async throws(SimulationError) {
        var request = ControlRequest()
        request.stop = true
        _ = try await order(request)
    }

    private func order(_ request: ControlRequest) async throws(SimulationError) -> ControlReply {
        let result: Result<ControlReply, SimulationError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                continuation.resume(
                    returning: connection.withLock { connection in
                        if let earlier = connection.unreported {
                            connection.unreported = nil
                            return .failure(earlier)
                        }
                        return Result { () throws(SimulationError) in try connection.exchange(request) }
                    })
            }
        }
        return try result.get()
    }
}

/// A connection to the control socket, and what has come over it.
private struct Connection {
    let descriptor: Int32
    /// What went wrong with a cue that nobody waited for.
    var unreported: SimulationError?

    private var received: [UInt8] = []
    /// Why nothing can be asked any more. After an answer that did not come in time, the next one would be taken for
    /// the answer to another question.
    private var broken: SimulationError?

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Sends a request and waits for its answer.
    mutating func exchange(_ request: ControlRequest) throws(SimulationError) -> ControlReply {
        if let broken { throw broken }
        let line: [UInt8]
        do throws(SimulationError) {
            guard let json = try? JSONEncoder().encode(request) else { throw .control("the request has no JSON") }
            guard sendAll(descriptor, Array(json) + [0x0A]) else { throw failure("send") }
            line = try nextLine()
        } catch {
            broken = error
            throw error
        }
        guard let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(line)) else {
            throw .control("the answer is not understood")
        }
        if let error = reply.error { throw .control(error) }
        return reply
    }

    private mutating func nextLine() throws(SimulationError) -> [UInt8] {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                defer { received.removeFirst(end + 1) }
                return Array(received[..<end])
            }
            var chunk = [UInt8](repeating: 0, count: 8192)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .control(count == 0 ? "the lane is gone" : errorText(errno)) }
            received += chunk.prefix(count)
        }
    }
}
