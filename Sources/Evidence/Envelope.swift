import Messages

import Foundation

/// What an envelope may hold, by its media type. The type is part of what is signed.
public enum PayloadType: String, CaseIterable, Sendable {
    /// A test's or check's record.
    case record = "application/vnd.laneagent.record+json"
    /// A statement about keys or about the chain.
    case statement = "application/vnd.laneagent.statement+json"
}

/// A signed payload: a DSSE envelope (Dead Simple Signing Envelope 1.0.2) as canonical JSON.
///
/// The signature covers type and payload, and the envelope has only one spelling: canonical JSON, padded base64
/// without stray bits, no other members, signatures in the order of their key ids. Together with the check of every
/// signature no bit of it can change unnoticed. What is verified is the payload's bytes as they are stored; nothing
/// is serialised again in order to judge a signature.
public struct Envelope: Hashable, Sendable {
    /// A signature and the key that made it.
    public struct Signature: Hashable, Sendable {
        /// The key's fingerprint: the SHA-256 of its raw public key, 64 lower-case hexadecimal digits.
        public let keyID: String
        /// The signature: 64 raw bytes for Ed25519, DER for SM2.
        public let bytes: [UInt8]

        /// Creates a signature from its parts; nothing is verified.
        public init(keyID: String, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    /// The media type of a record's payload.
    public static let payloadType = PayloadType.record.rawValue

    /// What the payload is.
    public let type: PayloadType

    /// The payload's bytes.
    public let payload: [UInt8]

    /// The signatures, in the order of their key ids.
    public let signatures: [Signature]

    /// Signs a payload with one key or more.
    ///
    /// - Throws: ``SigningKeyError`` if a signature cannot be made.
    public init(
        payload: [UInt8], type: PayloadType = .record, signedWith keys: [SigningKey]
    ) throws(SigningKeyError) {
        let message = Self.preAuthenticationEncoding(of: payload, type: type.rawValue)
        var signatures: [Signature] = []
        for key in keys { signatures.append(Signature(keyID: key.id, bytes: try key.signature(for: message))) }
        self.init(payload: payload, type: type, signatures: signatures)
    }

    /// Puts an envelope together from its parts; nothing is verified.
    public init(payload: [UInt8], type: PayloadType = .record, signatures: [Signature]) {
        self.payload = payload
        self.type = type
        self.signatures = signatures.sorted { $0.keyID < $1.keyID }
    }

    /// The digest of the payload: the record's identity.
    public var payloadDigest: Digest { Digest(of: payload) }

    /// The envelope as it is stored and sent.
    public var bytes: [UInt8] { written(Data(payload).base64EncodedString()) }

    /// The envelope around a payload that is in base64 already.
    private func written(_ payload: String) -> [UInt8] {
        // Every member is base64 or hexadecimal ASCII without quotes and backslashes, already in canonical order.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.utf8.count + 100 + 200 * signatures.count)
        bytes += #"{"payload":""#.utf8
        bytes += payload.utf8
        bytes += #"","payloadType":"\#(type.rawValue)","signatures":["#.utf8
        bytes +=
            signatures.map { signature in
                #"{"keyid":"\#(signature.keyID)","sig":"\#(Data(signature.bytes).base64EncodedString())"}"#
            }.joined(separator: ",").utf8
        bytes += "]}".utf8
        return bytes
    }

    /// What a signature covers: DSSE's pre-authentication encoding of type and body.
    public static func preAuthenticationEncoding(of body: [UInt8], type: String = payloadType) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8) + body
    }

    /// Reads an envelope strictly; no signature is verified.
    ///
    /// - Throws: ``Finding``, placed, if the bytes are anything but the one spelling of an envelope of this type.
    public init(parsing bytes: [UInt8], type: PayloadType = .record) throws(Finding) {
        self.type = type
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw Finding(.evidenceNotJSON, ["detail": .message(error.message)], at: "envelope")
        }
        let envelope = try Self.members(of: value, ["payload", "payloadType", "signatures"], at: "envelope")
        guard envelope["payloadType"]?.text?.utf8.elementsEqual(type.rawValue.utf8) == true else {
            throw Finding(.evidencePayloadType, ["expected": .text(type.rawValue)], at: "envelope.payloadType")
        }
        let payload = try Self.base64(envelope["payload"], at: "envelope.payload")
        self.payload = payload.bytes
        guard let elements = envelope["signatures"]?.elements, !elements.isEmpty else {
            throw Finding(.evidenceNoSignatures, at: "envelope.signatures")
        }
        var signatures: [Signature] = []
        for (index, element) in elements.enumerated() {
            let place = "envelope.signatures[\(index)]"
            let signature = try Self.members(of: element, ["keyid", "sig"], at: place)
            guard let keyID = signature["keyid"]?.text, isFingerprint(keyID) else {
                throw Finding(.evidenceKeyIDMalformed, at: "\(place).keyid")
            }
            if let previous = signatures.last, previous.keyID >= keyID {
                throw Finding(.evidenceSignatureOrder, at: "\(place).keyid")
            }
            signatures.append(
                Signature(keyID: keyID, bytes: try Self.base64(signature["sig"], at: "\(place).sig").bytes))
        }
        self.signatures = signatures
        let canonical = written(payload.text)
        guard canonical == bytes else {
            let offset = firstDifference(canonical, bytes)
            throw Finding(.evidenceNotCanonical, ["offset": .integer(offset)], at: "envelope")
        }
    }

    private static func members(
        of value: JSONValue, _ names: [String], at place: String
    ) throws(Finding) -> JSONObject {
        guard let object = value.members else { throw Finding(.evidenceNotAnObject, at: place) }
        for name in names where object[name] == nil {
            throw Finding(.evidenceMemberMissing, ["name": .text(name)], at: place)
        }
        for member in object.all where !names.contains(where: { $0.utf8.elementsEqual(member.name.utf8) }) {
            throw Finding(.evidenceMemberUnknown, ["name": .text(member.name)], at: place)
        }
        return object
    }

    /// The text, which is the one spelling of the bytes, and the bytes.
    private static func base64(
        _ value: JSONValue?, at place: String
    ) throws(Finding) -> (text: String, bytes: [UInt8]) {
        guard let text = value?.text, let bytes = decodeBase64(text) else {
            throw Finding(.evidenceBase64, at: place)
        }
        return (text, bytes)
    }
}

/// The bytes of padded base64 (RFC 4648, section 4) in its one spelling; nil for any other.
func decodeBase64(_ text: String) -> [UInt8]? {
    guard let data = Data(base64Encoded: text) else { return nil }
    // Encoding again is what finds stray bits in the last character and ignored ones elsewhere.
    // Byte by byte, since String's == is canonical equivalence.
    guard Array(data.base64EncodedString().utf8) == Array(text.utf8) else { return nil }
    return Array(data)
}

/// Whether a text is 64 lower-case hexadecimal digits.
func isFingerprint(_ text: String) -> Bool {
    text.utf8.count == 64 && decodeHexadecimal(text.utf8) != nil
}

/// The offset of the first byte in which two sequences differ.
func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int {
    zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(left.count, right.count)
}
