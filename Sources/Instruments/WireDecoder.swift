public import Messages
public import Metrology

/// Reads logged bytes again as an ``Instrument`` read them when they came. Pure.
public struct WireDecoder: Sendable {
    /// What the bytes between two reports say.
    public struct Output: Hashable, Sendable {
        /// The readings, in the order in which they were acquired.
        public var readings: [TimedReading] = []
        /// The newest status; nil if there was none.
        public var conditions: InstrumentReport.Conditions?
    }

    private let profile: DeviceProfile

    /// A decoder of a profile's frames.
    public init(_ profile: DeviceProfile) { self.profile = profile }

    /// Decodes every frame that was read.
    ///
    /// - Throws: ``WireDecodingError`` if one of them is no reply to what was asked right before it, or no frame at all
    ///   by this profile.
    public func decode(_ frames: [WireFrame]) throws(WireDecodingError) -> Output {
        var output = Output()
        var asked: WireFrame?
        for frame in frames {
            switch frame.kind {
            case .sent: asked = frame
            case .discarded: continue
            case .received:
                guard let decoded = try decode(frame, after: asked) else { continue }
                output.readings += decoded.readings(at: frame.at)
                if let conditions = decoded.conditions {
                    output.conditions = InstrumentReport.Conditions(conditions: conditions, at: frame.at)
                }
            }
        }
        return output
    }

    /// What a frame says; nil if nobody read it, such as the acknowledgement of an action.
    private func decode(_ frame: WireFrame, after asked: WireFrame?) throws(WireDecodingError) -> DecodedFrame? {
        if profile.sendsByItself {
            if let decoded = profile.decode(streamFrame: frame.bytes) { return decoded }
            throw WireDecodingError(command: nil, profile: profile.id, at: frame.at)
        }
        guard let name = frame.command else { return nil }
        // The lane file may have named another Modbus unit than the profile; what was asked tells.
        let unit = asked.flatMap { profile.wire.unit(asked: $0.bytes) }
        let wire = unit.map { $0 == profile.wire.unit ? profile.wire : profile.wire.with(unit: $0) } ?? profile.wire
        guard let command = wire.commands[name], isQuestion(asked, command, wire),
            let decoded = wire.decode(reply: frame.bytes, to: command)
        else { throw WireDecodingError(command: name, profile: profile.id, at: frame.at) }
        return decoded
    }

    /// Whether a command is what was asked: the very bytes, but for the number that Modbus TCP gives each request.
    private func isQuestion(_ asked: WireFrame?, _ command: Command, _ wire: WireProtocol) -> Bool {
        guard let asked, asked.command == command.name else { return false }
        guard command.parameters.isEmpty, let expected = wire.request(command) else { return true }
        let numbered = wire.hasTransactions ? 2 : 0
        return asked.bytes.dropFirst(numbered).elementsEqual(expected.dropFirst(numbered))
    }
}

/// Logged bytes that are not what the log says they are.
public struct WireDecodingError: MessageError, Hashable {
    /// The command that they were read as a reply to; nil for a stream.
    public let command: String?
    /// The profile.
    public let profile: String
    /// When they came.
    public let at: LaneInstant

    /// What to tell a person.
    public var message: Message {
        Message(.wireUndecodable, ["command": .text(command ?? "–"), "profile": .text(profile)])
    }
}
