public import Metrology

/// What a technician asks of one instrument, outside of any test.
extension Instrument {
    /// Asks a command that only reads, and returns what its reply says.
    ///
    /// - Parameter name: one of ``DeviceProfile/readCommands``.
    /// - Throws: ``InstrumentError`` if there is no such command, or as any exchange does.
    public func read(_ name: String) async throws(InstrumentError) -> (frame: DecodedFrame, at: LaneInstant)? {
        guard profile.readCommands.contains(name), let command = profile.wire.commands[name] else {
            throw error(
                .unsupportedAction, command: name, expected: profile.readCommands.joined(separator: ", "))
        }
        try ensureOpen()
        try introduce()
        guard case .reply(let stamped) = try exchange(command) else { return nil }
        return (stamped.frame, stamped.at)
    }

    /// Looks whether the instrument on the port is one of this model, by reading only, and closes the port again.
    ///
    /// Nothing is sent but the profile's own polls, or the question for its name where it has one; the commands that
    /// wake an instrument up are not sent. A stream is listened to.
    ///
    /// - Parameter patience: how long each answer is waited for.
    /// - Returns: whether every question was answered with an intact frame, each value within its range.
    /// - Throws: ``InstrumentError`` if the port cannot be opened.
    public func isAnswered(within patience: Duration) async throws(InstrumentError) -> Bool {
        try openForProbing(patience: patience)
        defer { endProbing() }
        do throws(InstrumentError) {
            if profile.sendsByItself { return try hearsFrame(within: patience) }
            if let identity = profile.identity {
                guard case .reply(let stamped) = try exchange(identity.command) else { return false }
                let found = stamped.frame.values.first { $0.field == identity.field }?.text ?? ""
                return found.contains(identity.contains)
            }
            for poll in profile.polls {
                switch try exchange(poll.command) {
                case .sent: return false
                case .waiting: continue
                case .reply(let stamped):
                    if stamped.frame.values.contains(where: { $0.validity == .outOfRange }) { return false }
                }
            }
            return !profile.polls.isEmpty
        } catch {
            return false
        }
    }
}

extension DeviceProfile {
    /// The commands that only read: their replies hold something, they take no parameter and no action uses them.
    public var readCommands: [String] {
        let acting = Set(definitions.values.flatMap(\.steps).map(\.name) + start.map(\.name))
        return wire.commands.values.filter { command in
            (!command.fields.isEmpty || !command.bits.isEmpty) && command.parameters.isEmpty
                && !acting.contains(command.name)
        }.map(\.name).sorted()
    }

    /// Whether the model can be looked for on a port on which something else may be: it can be asked or heard, and
    /// its questions mean no harm to others.
    public var canBeProbed: Bool { mayBeProbed && (sendsByItself || !polls.isEmpty) }

    /// The same profile on a line that is set otherwise.
    public func with(line: LineSettings) -> DeviceProfile {
        var profile = self
        profile.line = line
        return profile
    }
}
