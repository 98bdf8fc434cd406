import Metrology

/// Asking and being answered.
extension Instrument {
    /// How an exchange ended, as far as the port held.
    private enum Outcome {
        case sent
        case reply([UInt8], at: LaneInstant)
        case timedOut([UInt8])
        case damaged([UInt8])
        case refused([UInt8])
    }

    /// Sends a command and reads its reply, if it has one.
    ///
    /// - Returns: the reply with the time of its last byte; nil if the command is not answered.
    func exchange(_ command: Command, parameter: Double? = nil) throws(InstrumentError) -> StampedFrame? {
        guard let connection else { throw lost ?? error(.notConnected) }
        let request = try compose(command, parameter)
        // The pause that the instrument needs; what arrives meanwhile is part of its stream, or late.
        try serve(connection.port, upTo: max(notBefore, settledAt) - opener.uptime)
        let outcome: Outcome
        do throws(PortFailure) {
            try drain(connection.port)
            counters.requests += 1
            log(.sent, request, at: now())
            switch connection {
            case .serial(let port): outcome = try serialExchange(command, request, port)
            case .modbus(let port): outcome = try modbusExchange(command, request, port)
            }
        } catch {
            throw portFailed(error, command: command.name)
        }
        notBefore = opener.uptime + (command.pauseAfter ?? profile.timing.pauseAfter)
        if case .reply(let bytes, let instant) = outcome, let frame = profile.wire.decode(reply: bytes, to: command) {
            log(.received, bytes, at: instant)
            counters.replies += 1
            markUp()
            return StampedFrame(frame: frame, at: instant)
        }
        if case .sent = outcome { return nil }
        throw failed(outcome, command)
    }

    /// The bytes of a request.
    func compose(_ command: Command, _ parameter: Double?) throws(InstrumentError) -> [UInt8] {
        let own = command.parameter == nil ? nil : parameter
        if let request = profile.wire.request(command, parameter: own) { return request }
        let range = command.parameter.map { "\($0.range.lowerBound)…\($0.range.upperBound) \($0.unit)" }
        throw error(.parameterOutOfRange(own.map { "\($0)" } ?? "–"), command: command.name, expected: range)
    }

    private func serialExchange(
        _ command: Command, _ request: [UInt8], _ port: any SerialPort
    ) throws(PortFailure) -> Outcome {
        try port.write(request)
        guard let pattern = command.reply else { return .sent }
        var reader = ReplyReader(pattern: pattern, refusal: profile.wire.refusal)
        let deadline = opener.uptime + (command.replyTimeout ?? profile.timing.replyTimeout)
        while true {
            var patience = deadline - opener.uptime
            if !reader.received.isEmpty { patience = min(patience, profile.timing.byteTimeout) }
            guard patience > .zero, try port.waitForInput(upTo: patience) else { return .timedOut(reader.received) }
            let state = reader.take(try port.read())
            let instant = now()
            switch state {
            case .incomplete: continue
            case .complete(let reply):
                passOver(Array(reader.received.prefix(reader.passedOver)), at: instant)
                return .reply(reply, at: instant)
            case .damaged: return .damaged(reader.received)
            case .refused: return .refused(reader.received)
            }
        }
    }

    private func modbusExchange(
        _ command: Command, _ request: [UInt8], _ port: any ModbusPort
    ) throws(PortFailure) -> Outcome {
        let answer = try port.exchange(
            request, replyTimeout: command.replyTimeout ?? profile.timing.replyTimeout,
            byteTimeout: profile.timing.byteTimeout)
        let instant = now()
        switch answer {
        case .timedOut: return .timedOut([])
        case .damaged(let bytes): return .damaged(bytes)
        case .frame(let bytes):
            if profile.wire.decode(reply: bytes, to: command) != nil { return .reply(bytes, at: instant) }
            // An exception repeats the unit and the function, the latter with its highest bit set.
            let isException = bytes.count == 5 && bytes[0] == request[0] && bytes[1] == request[1] | 0x80
            return isException ? .refused(bytes) : .damaged(bytes)
        }
    }

    private func passOver(_ bytes: [UInt8], at instant: LaneInstant) {
        counters.discardedBytes += bytes.count
        log(.discarded, bytes, at: instant)
    }

    /// Counts a failed exchange, leaves the line alone for a while, and gives the link up after several.
    private func failed(_ outcome: Outcome, _ command: Command) -> InstrumentError {
        let expected = command.reply?.text
        switch outcome {
        case .refused(let bytes):
            counters.refusals += 1
            passOver(bytes, at: now())
            // Whoever refuses is there.
            markUp()
            return error(.refused, command: command.name, expected: expected, received: bytes)
        case .damaged(let bytes), .reply(let bytes, _):
            counters.checksumErrors += 1
            passOver(bytes, at: now())
            return exchangeFailed(
                error(.damagedReply, command: command.name, expected: expected, received: bytes))
        case .timedOut(let bytes):
            counters.timeouts += 1
            passOver(bytes, at: now())
            let patience = command.replyTimeout ?? profile.timing.replyTimeout
            return exchangeFailed(
                error(
                    .noReply(milliseconds: patience.milliseconds), command: command.name, expected: expected,
                    received: bytes))
        case .sent: return error(.notConnected)
        }
    }

    private func exchangeFailed(_ error: InstrumentError) -> InstrumentError {
        settledAt = opener.uptime + profile.timing.settleAfterError
        failuresInARow += 1
        if failuresInARow >= profile.timing.lostAfter { markLost(error) }
        return error
    }
}
