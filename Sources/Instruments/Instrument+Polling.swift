import Metrology

extension Instrument {
    /// Asks for what is due, or takes what a stream has sent since the call before.
    ///
    /// An instrument that answers is asked for each of its profile's polls that is due on the lane's clock. After a
    /// missing or damaged reply the line is left alone for the profile's settling time, and a lost link is tried only
    /// at its intervals; polls in between return at once with no readings.
    ///
    /// - Parameter waitingForFresh: whether to wait for what is due, in real time: for a stream that has sent nothing
    ///   since the call before, its next frame, at most for the profile's timeout; for an instrument whose line is
    ///   left alone after an error, the end of that. A link that is lost is not waited for.
    /// - Returns: the readings with their times, the state of the link, and what was on the wire.
    public func poll(waitingForFresh: Bool = false) -> InstrumentReport {
        var failures: [InstrumentError] = []
        let resting = connection == nil && lost != nil && !mayRetry
        if !resting {
            do throws(InstrumentError) {
                try ensureOpen()
                switch connection {
                case .serial(let port) where decoder != nil: try pollStream(port, waitingForFresh)
                default: failures += pollExchanges(waitingForFresh)
                }
            } catch {
                failures.append(error)
            }
        }
        return takeReport(failures)
    }

    /// Polls by itself from now on, on its own thread, until ``stopPolling()``: no other thread is changed to and from.
    ///
    /// The times count from the first one; a poll that takes longer than the interval makes the next ones fall out, and
    /// does not put the others off.
    ///
    /// - Parameters:
    ///   - interval: the time from poll to poll, in real time; zero to poll without a pause.
    ///   - delay: the time to the first one.
    ///   - deliver: takes each report, on the instrument's thread; it must not block.
    public nonisolated func startPolling(
        every interval: Duration, after delay: Duration = .zero,
        deliver: @escaping @Sendable (InstrumentReport) -> Void
    ) {
        thread.setAlarm(at: monotonicTime() + delay) { [weak self] due in
            guard let self else { return nil }
            deliver(self.assumeIsolated { $0.poll() })
            guard interval > .zero else { return due }
            let passed = max(.zero, monotonicTime() - due)
            return due + interval * (Int64(passed / interval) + 1)
        }
    }

    /// Polls no more by itself; a report that is on its way may still be delivered.
    public nonisolated func stopPolling() { thread.clearAlarm() }

    private func pollStream(_ port: any SerialPort, _ waitingForFresh: Bool) throws(InstrumentError) {
        if !isIntroduced, lost == nil || mayRetry { try introduce() }
        do throws(PortFailure) {
            try drain(port)
        } catch {
            throw portFailed(error)
        }
        if waitingForFresh, lost == nil {
            try serve(port, upTo: profile.timing.replyTimeout) { !$0.frames.isEmpty }
        }
        if lost == nil, opener.uptime - lastFrameAt >= profile.timing.replyTimeout {
            throw silence()
        }
    }

    private func pollExchanges(_ waitingForFresh: Bool) -> [InstrumentError] {
        var failures: [InstrumentError] = []
        do throws(InstrumentError) {
            if opener.uptime >= restsUntil, lost == nil || mayRetry { try introduce() }
            if pending != nil {
                try continuePending()
                if pending != nil { return [] }
            }
        } catch {
            return [error]
        }
        for (index, poll) in profile.polls.enumerated() {
            // What is urgent goes first, and a poll that nobody waits for any more ends between two exchanges.
            if urgency.isWaiting || Task.isCancelled { break }
            if lost != nil && !mayRetry { break }
            if opener.uptime < restsUntil, !waitingForFresh { break }
            let start = now()
            if poll.every > .zero, let last = polled[index], start - last < poll.every { continue }
            do {
                switch try exchange(poll.command) {
                case .sent: break
                case .reply(let frame): keep(frame, answering: poll.command)
                case .waiting: waitFor(poll.command)
                }
                polled[index] = start
                if pending != nil { break }
            } catch {
                failures.append(error)
                // An instrument that was told something at its start, and refuses now, may have started anew.
                if error.reason == .refused, !profile.start.isEmpty { isIntroduced = false }
                if connection == nil { break }
            }
        }
        return failures
    }

    private func takeReport(_ failures: [InstrumentError]) -> InstrumentReport {
        defer {
            frames = []
            wire = []
        }
        let status = frames.last { $0.frame.conditions != nil }
        let mode = frames.last { $0.frame.mode != nil }
        return InstrumentReport(
            role: profile.role,
            readings: frames.flatMap { $0.frame.readings(at: $0.at) },
            conditions: conditions(status),
            mode: mode.flatMap { stamped in
                stamped.frame.mode.map { InstrumentReport.Mode(mode: $0, at: stamped.at) }
            },
            link: (lost ?? (connection == nil ? error(.notConnected) : nil)).map { .lost($0) } ?? .up,
            failures: failures,
            values: frames.flatMap { stamped in
                stamped.frame.values.map { TimedValue(value: $0, at: stamped.at) }
            }, underWay: pending?.command.name, wire: wire)
    }

    /// What the instrument said about itself, and what it is known to be doing.
    private func conditions(_ status: StampedFrame?) -> InstrumentReport.Conditions? {
        let said = status?.frame.conditions
        if let doing = pending?.condition {
            return InstrumentReport.Conditions(
                conditions: (said ?? []).union([doing]).union(failings), at: now(), doing: doing, failed: failings)
        }
        guard let status, let said else { return nil }
        return InstrumentReport.Conditions(conditions: said.union(failings), at: status.at, failed: failings)
    }
}
