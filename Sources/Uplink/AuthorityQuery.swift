public import Evidence
import Foundation
public import Messages

/// Questions to the authority's platform, which change nothing there.
public enum AuthorityQuery {
    /// The newest record of a lane that the authority has, and the epoch that was opened last; nil where there is none.
    ///
    /// - Parameters:
    ///   - lane: the lane's identifier.
    ///   - base: the address that `/v1/lanes/LANE/newest` is added to.
    /// - Throws: ``TransportError``, or ``AuthorityQueryError`` for an answer that is none to the question.
    public static func newestRecord(
        of lane: String, at base: String, by transport: HTTPTransport
    ) async throws -> (record: ReceivedRecord?, epoch: ReceivedEpoch?) {
        let base = base.hasSuffix("/") ? String(base.dropLast()) : base
        let answer = try await transport.get("\(base)/v1/lanes/\(escaped(lane))/newest")
        guard answer.status == 200, let value = try? JSONValue(parsing: answer.body), let receipt = value["receipt"]
        else { throw AuthorityQueryError(status: answer.status, body: answer.body) }
        let epoch = value["epoch"].flatMap { ReceivedEpoch(answer: $0) }
        guard (epoch == nil) == (value["epoch"] == nil) else {
            throw AuthorityQueryError(status: answer.status, body: answer.body)
        }
        if receipt == .null { return (nil, epoch) }
        guard let record = ReceivedRecord(receipt: receipt), receipt["lane"]?.text == lane else {
            throw AuthorityQueryError(status: answer.status, body: answer.body)
        }
        return (record, epoch)
    }

    /// How far this computer's clock is ahead of the authority's, s; negative where it is behind.
    ///
    /// The authority's time is taken for that of the middle of the exchange (RFC 5905, section 8), so that the result
    /// is uncertain by half of what the exchange took.
    ///
    /// - Parameter base: the address that `/v1/time` is added to.
    /// - Throws: ``TransportError``, or ``AuthorityQueryError`` for an answer that is none to the question.
    public static func clockOffset(at base: String, by transport: HTTPTransport) async throws -> Double {
        let base = base.hasSuffix("/") ? String(base.dropLast()) : base
        let sent = Date().timeIntervalSince1970
        let answer = try await transport.get("\(base)/v1/time")
        let received = Date().timeIntervalSince1970
        guard answer.status == 200,
            let milliseconds = (try? JSONValue(parsing: answer.body))?["unixMilliseconds"]?.wholeNumber
        else { throw AuthorityQueryError(status: answer.status, body: answer.body) }
        return (sent + received) / 2 - Double(milliseconds) / 1000
    }

    /// A text as one step of an address's path (RFC 3986, section 2.3).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character))
            if isPlain { return String(character) }
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }
}

/// An answer that is none to the question.
public struct AuthorityQueryError: MessageError, Hashable {
    /// The HTTP status.
    public let status: Int
    /// The beginning of the body, as text.
    public let words: String

    init(status: Int, body: [UInt8]) {
        self.status = status
        words = body.isEmpty ? "–" : String(decoding: body.prefix(500), as: UTF8.self)
    }

    /// What to tell a person.
    public var message: Message {
        Message(.uplinkAnswerUnknown, ["status": .integer(status), "words": .text(words)])
    }
}
