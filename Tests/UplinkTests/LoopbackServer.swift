import Foundation
import Glibc
import Synchronization

/// A small HTTP server on the loopback address, on a thread of its own, for one exchange per connection.
final class LoopbackServer: Sendable {
    /// A request as it came over the wire.
    struct Request: Sendable {
        let head: String
        let body: [UInt8]
    }

    /// What the server does with a connection after it read the request.
    enum Reply: Sendable {
        /// Sends these bytes and closes.
        case send([UInt8])
        /// Sends these bytes and then nothing more, until the other side gives up.
        case stall([UInt8])
        /// Closes without a word.
        case drop
    }

    let port: UInt16
    private let listener: Int32
    private let log = Mutex<[Request]>([])

    var requests: [Request] { log.withLock { $0 } }
    var base: String { "http://127.0.0.1:\(port)" }

    init(_ reply: @escaping @Sendable (Request) -> Reply) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) }
        }
        if result == 0 { result = listen(listener, 16) }
        if result == 0 {
            result = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
            }
        }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                serve(connection, reply)
                close(connection)
            }
        }
        thread.start()
    }

    /// Ends the thread; no further connection is accepted.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ connection: Int32, _ reply: (Request) -> Reply) {
        guard let request = read(connection) else { return }
        log.withLock { $0.append(request) }
        switch reply(request) {
        case .send(let bytes): write(bytes, to: connection)
        case .stall(let bytes):
            write(bytes, to: connection)
            var rest = [UInt8](repeating: 0, count: 1_024)
            while recv(connection, &rest, rest.count, 0) > 0 {}
        case .drop: break
        }
    }

    private func read(_ connection: Int32) -> Request? {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var expected: Int?
        var head = ""
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            received += buffer[0..<count]
            if expected == nil, let end = Data(received).range(of: Data("\r\n\r\n".utf8)) {
                head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                let length = head.lowercased().firstMatch(of: /content-length: *(\d+)/).flatMap { Int($0.1) } ?? 0
                expected = end.upperBound + length
            }
            if let expected, received.count >= expected {
                return Request(head: head, body: Array(received[(head.utf8.count + 4)..<expected]))
            }
        }
    }

    private func write(_ bytes: [UInt8], to connection: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}

/// An HTTP answer as it goes over the wire.
func answer(_ status: String, _ body: [UInt8] = [], fields: String = "", length: Int? = nil) -> [UInt8] {
    bytes("HTTP/1.1 \(status)\r\nContent-Length: \(length ?? body.count)\r\nConnection: close\r\n\(fields)\r\n") + body
}
