import Metrology

/// Reading what comes, whether anybody asked for it or not.
extension Instrument {
    /// Called on the thread while no job runs and the port has input or has hung up.
    func idleInputArrived() {
        guard let port = connection?.port else { return }
        do throws(PortFailure) {
            try drain(port)
        } catch {
            _ = portFailed(error)
        }
    }

    /// Reads all that is there.
    func drain(_ port: any Port) throws(PortFailure) {
        while try port.waitForInput(upTo: .zero), try takeInput(from: port) {}
    }

    /// Reads some of what is there: frames of a stream, or late bytes of an instrument that answers only when asked.
    ///
    /// - Returns: whether there was anything.
    @discardableResult
    func takeInput(from port: any Port) throws(PortFailure) -> Bool {
        let bytes = try port.read()
        let instant = now()
        if bytes.isEmpty { return false }
        guard decoder != nil else {
            passOver(bytes, at: instant)
            // The late reply that the line was left alone for.
            lateUntil = min(lateUntil, opener.uptime + profile.timing.settleAfterError)
            return true
        }
        let output = decoder?.feed(bytes) ?? StreamDecoder.Output()
        passOver(output.skipped, at: instant)
        for frame in output.frames {
            log(.received, frame.bytes, at: instant)
            keep(StampedFrame(frame: frame, at: instant))
        }
        framesReceived += output.frames.count
        counters.replies += output.frames.count
        counters.resyncs += output.resyncs
        if !output.frames.isEmpty {
            lastFrameAt = opener.uptime
            markUp()
        }
        return true
    }

    /// Counts and logs bytes that answer nothing.
    func passOver(_ bytes: [UInt8], at instant: LaneInstant) {
        counters.discardedBytes += bytes.count
        log(.discarded, bytes, at: instant)
    }

    /// Takes input until `isDone` or the time is over.
    func serve(
        _ port: any Port, upTo time: Duration, until isDone: (isolated Instrument) -> Bool = { _ in false }
    ) throws(InstrumentError) {
        let deadline = opener.uptime + time
        while !isDone(self) {
            let remaining = deadline - opener.uptime
            if remaining <= .zero { return }
            do throws(PortFailure) {
                if try port.waitForInput(upTo: remaining) { try takeInput(from: port) }
            } catch {
                throw portFailed(error)
            }
        }
    }

    /// The error of a stream that has fallen silent; counts the link as lost.
    func silence() -> InstrumentError {
        var expected: String?
        if case .stream(let frame, _, _) = profile.wire.framing { expected = frame.pattern.text }
        counters.timeouts += 1
        let error = error(
            .streamSilent(milliseconds: profile.timing.replyTimeout.milliseconds), expected: expected)
        markLost(error)
        return error
    }
}
