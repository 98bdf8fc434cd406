import Foundation
import Hummingbird
import NIOCore

/// What the platform answers to which request.
struct Routes: Sendable {
    let records: RecordDesk
    let desk: FrontDesk
    let store: RecordStore
    let stream: StreamStore

    /// Larger bodies are refused; a record with its seconds is a few hundred kilobytes.
    static let largestBody = 8 << 20

    /// All routes.
    var router: Router<LaneConnection> {
        let router = Router(context: LaneConnection.self)
        router.get("health") { _, _ in
            Answer(200, Health(status: "ok", records: await store.all.count)).response
        }
        router.get("report") { _, _ in
            var report = await desk.report
            report.stored = await store.all.count
            report.streamStored = await stream.count
            return Answer(200, report).response
        }
        router.get("v1/records") { _, _ in
            Answer(200, ["records": await store.all]).response
        }
        router.get("v1/records/:lane/:counter") { _, context in
            guard let lane = context.parameters.get("lane")?.removingPercentEncoding,
                let counter = context.parameters.get("counter", as: Int.self),
                let (receipt, envelope) = try await store.record(lane: lane, counter: counter)
            else { return Answer(404, ["error": "no such record"]).response }
            // The envelope is JSON as it was received; encoding it again could change its bytes.
            let head = try Array(#"{"receipt":"#.utf8) + JSONEncoder.sorted.encode(receipt)
            return Answer(200, bytes: head + Array(#","envelope":"#.utf8) + envelope + Array("}".utf8)).response
        }
        router.get("v1/lanes/:lane/newest") { _, context in
            let lane = context.parameters.get("lane")?.removingPercentEncoding ?? ""
            let receipt = try (await store.newest(of: lane)).map { try JSONEncoder.sorted.encode($0) }
            let opening = try (await store.openings(of: lane).last).map { try JSONEncoder.sorted.encode($0) }
            let epoch = opening.map { Array(#","epoch":"#.utf8) + $0 } ?? []
            return Answer(
                200, bytes: Array(#"{"receipt":"#.utf8) + (receipt ?? Data("null".utf8)) + epoch + [0x7D]
            ).response
        }
        router.get("v1/time") { _, _ in
            Answer(200, ["unixMilliseconds": Int64((Date().timeIntervalSince1970 * 1000).rounded())]).response
        }
        router.post("v1/records") { request, context in
            try await receive(request, context) { await records.take($0, idempotencyKey: $1) }
        }
        let epochs = EpochDesk(
            trustedKeys: records.trustedKeys, acceptsSimulated: records.acceptsSimulated, store: store, desk: desk)
        router.post("v1/epochs") { request, context in
            try await receive(request, context) { await epochs.take($0, idempotencyKey: $1) }
        }
        let streamDesk = StreamDesk(lanes: Set(records.trustedKeys.map(\.lane)), store: stream, desk: desk)
        router.post("v1/stream") { request, context in
            try await receive(request, context) { await streamDesk.take($0, idempotencyKey: $1) }
        }
        router.post("control/behaviour") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 16)
            guard let behaviour = try? JSONDecoder().decode(Behaviour.self, from: Data(body.readableBytesView)),
                behaviour.count ?? 1 > 0, behaviour.delayMilliseconds ?? 0 >= 0, behaviour.bytes ?? 0 >= 0
            else {
                let kinds = Behaviour.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                return Answer(400, ["error": "kind must be one of \(kinds); count 1 or more; delay, bytes 0 or more"])
                    .response
            }
            await desk.behave(behaviour)
            return Answer(200, await desk.behaviour).response
        }
        return router
    }

    /// Answers a record or an item of a stream as the present behaviour wants it.
    private func receive(
        _ request: Request, _ context: LaneConnection, take: @escaping @Sendable ([UInt8], String?) async -> Answer
    ) async throws -> Response {
        let behaviour = await desk.arrival()
        let body: [UInt8]
        do {
            body = Array(try await request.body.collect(upTo: Self.largestBody).readableBytesView)
        } catch is NIOTooManyBytesError {
            await desk.count(\.malformed)
            return Answer(413, ["error": "a record has at most \(Self.largestBody) bytes"]).response
        }
        let idempotencyKey = HTTPFields.Element.Name("Idempotency-Key").flatMap { request.headers[$0] }
        switch behaviour.kind {
        case .none: break
        case .slow: try await Task.sleep(for: behaviour.delay)
        case .unavailable, .serverFault, .unauthorised, .notFound, .redirect: return refusal(behaviour.kind)
        case .reject:
            let problem = RecordProblem(rule: "told-to-reject", path: "", problem: "the platform was told to reject")
            await desk.count(\.rejected, problems: [problem])
            return Answer.refusal(422, "rejected", [problem]).response
        case .dropConnection: return try await context.drop()
        case .loseReceipt:
            _ = await take(body, idempotencyKey)
            return try await context.drop()
        case .garbage: return Answer(200, bytes: Array("<html>\u{0}the gateway says hello".utf8)).response
        case .wrongReceipt:
            let other = Receipt(
                id: UUID().uuidString.lowercased(), digest: "sha256:" + String(repeating: "0", count: 64), counter: 1,
                lane: "another-lane", receivedAt: Date().formatted(.iso8601))
            return Answer.receipt(other).response
        case .truncated, .reset:
            let answer = await take(body, idempotencyKey)
            return context.breakingOff(answer, after: behaviour.bytes, reset: behaviour.kind == .reset)
        case .outOfOrder:
            await desk.putOff { _ = await take(body, idempotencyKey) }
            return try await context.drop()
        case .duplicate:
            let answer = await take(body, idempotencyKey)
            return Answer(answer.status, bytes: answer.body + answer.body).response
        case .skewed:
            let answer = await take(body, idempotencyKey)
            return Answer(answer.status, bytes: answer.aDayAhead).response
        }
        let answer = await take(body, idempotencyKey)
        for late in await desk.takePutOff() { await late() }
        return answer.response
    }

    /// An answer to something that is not looked at.
    private func refusal(_ kind: Behaviour.Kind) -> Response {
        switch kind {
        case .serverFault: return Answer(500, ["error": "internal error"]).response
        case .unauthorised: return Answer(401, ["error": "who are you?"]).response
        case .notFound: return Answer(404, ["error": "no such address"]).response
        case .redirect:
            var response = Answer(307, ["error": "moved"]).response
            response.headers[.location] = "http://127.0.0.1:1/v1/records"
            return response
        default:
            var response = Answer(503, ["error": "unavailable"]).response
            response.headers[.retryAfter] = "1"
            return response
        }
    }

    private struct Health: Encodable {
        let status: String
        let records: Int
    }
}

/// A request's context that knows its connection, to be able to cut it.
struct LaneConnection: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Closes the connection; nothing that is answered after that leaves the host.
    func drop() async throws -> Response {
        try await channel.close()
        return Response(status: .serviceUnavailable)
    }

    /// Announces a whole answer, sends some bytes of it, by default half, and closes the connection, in order or with a
    /// reset.
    func breakingOff(_ answer: Answer, after count: Int?, reset: Bool) -> Response {
        let body = ResponseBody(contentLength: answer.body.count) { [channel] writer in
            let part = answer.body.prefix(count ?? answer.body.count / 2)
            if !part.isEmpty { try await writer.write(ByteBuffer(bytes: part)) }
            if reset, let socket = channel as? any SocketOptionProvider {
                try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            try await channel.close()
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: [.contentType: "application/json"], body: body)
    }
}

extension Answer {
    /// The body with the receipt's time a day later than it is.
    fileprivate var aDayAhead: [UInt8] {
        guard var object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            var receipt = object["receipt"] as? [String: Any]
        else { return body }
        receipt["receivedAt"] = Date(timeIntervalSinceNow: 86_400).formatted(.iso8601)
        object["receipt"] = receipt
        return (try? JSONSerialization.data(withJSONObject: object)).map(Array.init) ?? body
    }
}

extension Answer {
    /// The answer as HTTP.
    var response: Response {
        Response(
            status: HTTPResponse.Status(code: status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
