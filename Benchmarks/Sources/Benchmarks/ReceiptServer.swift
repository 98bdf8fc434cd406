import Evidence
import Foundation
import Glibc

/// An authority that gives a receipt for everything, on one connection after the other, as fast as it can read.
final class ReceiptServer: Sendable {
    let port: UInt16
    private let listener: Int32

    init() throws {
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
        guard result == 0 else { throw NotMeasured("no port: \(String(cString: strerror(errno)))") }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Self.serve(connection)
                close(connection)
            }
        }
    }

    /// No further connection is accepted.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Answers one request after the other until the other side is done.
    private static func serve(_ connection: Int32) {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            while let (end, body) = request(in: received) {
                guard let answer = answer(to: body), send(answer, on: connection) else { return }
                received.removeFirst(end)
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received += buffer[0..<count]
        }
    }

    /// The first whole request: where it ends, and its body.
    private static func request(in bytes: [UInt8]) -> (end: Int, body: [UInt8])? {
        guard let head = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let text = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).lowercased()
        let length = text.firstMatch(of: /content-length: *(\d+)/).flatMap { Int($0.1) } ?? 0
        let end = head.upperBound + length
        return bytes.count >= end ? (end, Array(bytes[head.upperBound..<end])) : nil
    }

    private static func answer(to body: [UInt8]) -> [UInt8]? {
        let payload = (try? Envelope(parsing: body))?.payload ?? body
        guard let content = try? JSONValue(parsing: payload) else { return nil }
        var receipt: JSONObject = [
            "id": "R-1", "digest": .string(Digest(of: payload).description), "lane": content["lane"]?["id"] ?? .null,
            "receivedAt": "2026-01-01T00:00:00Z",
        ]
        for name in ["counter", "sequence"] { receipt[name] = content[name] }
        guard let bytes = try? JSONValue.object(["receipt": .object(receipt)]).canonicalBytes() else { return nil }
        return Array("HTTP/1.1 200 OK\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8) + bytes
    }

    private static func send(_ bytes: [UInt8], on connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
