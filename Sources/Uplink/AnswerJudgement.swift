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
    private static let closed: Set<Int> = [401, 403, 404, 429, 503]

    init(_ answer: UplinkAnswer, to delivery: Delivery, at now: Date) {
        switch answer.status {
        case 200: self = Self.receipt(in: answer.body, for: delivery)
        case let status where Self.rejections.contains(status):
            self = .rejected(
                Message(.uplinkRejected, ["status": .integer(status), "words": .text(Self.words(of: answer))]))
        case let status:
            // Any other answer may say when to come back; only these two are defined to.
            let asked = status == 429 || status == 503
            self = .retry(
                Message(.uplinkUnexpectedStatus, ["status": .integer(status), "words": .text(Self.words(of: answer))]),
                scope: Self.closed.contains(status) ? .authority : .record,
                requested: asked ? RetryPolicy.requested(by: answer.retryAfter, at: now) : nil)
        }
    }

    init(_ error: TransportError) {
        self =
            switch error {
            case .timeout(let seconds):
                .retry(Message(.uplinkTimeout, ["seconds": .integer(seconds)]), scope: .record, requested: nil)
            case .unreachable(let detail):
                .retry(Message(.uplinkUnreachable, ["detail": .text(detail)]), scope: .authority, requested: nil)
            case .answerTooLarge(let limit):
                .retry(Message(.uplinkAnswerTooLarge, ["limit": .integer(limit)]), scope: .record, requested: nil)
            }
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
            ("digest", .string(delivery.payloadDigest.description)), ("counter", .integer(Int64(delivery.counter))),
            ("lane", .string(delivery.lane)),
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
