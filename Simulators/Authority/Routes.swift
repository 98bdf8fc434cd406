import Foundation
import Hummingbird
import NIOCore

/// What the platform answers to which request.
struct Routes: Sendable {
    let records: RecordDesk
    let desk: FrontDesk
    let store: RecordStore

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
        router.post("v1/records") { request, context in
            try await receive(request, context)
        }
        router.post("control/behaviour") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 16)
            guard let behaviour = try? JSONDecoder().decode(Behaviour.self, from: Data(body.readableBytesView)),
                behaviour.count ?? 1 > 0, behaviour.delayMilliseconds ?? 0 >= 0
            else {
                let kinds = Behaviour.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                return Answer(400, ["error": "kind must be one of \(kinds); count 1 or more; delay 0 or more"]).response
            }
            await desk.behave(behaviour)
            return Answer(200, await desk.behaviour).response
        }
        return router
    }

    private func receive(_ request: Request, _ context: LaneConnection) async throws -> Response {
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
        case .unavailable:
            var response = Answer(503, ["error": "unavailable"]).response
            response.headers[.retryAfter] = "1"
            return response
        case .reject:
            let problem = RecordProblem(rule: "told-to-reject", path: "", problem: "the platform was told to reject")
            await desk.count(\.rejected, problems: [problem])
            return Answer.refusal(422, "rejected", [problem]).response
        case .dropConnection: return try await context.drop()
        case .loseReceipt:
            _ = await records.take(body, idempotencyKey: idempotencyKey)
            return try await context.drop()
        case .garbage: return Answer(200, bytes: Array("<html>\u{0}the gateway says hello".utf8)).response
        case .wrongReceipt:
            let other = Receipt(
                id: UUID().uuidString.lowercased(), digest: "sha256:" + String(repeating: "0", count: 64), counter: 1,
                lane: "another-lane", receivedAt: Date().formatted(.iso8601))
            return Answer.receipt(other).response
        }
        return await records.take(body, idempotencyKey: idempotencyKey).response
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
}

extension Answer {
    /// The answer as HTTP.
    var response: Response {
        Response(
            status: HTTPResponse.Status(code: status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
