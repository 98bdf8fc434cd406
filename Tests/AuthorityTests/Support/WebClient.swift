import Authority
import Foundation

/// What a server answered.
struct WebAnswer: Sendable {
    let status: Int
    let headers: String
    let body: [UInt8]

    /// The body read as JSON.
    func decode<Answer: Decodable>(_ type: Answer.Type) throws -> Answer {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The receipt in the body.
    var receipt: Receipt {
        get throws { try decode([String: Receipt].self)["receipt"].unwrapped }
    }

    /// The problems in the body.
    var problems: [RecordProblem] {
        get throws { try decode(Refusal.self).problems }
    }

    /// The kind of refusal in the body.
    var refusal: String {
        get throws { try decode(Refusal.self).error }
    }

    private struct Refusal: Decodable {
        let error: String
        let problems: [RecordProblem]
    }
}

/// A web client as plain as can be: one connection for each request, nothing sent again behind the test's back.
struct WebClient: Sendable {
    let address: BoundAddress

    /// Why there is no answer.
    enum Failure: Error, Equatable {
        case cannotConnect
        /// The connection ended with this many bytes of an answer.
        case closed(after: Int)
    }

    /// Blocks a thread of its own, not one of Swift's pool.
    func send(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []
    ) async throws -> WebAnswer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try exchange(method, path, headers, body) })
            }
        }
    }

    /// Sends a payload in an envelope that the lane signs.
    func post(_ payload: Value, by lane: LaneKey) async throws -> WebAnswer {
        let bytes = payload.json
        return try await post(try lane.envelope(bytes), payload: bytes)
    }

    func post(_ envelope: [UInt8], payload: [UInt8]) async throws -> WebAnswer {
        try await post(envelope, idempotencyKey: digest(payload))
    }

    func post(_ envelope: [UInt8], idempotencyKey: String) async throws -> WebAnswer {
        let headers = [
            "Content-Type": "application/vnd.laneagent.record+json", "Idempotency-Key": idempotencyKey,
        ]
        return try await send("POST", "/v1/records", headers: headers, body: envelope)
    }

    private func exchange(
        _ method: String, _ path: String, _ headers: [String: String], _ body: [UInt8]
    ) throws -> WebAnswer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(address.port).bigEndian
        place.sin_addr.s_addr = inet_addr(address.host)
        let connected = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure.cannotConnect }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        let request = Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server may answer and close before it has read a body that is too large.
            guard count > 0 else { break }
            sent += count
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return try parse(answer)
    }

    private func parse(_ answer: [UInt8]) throws -> WebAnswer {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = answer.firstRange(of: blank) else { throw Failure.closed(after: answer.count) }
        let head = String(decoding: answer[..<end.lowerBound], as: UTF8.self)
        guard let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failure.closed(after: answer.count)
        }
        return WebAnswer(status: status, headers: head.lowercased(), body: Array(answer[end.upperBound...]))
    }
}

/// A server in a folder of its own, stopped and cleared away when the test ends.
func withServer(
    keys: [TrustedKey]? = nil, acceptsSimulated: Bool = false,
    _ body: (AuthorityServer, WebClient, LaneKey) async throws -> Void
) async throws {
    try await withFolder { folder in
        let lane = try LaneKey()
        let configuration = AuthorityConfiguration(
            storageDirectory: folder, trustedKeys: try keys ?? [lane.trusted], acceptsSimulated: acceptsSimulated)
        try await running(configuration) { server, client in try await body(server, client, lane) }
    }
}

/// A server that runs while the closure does.
func running(
    _ configuration: AuthorityConfiguration, _ body: (AuthorityServer, WebClient) async throws -> Void
) async throws {
    let server = AuthorityServer(configuration: configuration)
    let address = try await server.start()
    do {
        try await body(server, WebClient(address: address))
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// A folder that is there while the closure runs.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "authority-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
}

/// Thrown where a test expected something and there was nothing.
struct Nothing: Error {}

extension Optional {
    /// The value, or ``Nothing`` thrown.
    var unwrapped: Wrapped {
        get throws {
            guard let self else { throw Nothing() }
            return self
        }
    }
}
