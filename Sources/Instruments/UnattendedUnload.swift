import Glibc

/// How to take the load off a dynamometer without the lane's program (无人值守卸载).
///
/// A guard process holds one of these and sends it when the lane's process has died; it needs no profile, no thread
/// and no reply.
public struct UnattendedUnload: Hashable, Codable, Sendable {
    /// The instrument's profile, for messages.
    public let device: String
    /// The port as the lane file names it.
    public let port: String
    /// How the line is set.
    public let line: LineSettings
    /// The bytes that take the load off.
    public let bytes: [UInt8]
    /// How often they are sent, since nobody looks whether they arrived.
    public let repeats: Int

    /// How long to wait between two sendings; several frames' time on the slowest line.
    private static let pause = Duration.milliseconds(50)

    /// Opens the port, sends the bytes as often as required and closes it again.
    ///
    /// Blocks the calling thread for a fraction of a second. The port is not claimed, so that a lane that is dying
    /// but not yet dead cannot prevent it.
    ///
    /// - Throws: ``InstrumentError`` if the port cannot be opened or does not take the bytes.
    public func send() throws(InstrumentError) {
        do throws(PortFailure) {
            let address: PortAddress
            do { address = try PortAddress(port) } catch { throw .notFound }
            let open = try Self.open(address, line)
            defer { open.close() }
            for _ in 0..<repeats {
                try open.write(bytes)
                // Leaves the bytes time to go out, too: closing may drop what is still in the adapter.
                usleep(useconds_t(Self.pause.milliseconds * 1000))
            }
        } catch {
            throw InstrumentError(error.reason, device: device, port: port, command: "brake-off")
        }
    }
}

extension UnattendedUnload {
    /// Opens the port without claiming it.
    private static func open(_ address: PortAddress, _ line: LineSettings) throws(PortFailure) -> any SerialPort {
        if case .tcp(let host, let port) = address.kind { return try TCPPort(host: host, port: port) }
        return try LibserialportPort(path: address.path(), line: line, exclusively: false)
    }
}

extension Instrument {
    /// How to unload this instrument without this process; nil if it is not one that can be loaded, or if it takes
    /// several Modbus frames, between which a line must rest.
    public nonisolated var unattendedUnload: UnattendedUnload? {
        guard let definition = profile.definitions[.brakeOff] else { return nil }
        if case .modbus = profile.wire.framing, definition.steps.count > 1 { return nil }
        return UnattendedUnload(
            device: profile.id, port: port, line: profile.line,
            bytes: definition.steps.flatMap { profile.wire.request($0) ?? [] }, repeats: 3)
    }
}
