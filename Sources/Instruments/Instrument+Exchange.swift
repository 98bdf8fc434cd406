import Metrology

/// Asking and being answered.
extension Instrument {
    /// How an exchange ended, as far as the port held.
    private enum Outcome {
        case sent
        case reply([UInt8], at: LaneInstant)
        case timedOut([UInt8])
        case damaged([UInt8])
        /// `received` is all that came; where the profile says only how a refusal begins, that is more than the answer.
        case negative([UInt8], NegativeReply.Meaning, received: [UInt8])
        case waiting([UInt8])

        /// How many bytes came.
        var count: Int {
            switch self {
            case .sent: 0
            case .reply(let bytes, _), .timedOut(let bytes), .damaged(let bytes), .negative(let bytes, _, _),
                .waiting(let bytes):
                bytes.count
            }
        }
    }

    /// How late an adapter may hand over what has arrived: FTDI's USB adapters wait 16 ms for more by default.
    private static let adapterDelay = Duration.milliseconds(20)

    /// How long a line is left alone at most; what needs longer for an answer is asked by a technician, not in a test.
    private static let longestRest = Duration.seconds(2)

    /// What an exchange brought.
    enum Exchange {
        /// The command is not answered.
        case sent
        case reply(StampedFrame)
        /// The instrument has begun and is not done.
        case waiting
    }

    /// Sends a command and reads its reply, if it has one.
    func exchange(
        _ command: Command, _ values: [String: ParameterValue] = [:]
    ) throws(InstrumentError) -> Exchange {
        guard let connection else { throw lost ?? error(.notConnected) }
        transaction &+= 1
        let request = try compose(command, values)
        // The pause that the instrument needs; what arrives meanwhile is part of its stream, or late.
        try serve(connection.port, upTo: max(notBefore, restsUntil) - opener.uptime)
        let outcome: Outcome
        let start: Duration
        do throws(PortFailure) {
            try drain(connection.port)
            counters.requests += 1
            log(.sent, request, at: now(), command: command.name)
            start = opener.uptime
            switch connection {
            case .serial(let port): outcome = try serialExchange(command, request, port)
            case .modbus(let port): outcome = try modbusExchange(command, request, port)
            }
        } catch {
            throw portFailed(error, command: command.name)
        }
        let pause = command.pauseAfter ?? profile.timing.pauseAfter
        // A second copy of a reply that does not say what it answers would answer the next question, whatever that is:
        // it must be over before. Where lane time is faster than life, bytes take no time on the wire.
        let copy =
            command.isReplyNamed || isFasterThanLife
            ? .zero : profile.line.duration(of: outcome.count + 2) + Self.adapterDelay
        notBefore = opener.uptime + max(pause, copy)
        if case .reply(let bytes, let instant) = outcome, let frame = profile.wire.decode(reply: bytes, to: command) {
            log(.received, bytes, at: instant)
            counters.replies += 1
            let took = opener.uptime - start
            count(command) { $0.answered(after: took, bytes: request.count + bytes.count) }
            markUp()
            return .reply(StampedFrame(frame: frame, at: instant))
        }
        switch outcome {
        case .sent:
            count(command) { $0.sent() }
            return .sent
        case .waiting(let bytes):
            answeredOtherwise(bytes)
            return .waiting
        case .negative(let bytes, .busy, _) where command.wait != nil:
            answeredOtherwise(bytes)
            return .waiting
        default: throw failed(outcome, command)
        }
    }

    /// Counts how a command has fared, since the start and since the last ``takeLineAccount()``.
    private func count(_ command: Command, _ change: (inout CommandStatistics) -> Void) {
        change(&statistics[command.name, default: CommandStatistics()])
        change(&recentStatistics[command.name, default: CommandStatistics()])
    }

    /// The bytes of a request.
    func compose(_ command: Command, _ values: [String: ParameterValue]) throws(InstrumentError) -> [UInt8] {
        let own = command.bound(values)
        if let request = profile.wire.request(command, own, transaction: transaction) { return request }
        let ranges = command.parameters.map { parameter in
            let range = parameter.range.map { "\($0.lowerBound)…\($0.upperBound)" } ?? "…"
            return "\(range) \(parameter.unit)"
        }
        let found = own.sorted { $0.key < $1.key }.map { "\($0.value)" }
        throw error(
            .parameterOutOfRange(found.isEmpty ? "–" : found.joined(separator: ", ")), command: command.name,
            expected: ranges.isEmpty ? nil : ranges.joined(separator: ", "))
    }

