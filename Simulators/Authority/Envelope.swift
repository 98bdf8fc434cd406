import Crypto
import Foundation

/// A signed record as it arrives: a DSSE envelope (Dead Simple Signing Envelope, version 1).
struct Envelope: Sendable {
    /// What a payload may be, by its type.
    enum Kind: String {
        case record = "application/vnd.laneagent.record+json"
        case statement = "application/vnd.laneagent.statement+json"
    }

    /// What the payload is.
    let kind: Kind

    /// The bytes that were signed.
    let payload: [UInt8]
    /// The signatures with the ids of their keys.
    let signatures: [Signature]

    /// One signature over the pre-authentication encoding.
    struct Signature: Sendable {
        /// Id of the key.
        let keyID: String
        /// The signature's bytes.
        let bytes: [UInt8]
    }

    /// Why an envelope cannot be read.
    struct Malformed: Error {
        /// The member, or an empty path for the whole.
        let path: String
        /// What is wrong with it.
        let problem: String
    }

    /// Reads an envelope; a member too many or base64 that is not in its one strict form is an error, so that no bit of
    /// an envelope is outside what is checked.
    init(parsing body: [UInt8], as kind: Kind = .record) throws(Malformed) {
        self.kind = kind
        let document: JSON
        do {
            document = try JSON(parsing: body)
        } catch {
            throw Malformed(path: "", problem: "not JSON: \(error.what) (byte \(error.offset))")
        }
        try Self.expect(["payload", "payloadType", "signatures"], in: document, at: "")
        guard document.at("payloadType")?.text == kind.rawValue else {
            throw Malformed(path: "payloadType", problem: "must be \(kind.rawValue)")
        }
        payload = try Self.base64(document.at("payload"), at: "payload")
        guard let list = document.at("signatures")?.elements, !list.isEmpty else {
            throw Malformed(path: "signatures", problem: "must be a list with at least one signature")
        }
        var signatures: [Signature] = []
        for (index, element) in list.enumerated() {
            let path = "signatures[\(index)]"
            try Self.expect(["keyid", "sig"], in: element, at: path)
            guard let keyID = element.at("keyid")?.text, !keyID.isEmpty else {
                throw Malformed(path: path + ".keyid", problem: "must be the id of a key")
            }
            signatures.append(Signature(keyID: keyID, bytes: try Self.base64(element.at("sig"), at: path + ".sig")))
        }
        self.signatures = signatures
    }

    /// The digest that names the record: SHA-256 over the payload's bytes.
    var digest: String { "sha256:" + SHA256.hash(data: payload).map { hexadecimal($0) }.joined() }

    /// What the signatures are over (DSSE, pre-authentication encoding).
    var preAuthenticationEncoding: [UInt8] {
        let type = kind.rawValue
        return Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }

    /// The trusted keys that signed, or everything that is wrong with the signatures.
    func signers(among trusted: [TrustedKey]) -> (keys: [TrustedKey], problems: [RecordProblem]) {
        var problems: [RecordProblem] = []
        var signers: [TrustedKey] = []
        let signed = preAuthenticationEncoding
        for (index, signature) in signatures.enumerated() {
            let path = "signatures[\(index)]"
            guard let key = trusted.first(where: { $0.id == signature.keyID }) else {
                let text = "the key \(signature.keyID) is not enrolled"
                problems.append(RecordProblem(rule: "signature.key", path: path + ".keyid", problem: text))
                continue
            }
            guard key.verifies(signature.bytes, over: signed) else {
                let text = "the signature does not fit the payload and the key \(key.id)"
                problems.append(RecordProblem(rule: "signature.bytes", path: path + ".sig", problem: text))
                continue
            }
            if let other = signers.first(where: { $0.algorithm == key.algorithm }) {
                let text = "is the second one of \(key.algorithm.rawValue): \(other.id) has signed already"
                problems.append(RecordProblem(rule: "signature.count", path: path, problem: text))
            }
            signers.append(key)
        }
        return (problems.isEmpty ? signers : [], problems)
    }

    private static func expect(_ names: Set<String>, in value: JSON, at path: String) throws(Malformed) {
        guard let members = value.members, Set(members.keys) == names else {
            throw Malformed(path: path, problem: "must have the members \(names.sorted().joined(separator: ", "))")
        }
    }

    private static func base64(_ value: JSON?, at path: String) throws(Malformed) -> [UInt8] {
        guard let text = value?.text, let data = Data(base64Encoded: text), data.base64EncodedString() == text else {
            throw Malformed(path: path, problem: "is not strict base64 (RFC 4648, padded)")
        }
        return Array(data)
    }
}

private func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
