import Metrology

extension Instrument {
    /// Makes the instrument do something, and returns once it has acknowledged it or its stream shows it.
    ///
    /// The action itself may take longer (see ``DeviceProfile/typicalDuration(of:)``); its end shows in the
    /// conditions that polls report. Taking the load off a brake is tried at once even while the link counts as lost.
    ///
    /// - Throws: ``InstrumentError`` if the profile lacks the action, the parameter is out of range, or the instrument
    ///   does not obey within the profile's number of tries.
    public nonisolated func perform(_ action: InstrumentAction) async throws(InstrumentError) {
        // Taking the load off waits for the exchange that is under way, not for the polls behind it.
        if action.kind.needsWay { makeWay() }
        defer { if action.kind.needsWay { wayIsClear() } }
        try await carryOut(action)
    }

    /// Tells, without waiting for the instrument's thread, that something urgent is coming: polls and a load that waits
    /// for its confirmation are broken off.
    public nonisolated func makeWay() { urgency.add() }

    /// Takes one ``makeWay()`` back.
    public nonisolated func wayIsClear() { urgency.remove() }

    /// How long a confirmation is waited for at a time, before it is looked whether something urgent is coming.
    private static let slice = Duration.milliseconds(20)

    /// Whether an action is moot because the load is about to be taken off.
    private func isMoot(_ action: InstrumentAction) -> Bool { action.kind.loadsBrake && urgency.isWaiting }

    private func carryOut(_ action: InstrumentAction) async throws(InstrumentError) {
        guard let definition = profile.definitions[action.kind] else {
            throw error(
                .unsupportedAction, command: action.kind.rawValue,
                expected: profile.actions.map(\.rawValue).sorted().joined(separator: ", "))
        }
        // Nothing is sent of an action that cannot be sent as a whole.
        for step in definition.steps { _ = try compose(step, action.values) }
        let urgently = action.kind.isUrgent
        var tries = 0
        while true {
            try ensureOpen(urgently: urgently)
            if let lost, !urgently, !mayRetry { throw lost }
            if !urgently { try introduce() }
            if isMoot(action) { return }
            tries += 1
            do throws(InstrumentError) {
                try attempt(definition, action)
                return
            } catch {
                if tries >= definition.tries, !isMoot(action) { throw error }
            }
        }
    }

    private func attempt(_ definition: ActionDefinition, _ action: InstrumentAction) throws(InstrumentError) {
        // Whatever the instrument was still busy with is not waited for any longer.
        pending = nil
        for (index, step) in definition.steps.enumerated() {
            if let failure = step.wait?.failure { failings.remove(failure) }
            if case .waiting = try exchange(step, action.values) {
                waitFor(step, then: Array(definition.steps.dropFirst(index + 1)), action.values)
                return
            }
        }
        guard let confirmation = definition.confirmation, let port = connection?.port else { return }
        // Only a frame that was read after the last byte was sent can bear witness.
        let before = framesReceived
        let isConfirmed = { (instrument: isolated Instrument) in
            instrument.framesReceived > before && instrument.frames.last?.frame.mode == confirmation.mode
        }
        let deadline = opener.uptime + confirmation.within
        while !isConfirmed(self), opener.uptime < deadline {
            try serve(port, upTo: min(Self.slice, deadline - opener.uptime), until: isConfirmed)
            if isMoot(action) { return }
            // Readings go on while it is waited.
            if !isConfirmed(self) { thread.ringIfDue() }
        }
        if isConfirmed(self) { return }
        throw error(
            .notConfirmed(milliseconds: confirmation.within.milliseconds), command: action.kind.rawValue,
            expected: confirmation.mode.rawValue)
    }
}