    private func answeredOtherwise(_ bytes: [UInt8]) {
        counters.busyAnswers += 1
        log(.received, bytes, at: now())
        markUp()
    }

    private func serialExchange(
        _ command: Command, _ request: [UInt8], _ port: any SerialPort
    ) throws(PortFailure) -> Outcome {
        try port.write(request)
        guard let reply = command.reply else { return .sent }
        let number = profile.wire.hasTransactions ? Array(request.prefix(2)) : []
        var reader = ReplyReader(reply, alternatives: command.alternatives, transaction: number)
        let deadline = opener.uptime + replyTimeout(command)
        while true {
            var patience = deadline - opener.uptime
            if !reader.received.isEmpty { patience = min(patience, profile.timing.byteTimeout) }
            guard patience > .zero, try port.waitForInput(upTo: patience) else { return .timedOut(reader.received) }
            let state = reader.take(try port.read())
            let instant = now()
            passOver(reader.surplus, at: instant)
            switch state {
            case .incomplete: continue
            case .complete(let reply): return .reply(reply, at: instant)
            case .damaged: return .damaged(reader.received)
            case .negative(let meaning): return .negative(reader.answer, meaning, received: reader.received)
            case .waiting: return .waiting(reader.answer)
            }
        }
    }

    private func modbusExchange(
        _ command: Command, _ request: [UInt8], _ port: any ModbusPort
    ) throws(PortFailure) -> Outcome {
        let answer = try port.exchange(
            request, replyTimeout: replyTimeout(command), byteTimeout: profile.timing.byteTimeout)
        let instant = now()
        switch answer {
        case .timedOut(let bytes): return .timedOut(bytes)
        case .damaged(let bytes): return isIntactOfAnother(bytes) ? .timedOut(bytes) : .damaged(bytes)
        case .frame(let bytes):
            for (shape, meaning) in command.alternatives where shape.pattern(of: bytes) != nil {
                if case .negative(let meaning) = meaning { return .negative(bytes, meaning, received: bytes) }
            }
            return .reply(bytes, at: instant)
        }
    }

    /// Whether a Modbus frame is whole and came from another unit than was asked, which is no damage to a reply.
    private func isIntactOfAnother(_ bytes: [UInt8]) -> Bool {
        guard let unit = profile.wire.unit, let sender = bytes.first, sender != unit, bytes.count > 3 else {
            return false
        }
        return modbusCRC(bytes.dropLast(2)) == UInt16(bytes[bytes.count - 2]) | UInt16(bytes[bytes.count - 1]) << 8
    }

    /// How long the whole reply may take: by the profile, or by whoever only looks what is there.
    private func replyTimeout(_ command: Command) -> Duration {
        patience ?? command.replyTimeout ?? profile.timing.replyTimeout
    }

    /// Counts a failed exchange, leaves the line alone for a while, and gives the link up after several.
    private func failed(_ outcome: Outcome, _ command: Command) -> InstrumentError {
        let expected = command.reply?.text
        switch outcome {
        case .negative(let bytes, let meaning, let received):
            let reason: InstrumentError.Reason =
                switch meaning {
                case .refused: .refused
                case .busy: .busy
                case .unavailable: .unavailable
                }
            if meaning == .busy { counters.busyAnswers += 1 } else { counters.refusals += 1 }
            count(command) { $0.failed(.negative) }
            log(.received, bytes, at: now())
            // Whoever refuses is there.
            markUp()
            return error(reason, command: command.name, expected: expected, received: received)
        case .damaged(let bytes), .reply(let bytes, _):
            counters.checksumErrors += 1
            count(command) { $0.failed(.damaged) }
            passOver(bytes, at: now())
            return exchangeFailed(
                error(.damagedReply, command: command.name, expected: expected, received: bytes))
        case .timedOut(let bytes):
            counters.timeouts += 1
            count(command) { $0.failed(.timeout) }
            passOver(bytes, at: now())
            // As long as the reply may take, it may still come, and would then answer the next question.
            if !profile.wire.hasTransactions, patience == nil {
                lateUntil = opener.uptime + min(replyTimeout(command), Self.longestRest)
            }
            return exchangeFailed(
                error(
                    .noReply(milliseconds: replyTimeout(command).milliseconds), command: command.name,
                    expected: expected,
                    received: bytes))
        case .sent, .waiting: return error(.notConnected)
        }
    }

    private func exchangeFailed(_ error: InstrumentError) -> InstrumentError {
        settledAt = opener.uptime + profile.timing.settleAfterError
        failuresInARow += 1
        if failuresInARow >= profile.timing.lostAfter { markLost(error) }
        return error
    }
}
