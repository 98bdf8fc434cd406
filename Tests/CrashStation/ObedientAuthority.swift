import Evidence
import Foundation
import Synchronization
import Uplink

/// An authority within the program, which takes everything and counts it: here the disk is what fails.
final class ObedientAuthority: UplinkTransport {
    private let state = Mutex<(digests: Set<Digest>, repeated: Int)>(([], 0))

    /// What it has, once each.
    var digests: Set<Digest> { state.withLock { $0.digests } }
    /// How often something came again.
    var repeated: Int { state.withLock { $0.repeated } }

    func post(_ request: UplinkRequest) async throws(TransportError) -> UplinkAnswer {
        guard let digest = request.headers["Idempotency-Key"].flatMap({ Digest($0) }),
            let content = content(of: request.body)
        else { return UplinkAnswer(status: 400) }
        state.withLock { state in
            if !state.digests.insert(digest).inserted { state.repeated += 1 }
        }
        var receipt: JSONObject = [
            "id": .string(String(digest.description.suffix(12))), "digest": .string(digest.description),
            "lane": content["lane"]?["id"] ?? .null, "receivedAt": .string(Date().formatted(.iso8601)),
        ]
        for name in ["counter", "sequence"] { receipt[name] = content[name] }
        let body = try? JSONValue.object(["receipt": .object(receipt)]).canonicalBytes()
        return UplinkAnswer(status: 200, body: body ?? [])
    }

    /// The item itself, or the payload of a record's envelope.
    private func content(of body: [UInt8]) -> JSONValue? {
        let payload = (try? Envelope(parsing: body))?.payload ?? body
        return try? JSONValue(parsing: payload)
    }
}
