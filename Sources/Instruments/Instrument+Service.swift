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
    /// - Throws: ``InstrumentError`` if the port cannot be opened.
    func response(within patience: Duration) async throws(InstrumentError) -> ProbeResponse {
        try openForProbing(patience: patience)
        defer { endProbing() }
        do throws(InstrumentError) {
            if profile.sendsByItself {
                return try hearsFrame(within: max(patience, profile.timing.replyTimeout)) ? .whole : .none
            }
            try endLine()
            if let identity = profile.identity {
                guard case .reply(let stamped) = try exchange(identity.command) else { return .none }
                let found = stamped.frame.values.first { $0.field == identity.field }?.text ?? ""
                return found.contains(identity.contains) ? .whole : .none
            }
            for poll in profile.polls {
                switch try exchange(poll.command) {
                case .sent: return .none
                case .waiting: continue
                case .reply(let stamped):
                    let values = stamped.frame.values
                    if values.contains(where: { $0.validity == .outOfRange }) { return .none }
                    // A frame of whatever length says nothing if not one of its values was found in it.
                    if !values.isEmpty, values.allSatisfy({ $0.value == nil && $0.text == nil }) { return .none }
                }
            }
            return profile.polls.isEmpty ? .none : .whole
        } catch {
            // What is to be told something first refuses until then, in a frame of its own.
            return error.reason == .refused && !profile.start.isEmpty ? .refusal : .none
        }
    }
}

/// What a model's questions were answered with.
enum ProbeResponse {
    /// Nothing, or what is no answer of the model.
    case none
    /// A refusal as the model's frames are, where it takes commands before it measures.
    case refusal
    /// An intact frame for every question, with values and each within its range.
    case whole
}

extension Instrument {
    /// Has an instrument that reads lines answer what other questions may have left behind, so that the next line
    /// begins with the next question. An empty line will not do: some repeat their last command for it. `?` is a command
    /// of no profile, so that it is refused.
    private func endLine() throws(InstrumentError) {
        guard let end = profile.wire.lineEnd, case .serial(let port) = connection else { return }
        do throws(PortFailure) { try port.write([UInt8(ascii: "?")] + end) } catch { throw portFailed(error) }
        try serve(port, upTo: patience ?? .zero)
    }

    /// Looks whether anything answers the first question of the model, be it by a refusal, and closes the port again.
    ///
    /// - Throws: ``InstrumentError`` if the port cannot be opened.
    func isThere(within patience: Duration) async throws(InstrumentError) -> Bool {
        try openForProbing(patience: patience)
        defer { endProbing() }
        guard let first = profile.polls.first else { return false }
        do throws(InstrumentError) {
            _ = try exchange(first.command)
            return true
        } catch {
            return [.refused, .busy, .unavailable].contains(error.reason)
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

    /// Whether nothing comes from the model but answers to single commands: it neither sends nor is it asked regularly.
    public var isAskedNothing: Bool { polls.isEmpty && !sendsByItself }

    /// Whether the model can be looked for on a port on which something else may be: it can be asked or heard, and
    /// its questions mean no harm to others.
    public var canBeProbed: Bool { mayBeProbed && (sendsByItself || !polls.isEmpty) }

    /// The Modbus unit (从站地址), or the address in frames of another kind, that the model is asked as; nil where
    /// frames carry none.
    public var unit: UInt8? { wire.unit }

    /// The numbers that ``unit`` can have; nil where frames carry none.
    public var units: ClosedRange<UInt8>? { wire.units }

    /// The same profile for an instrument that was set to another unit or address; where frames carry none, or none
    /// such, itself.
    public func with(unit: UInt8) -> DeviceProfile {
        guard let own = self.unit, own != unit, units?.contains(unit) == true else { return self }
        var profile = self
        let wire = wire.with(unit: unit)
        func moved(_ command: Command) -> Command { wire.commands[command.name] ?? command }
        profile.wire = wire
        profile.polls = polls.map { Poll(command: moved($0.command), every: $0.every) }
        profile.start = start.map(moved)
        profile.identity = identity.map {
            Identity(command: moved($0.command), field: $0.field, contains: $0.contains)
        }
        profile.definitions = definitions.mapValues { definition in
            var definition = definition
            definition.steps = definition.steps.map(moved)
            return definition
        }
        return profile
    }

    /// The same profile on a line that is set otherwise.
    public func with(line: LineSettings) -> DeviceProfile {
        var profile = self
        profile.line = line
        return profile
    }
}
