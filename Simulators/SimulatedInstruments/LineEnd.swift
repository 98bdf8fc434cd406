import Foundation

/// The instrument's end of its line: a pseudo-terminal, or a TCP port to which one host at a time connects.
enum LineEnd: Sendable {
    case terminal(PseudoTerminal)
    case network(NetworkPort)

    /// What a network port's path begins with, as in lane files.
    static let networkPrefix = "tcp:"

    /// Opens the end that a link asks for: `tcp:HOST:PORT`, else a pseudo-terminal.
    init(link: String?) throws(SimulationError) {
        if let link, link.hasPrefix(Self.networkPrefix) {
            self = .network(try NetworkPort(link))
        } else {
            self = .terminal(try PseudoTerminal())
        }
    }

    /// Where a host opens it.
    var path: String {
        switch self {
        case .terminal(let terminal): terminal.path
        case .network(let port): port.path
        }
    }

    /// The descriptors on which something for this end appears.
    var descriptors: [Int32] {
        switch self {
        case .terminal(let terminal): [terminal.master]
        case .network(let port): port.descriptors
        }
    }

    /// What the host has sent; empty if it has only connected or gone.
    func read(_ ready: [Int32]) -> [UInt8] {
        switch self {
        case .terminal(let terminal): readAvailable(terminal.master)
        case .network(let port): port.read(ready)
        }
    }

    /// Hands bytes to the operating system; false if they were not all taken.
    func write(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .terminal(let terminal):
            bytes.withUnsafeBytes { Glibc.write(terminal.master, $0.baseAddress, $0.count) } == bytes.count
        case .network(let port): port.write(bytes)
        }
    }

    /// Bytes that wait for the host to read them; a network port keeps none for a host that is not there.
    var unread: Int { if case .terminal(let terminal) = self { terminal.unread } else { 0 } }

    /// Throws away what the host has not read.
    func discardUnread() { if case .terminal(let terminal) = self { terminal.discardUnread() } }

    /// Bits per second that the host has set; nil where there is no such thing, or no number for it.
    var hostLineSpeed: Int? { if case .terminal(let terminal) = self { terminal.hostLineSpeed } else { nil } }

    /// Whether bits have a speed here.
    var hasLineSpeed: Bool { if case .terminal = self { true } else { false } }

    func close() {
        switch self {
        case .terminal(let terminal): terminal.close()
        case .network(let port): port.close()
        }
    }

    /// Pulls the cable: the host's port is gone. Its number under /dev/pts stays taken until ``release()``, so that the
    /// host, which looks for it, does not find somebody else's instrument there.
    func pull() {
        switch self {
        case .terminal(let terminal): Glibc.close(terminal.master)
        case .network(let port): port.close()
        }
    }

    /// Gives the number of a pulled terminal free.
    func release() { if case .terminal(let terminal) = self { Glibc.close(terminal.slave) } }
}

/// A TCP port of a simulated instrument. One host is served at a time: a new connection takes the old one's place, as
/// with device servers whose host has gone without a word.
///
/// Used by its line's thread; `path` by any.
final class NetworkPort: Sendable {
    let path: String
    private let listener: Int32
    private let client = Guarded<Int32?>(nil)

    /// Listens.
    ///
    /// - Parameter address: `tcp:HOST:PORT`; port 0 takes any that is free.
    init(_ address: String) throws(SimulationError) {
        let parts = address.dropFirst(LineEnd.networkPrefix.count).split(separator: ":")
        guard parts.count == 2, let number = UInt16(parts[1]) else {
            throw .system(call: "listen at \(address)", errno: EINVAL)
        }
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(String(parts[0]), String(number), &hints, &list) == 0, let entry = list?.pointee else {
            throw .system(call: "look up \(address)", errno: EINVAL)
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(entry.ai_family, entry.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, entry.ai_addr, entry.ai_addrlen) == 0, listen(descriptor, 4) == 0 else {
            let error = failure("listen at \(address)")
            Glibc.close(descriptor)
            throw error
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        listener = descriptor
        path = "\(LineEnd.networkPrefix)\(parts[0]):\(Self.number(of: descriptor) ?? number)"
    }

    /// The port that the system has given to a listener.
    private static func number(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return result == 0 ? UInt16(bigEndian: address.sin_port) : nil
    }

    var descriptors: [Int32] { [listener] + client.withLock { [$0].compactMap { $0 } } }

    func read(_ ready: [Int32]) -> [UInt8] {
        if ready.contains(listener) { accept() }
        guard let descriptor = client.withLock({ $0 }), ready.contains(descriptor) else { return [] }
        var chunk = [UInt8](repeating: 0, count: 1024)
        let count: Int = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count > 0 { return Array(chunk.prefix(count)) }
        if count == 0 || (errno != EAGAIN && errno != EINTR) { take(nil) }
        return []
    }

    private func accept() {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        take(descriptor)
    }

    private func take(_ descriptor: Int32?) {
        let old = client.withLock { client in
            defer { client = descriptor }
            return client
        }
        if let old { Glibc.close(old) }
    }

    func write(_ bytes: [UInt8]) -> Bool {
        // Without a host there is nobody to lose anything.
        guard let descriptor = client.withLock({ $0 }) else { return true }
        let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count < 0, errno == EPIPE || errno == ECONNRESET { take(nil) }
        return count == bytes.count
    }

    func close() {
        take(nil)
        Glibc.close(listener)
    }
}
