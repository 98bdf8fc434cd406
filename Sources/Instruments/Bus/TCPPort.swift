import Glibc

/// An instrument behind a TCP connection, used like a serial line by one thread at a time.
final class TCPPort: SerialPort {
    private var handle: Int32
    let descriptor: Int32?
    let isPseudoTerminal = false
    let endsOnThisComputer: Bool

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
                let handle = try Self.connect(entry)
                let isOwn = Self.endsOnThisComputer(handle)
                #if !Simulation
                    if isOwn {
                        Glibc.close(handle)
                        throw .ownComputerRefused
                    }
                #endif
                endsOnThisComputer = isOwn
                self.handle = handle
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
            set(TCP_NODELAY, 1, at: Int32(IPPROTO_TCP), of: handle)
            // A server that has lost its power says nothing: the connection is given up after some seconds without a
            // sign of life, and made anew, instead of keeping what was asked meanwhile for when the server is back.
            set(SO_KEEPALIVE, 1, at: SOL_SOCKET, of: handle)
            set(TCP_KEEPIDLE, 5, at: Int32(IPPROTO_TCP), of: handle)
            set(TCP_KEEPINTVL, 1, at: Int32(IPPROTO_TCP), of: handle)
            set(TCP_KEEPCNT, 3, at: Int32(IPPROTO_TCP), of: handle)
            set(TCP_USER_TIMEOUT, 5000, at: Int32(IPPROTO_TCP), of: handle)
            return handle
        } catch {
            Glibc.close(handle)
            throw error
        }
    }

    private static func set(_ option: Int32, _ value: Int32, at level: Int32, of handle: Int32) {
        var value = value
        setsockopt(handle, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the other end of a connection is an address of this computer, on whichever network card or on none.
    private static func endsOnThisComputer(_ handle: Int32) -> Bool {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let peer = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getpeername(handle, address, &size) == 0 ? Self.host(address, size) : nil
            }
        }
        // An end that cannot be told is as good as one that must not be.
        guard let peer else { return true }
        // RFC 1122, 3.2.1.3: every address of 127/8 is this host.
        if peer.hasPrefix("127.") { return true }
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return true }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr else { continue }
            let size: Int
            switch Int32(address.pointee.sa_family) {
            case AF_INET: size = MemoryLayout<sockaddr_in>.size
            case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
            default: continue
            }
            if host(address, socklen_t(size)) == peer { return true }
        }
        return false
    }

    /// An address in figures: without the zone of a link-local one, and as version 4 where it only stands for that.
    private static func host(_ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, size, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let plain = text.prefix { $0 != "%" }
        let mapped = "::ffff:"
        return plain.hasPrefix(mapped) ? String(plain.dropFirst(mapped.count)) : String(plain)
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
