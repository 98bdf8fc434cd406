/// Why a port cannot be opened or used, before it is known which instrument is concerned.
public enum PortFailure: Error, Hashable, Sendable {
    /// There is no such port.
    case notFound
    /// Another program has claimed it.
    case busy
    /// This user may not open it.
    case denied
    /// It is a pseudo-terminal, which a station build does not open.
    case pseudoTerminalRefused
    /// It is a network connection that ends on this computer, which a station build does not open.
    case ownComputerRefused
    /// It went away while it was open.
    case hungUp
    /// The operating system's own words for anything else.
    case failed(String)

    var reason: InstrumentError.Reason {
        switch self {
        case .notFound: .portNotFound
        case .busy: .portBusy
        case .denied: .portDenied
        case .pseudoTerminalRefused: .pseudoTerminalRefused
        case .ownComputerRefused: .ownComputerRefused
        case .hungUp: .hungUp
        case .failed(let detail): .portFailed(detail: detail)
        }
    }
}

/// What every open port offers to the thread that owns it.
public protocol Port: AnyObject {
    /// The descriptor on which the bus thread waits while idle; nil for a port that lives in memory.
    var descriptor: Int32? { get }

    /// Whether the other end is a program rather than a wire (伪终端).
    var isPseudoTerminal: Bool { get }

    /// Whether the other end is on this computer, and so a program: that of a pseudo-terminal, and a connection of the
    /// computer to itself.
    var endsOnThisComputer: Bool { get }

    /// Waits until there is something to read, in real time.
    ///
    /// - Returns: false if the time passed without a byte.
    /// - Throws: ``PortFailure/hungUp`` if the port has gone.
    func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool

    /// Everything that can be read without waiting; empty if there is nothing.
    func read() throws(PortFailure) -> [UInt8]

    /// Closes the port; further calls do nothing.
    func close()
}

extension Port {
    /// As for every port that is no network connection.
    public var endsOnThisComputer: Bool { isPseudoTerminal }
}

/// An open serial port.
public protocol SerialPort: Port {
    /// Hands all bytes to the operating system.
    func write(_ bytes: [UInt8]) throws(PortFailure)
}

/// An open Modbus RTU line.
public protocol ModbusPort: Port {
    /// Sends a request and waits for the reply.
    ///
    /// - Parameters:
    ///   - request: the whole request with its check bytes.
    ///   - replyTimeout: how long the reply may take to begin.
    ///   - byteTimeout: the longest pause within it.
    func exchange(
        _ request: [UInt8], replyTimeout: Duration, byteTimeout: Duration
    ) throws(PortFailure) -> ModbusAnswer
}

/// How a Modbus exchange ended.
public enum ModbusAnswer: Hashable, Sendable {
    /// A whole frame whose check bytes agree, of whatever unit and function.
    case frame([UInt8])
    /// A whole frame whose check bytes disagree, as far as it is known.
    case damaged([UInt8])
    /// Nothing, or not enough, in time: what has come, as far as it is known.
    case timedOut([UInt8])
}

/// Opens the port of an instrument, and tells the time by which the wire is judged.
///
/// The one for real ports is the default of ``Instrument``; another takes its place where faults are tried out
/// against a port in memory and a clock that is moved by hand.
public protocol PortOpener: Sendable {
    /// The time since some fixed point on a real, monotonic clock.
    var uptime: Duration { get }

    /// Opens a serial port and sets its line.
    func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort

    /// Opens a Modbus RTU line to one unit.
    func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort
}
