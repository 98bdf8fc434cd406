import Glibc

/// An instrument behind a TCP connection, used like a serial line by one thread at a time.
final class TCPPort: SerialPort {
    private var handle: Int32
    let descriptor: Int32?
    let isPseudoTerminal = false

    /// How long a connection may take to be made, and the network to accept bytes.
    private static let patience = Duration.seconds(2)

    init(host: String, port: UInt16) throws(PortFailure) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { throw .notFound }
        defer { freeaddrinfo(list) }
        var failure = PortFailure.notFound
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            do throws(PortFailure) {
                handle = try Self.connect(entry)
                descriptor = handle
                return
            } catch { failure = error }
        }
        throw failure
    }

    deinit { close() }

    private static func connect(_ entry: addrinfo) throws(PortFailure) -> Int32 {
        let handle = socket(
            entry.ai_family, entry.ai_socktype | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            entry.ai_protocol)
        guard handle >= 0 else { throw .opening(errno) }
        do throws(PortFailure) {
            if Glibc.connect(handle, entry.ai_addr, entry.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw failure(errno) }
                var waiting = pollfd(fd: handle, events: Int16(POLLOUT), revents: 0)
                guard poll(&waiting, 1, patience.pollMilliseconds) > 0 else { throw .failed("no answer") }
                var problem: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(handle, SOL_SOCKET, SO_ERROR, &problem, &size)
                if problem != 0 { throw failure(problem) }
            }
            // Requests are a few bytes, and each is waited for.
            var yes: Int32 = 1
            setsockopt(handle, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            return handle
        } catch {
            Glibc.close(handle)
            throw error
        }
    }

    private static func failure(_ number: Int32) -> PortFailure {
        number == ECONNREFUSED ? .notFound : .opening(number)
    }

    func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        guard handle >= 0 else { throw .hungUp }
        return try Instruments.waitForInput(on: handle, upTo: time)
    }

    func read() throws(PortFailure) -> [UInt8] {
        guard handle >= 0 else { throw .hungUp }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = Glibc.recv(handle, &bytes, bytes.count, 0)
        if count > 0 { return Array(bytes.prefix(count)) }
        if count < 0, errno == EAGAIN || errno == EINTR { return [] }
        throw .hungUp
    }

    func write(_ bytes: [UInt8]) throws(PortFailure) {
        guard handle >= 0 else { throw .hungUp }
        let deadline = monotonicTime() + Self.patience
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            guard errno == EAGAIN || errno == EINTR else { throw .hungUp }
            let remaining = deadline - monotonicTime()
            guard remaining > .zero else { throw .failed("output does not drain") }
            var entry = pollfd(fd: handle, events: Int16(POLLOUT), revents: 0)
            _ = poll(&entry, 1, remaining.pollMilliseconds)
        }
    }

    func close() {
        guard handle >= 0 else { return }
        Glibc.close(handle)
        handle = -1
    }
}
