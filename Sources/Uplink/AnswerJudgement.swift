import Evidence
import Foundation
import Journal
import Messages

/// What an answer of the authority means for a delivery.
enum AnswerJudgement: Equatable {
    /// The authority has the record.
    case delivered(receipt: [UInt8])
    /// It does not want this record; somebody must look at it.
    case rejected(Message)
    /// It may take it later.
    case retry(Message, scope: Scope, requested: TimeInterval?)

    /// Whom a failure concerns.
    enum Scope: Equatable {
        /// Perhaps only this record; others may go on.
        case record
        /// The authority as a whole; nothing is worth trying before the wait is over.
        case authority
    }

    /// The answers that mean: this record, never.
    private static let rejections: Set<Int> = [400, 409, 413, 422]

    /// The answers that mean: nobody, not now. Others that are no success may concern one record alone.
    private static let closed: Set<Int> = [301, 302, 303, 307, 308, 401, 403, 404, 407, 429, 503]

    init(_ answer: UplinkAnswer, to delivery: Delivery, at now: Date) {
        switch answer.status {
        case 200: self = Self.receipt(in: answer.body, for: delivery)
        case let status where Self.rejections.contains(status):
            self = .rejected(Self.message(Self.code(status), answer))
        case let status:
            // Any other answer may say when to come back; only these two are defined to.
            let asked = status == 429 || status == 503
            self = .retry(
                Self.message(Self.code(status), answer),
                scope: Self.closed.contains(status) ? .authority : .record,
                requested: asked ? RetryPolicy.requested(by: answer.retryAfter, at: now) : nil)
        }
    }

    init(_ error: TransportError) {
        self = .retry(error.message, scope: error.isAboutAuthority ? .authority : .record, requested: nil)
    }

    private static func code(_ status: Int) -> MessageCode {
        switch status {
        case 409: .uplinkConflict
        case 413: .uplinkTooLarge
        case 400...422 where rejections.contains(status): .uplinkRejected
        case 300...399: .uplinkRedirected
        case 401, 403, 407: .uplinkNotAuthorised
        case 404: .uplinkNotFound
        case 429, 503: .uplinkBusy
        case 500...599: .uplinkServerFault
        default: .uplinkUnexpectedStatus
        }
    }

    private static func message(_ code: MessageCode, _ answer: UplinkAnswer) -> Message {
        var arguments: [String: MessageArgument] = [:]
        switch code {
        case .uplinkRedirected:
            arguments = ["status": .integer(answer.status), "place": .text(answer.location ?? "–")]
        case .uplinkNotFound: arguments = ["path": .text(words(of: answer))]
        case .uplinkConflict, .uplinkTooLarge: arguments = ["words": .text(words(of: answer))]
        default: arguments = ["status": .integer(answer.status), "words": .text(words(of: answer))]
        }
        return Message(code, arguments)
    }

    /// A receipt counts only for the record that was sent.
    private static func receipt(in body: [UInt8], for delivery: Delivery) -> AnswerJudgement {
        func retry(_ code: MessageCode, _ arguments: [String: MessageArgument]) -> AnswerJudgement {
            .retry(Message(code, arguments), scope: .record, requested: nil)
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body)
        } catch {
            return retry(.uplinkReceiptMalformed, ["detail": .message(error.message)])
        }
        guard let receipt = value["receipt"], let id = receipt["id"]?.text, !id.isEmpty,
            receipt["receivedAt"]?.text != nil
        else { return retry(.uplinkReceiptMalformed, ["detail": "receipt.id, receipt.receivedAt"]) }
        let expected: [(String, JSONValue)] = [
            ("digest", .string(delivery.payloadDigest.description)), ("lane", .string(delivery.lane)),
            delivery.counter.map { ("counter", .integer(Int64($0))) }
                ?? (delivery.kind == .epoch ? "epoch" : "sequence", .integer(Int64(delivery.sequence))),
        ]
        for (name, expected) in expected where receipt[name] != expected {
            return retry(
                .uplinkReceiptMismatch,
                [
                    "name": .text(name), "found": .text(receipt[name].map(shown) ?? "–"),
                    "expected": .text(shown(expected)),
                ])
        }
        return .delivered(receipt: body)
    }

    private static func shown(_ value: JSONValue) -> String {
        (try? value.canonicalBytes()).map { String(decoding: $0.prefix(200), as: UTF8.self) } ?? "–"
    }

    /// The authority's words: as much of the answer as a person can take in.
    private static func words(of answer: UplinkAnswer) -> String {
        let text = String(decoding: answer.body.prefix(2_000), as: UTF8.self)
        return text.isEmpty ? "–" : text
    }
}
