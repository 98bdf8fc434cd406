import Evidence
import Foundation
import Glibc
import Journal
import Synchronization
import Uplink

let noon = Date(timeIntervalSince1970: 1_780_000_000)
let laneName = "11010501-3"
private let key = SigningKey(origin: .measured)

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A journal in a directory of its own with some sealed records.
func withJournal(records: Int, _ body: (Journal, String) async throws -> Void) async throws {
    var template = Array("/tmp/uplink-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let journal = try await Journal.open(directory, reserve: 0)
    for number in 0..<records {
        try await journal.beginTest(
            id: "\(number)", method: "asm", lane: laneName, startedAt: "2026-05-29T04:26:40+08:00", order: [],
            context: [], at: noon)
        try await journal.seal(test: "\(number)", at: noon, build: buildRecord)
    }
    try await body(journal, directory)
}

/// A record of nothing but its place in the chain.
@Sendable func buildRecord(_ context: SealContext) throws -> SealedRecord {
    let header = RecordHeader(
        lane: laneName, epoch: context.epoch, counter: context.counter, previous: context.previousDigest,
        origin: .measured, attachments: [])
    let payload = try JSONValue.object(header.object).canonicalBytes()
    let envelope = try Envelope(payload: payload, signedWith: [key])
    return SealedRecord(envelope: envelope.bytes, attachments: [], verdict: "passed", summary: [])
}

/// The receipt that an authority gives for an envelope or an item of a stream; `change` may spoil it.
func receipt(for envelope: [UInt8], _ change: (inout JSONObject) -> Void = { _ in }) throws -> [UInt8] {
    let statement = (try? Envelope(parsing: envelope, type: .statement))?.payload
    let payload = (try? Envelope(parsing: envelope))?.payload ?? envelope
    let content = try JSONValue(parsing: statement ?? payload)
    var receipt: JSONObject = [
        "id": "R-1", "digest": .string(Digest(of: payload).description),
        "lane": content["lane"]?["id"] ?? content["lane"] ?? .null, "receivedAt": "2026-05-29T04:26:41+08:00",
    ]
    for name in ["counter", "sequence", "epoch"] { receipt[name] = content[name] }
    change(&receipt)
    return try JSONValue.object(["receipt": .object(receipt)]).canonicalBytes()
}

/// Time that passes only when somebody waits; after a number of waits whoever waits is told that it is over.
final class ManualClock: PumpClock {
    private struct State {
        var now = noon
        var waits: [TimeInterval] = []
        var remaining: Int
    }

    private let state: Mutex<State>

    init(waits: Int = .max) { state = Mutex(State(remaining: waits)) }

    var now: Date { state.withLock { $0.now } }
    var waits: [TimeInterval] { state.withLock { $0.waits } }

    func advance(_ seconds: TimeInterval) { state.withLock { $0.now.addTimeInterval(seconds) } }

    func sleep(seconds: TimeInterval) async throws {
        try state.withLock { state in
            guard state.remaining > 0 else { throw CancellationError() }
            state.remaining -= 1
            state.waits.append(seconds)
            state.now.addTimeInterval(seconds)
        }
        try Task.checkCancellation()
    }
}

/// An authority that does what a script says, request by request; the last line of the script goes on for ever.
final class ScriptedTransport: UplinkTransport {
    enum Line: Sendable {
        case accept
        case spoil(@Sendable (inout JSONObject) -> Void)
        case answer(UplinkAnswer)
        case fail(TransportError)
    }

    private let script: @Sendable (Int, UplinkRequest) -> Line
    private let log = Mutex<[UplinkRequest]>([])

    init(_ lines: Line...) { script = { index, _ in lines[min(index, lines.count - 1)] } }

    /// A script that looks at the number and the content of each request.
    init(_ script: @escaping @Sendable (Int, UplinkRequest) -> Line) { self.script = script }

    var requests: [UplinkRequest] { log.withLock { $0 } }

    func post(_ request: UplinkRequest) async throws(TransportError) -> UplinkAnswer {
        let index = log.withLock { log in
            log.append(request)
            return log.count - 1
        }
        do {
            switch script(index, request) {
            case .accept: return UplinkAnswer(status: 200, body: try receipt(for: request.body))
            case .spoil(let change): return UplinkAnswer(status: 200, body: try receipt(for: request.body, change))
            case .answer(let answer): return answer
            case .fail(let error): throw error
            }
        } catch let error as TransportError {
            throw error
        } catch {
            throw .unreachable(detail: "the script failed: \(error)")
        }
    }
}

/// The statement by which the lane begins an epoch.
@Sendable func openEpoch(_ context: EpochContext) throws -> Envelope {
    let header = StatementHeader(
        .epoch, lane: laneName, epoch: context.epoch, origin: .measured, signing: [.ed25519],
        at: "2026-05-29T04:26:40+08:00")
    return try EpochOpening(header: header, after: context.after, head: context.head, reason: "restored")
        .sealed(with: [key])
}

extension UplinkRequest {
    /// The counter of the record that the request carries.
    var counter: Int? {
        (try? Envelope(parsing: body)).flatMap { try? JSONValue(parsing: $0.payload) }?["counter"]?.wholeNumber
    }
}
