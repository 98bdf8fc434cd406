import Messages

/// Keys of a lane that ask to be enrolled (密钥登记申请), signed with each of them, so that nobody enrols a key that
/// its owner does not hold. Whose the keys are only a comparison of fingerprints by other means can tell.
public struct KeyEnrolment: Hashable, Sendable {
    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// The keys.
    public let keys: [TrustedKey]

    /// Signs the request.
    ///
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public static func sealed(
        _ keys: [SigningKey], lane: String, epoch: Int = 1, origin: RecordOrigin, at: String
    ) throws -> Envelope {
        let header = StatementHeader(
            .keyEnrolment, lane: lane, epoch: epoch, origin: origin, signing: keys.map(\.algorithm), at: at)
        let entries = keys.map { JSONValue.object(TrustedKey($0, lane: lane).object) }
        return try header.sealed(["keys": .array(entries)], with: keys)
    }

    /// Verifies a request: every key that it names has signed it.
    public static func verify(_ bytes: [UInt8]) -> StatementReport<KeyEnrolment> {
        let named = (try? Envelope(parsing: bytes, type: .statement)).flatMap { try? JSONValue(parsing: $0.payload) }
        let keys = (named?["keys"]?.elements ?? []).compactMap { TrustedKey.read($0, at: "").key }
        let trust = (try? TrustFile(keys)) ?? TrustFile.empty
        var report = Verifier(trust: trust, allowSimulated: true).verifyStatement(
            bytes, .keyEnrolment, members: ["keys"], read: read)
        for key in keys where !report.signers.contains(where: { $0.id == key.id }) {
            report.findings.append(
                Finding(.evidenceStatementSigner, ["id": .text(key.id)], at: "envelope.signatures"))
        }
        return report
    }

    private static func read(_ reader: inout MemberReader, _ header: StatementHeader) -> KeyEnrolment? {
        guard let elements = reader.value["keys"]?.elements, !elements.isEmpty else {
            reader.note("keys", .expectedSequence)
            return nil
        }
        var keys: [TrustedKey] = []
        for (index, element) in elements.enumerated() {
            let (key, findings) = TrustedKey.read(element, at: "payload.keys[\(index)]")
            reader.adopt(findings)
            guard let key else { continue }
            if key.lane != header.lane || key.origin != header.origin {
                reader.adopt([Finding(.evidenceStatementForeign, at: "payload.keys[\(index)]")])
            }
            keys.append(key)
        }
        return KeyEnrolment(header: header, keys: keys)
    }
}

/// That a key takes over from another (密钥轮换), signed with both: the old one permits it, the new one shows that it
/// is there.
public struct KeyRotation: Hashable, Sendable {
    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// The fingerprint of the key that ends.
    public let old: String
    /// The key that begins, with the first record that it signs.
    public let new: TrustedKey

    /// Signs the statement.
    ///
    /// - Parameters:
    ///   - old: the key that ends.
    ///   - new: the key that begins, of the same algorithm and origin.
    ///   - first: the number of the first record that the new key signs.
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public static func sealed(
        from old: SigningKey, to new: SigningKey, lane: String, epoch: Int = 1, first: Int, at: String
    ) throws -> Envelope {
        let header = StatementHeader(
            .keyRotation, lane: lane, epoch: epoch, origin: old.origin, signing: [old.algorithm], at: at)
        let key = TrustedKey(new, lane: lane, validity: KeyValidity(fromCounter: first))
        return try header.sealed(["old": .string(old.id), "new": .object(key.object)], with: [old, new])
    }

    /// Verifies a rotation against the keys that were enrolled before it.
    public static func verify(_ bytes: [UInt8], trust: TrustFile) -> StatementReport<KeyRotation> {
        var known = trust
        let named = (try? Envelope(parsing: bytes, type: .statement)).flatMap { try? JSONValue(parsing: $0.payload) }
        let new = named?["new"].flatMap { TrustedKey.read($0, at: "").key }
        // The new key is believed for this one purpose: to show that its owner has it.
        if let new { try? known.enrol(new) }
        var report = Verifier(trust: known, allowSimulated: true).verifyStatement(
            bytes, .keyRotation, members: ["old", "new"], read: read)
        guard let rotation = report.content else { return report }
        for id in [rotation.old, rotation.new.id] where !report.signers.contains(where: { $0.id == id }) {
            report.findings.append(Finding(.evidenceStatementSigner, ["id": .text(id)], at: "envelope.signatures"))
        }
        // Not a key that is enrolled only because this statement says so.
        if trust.key(id: rotation.old) == nil {
            report.findings.append(Finding(.evidenceKeyUnknown, ["id": .text(rotation.old)], at: "payload.old"))
        }
        return report
    }

    private static func read(_ reader: inout MemberReader, _ header: StatementHeader) -> KeyRotation? {
        let old = reader.fingerprint("old")
        let (new, findings) = TrustedKey.read(reader.value["new"] ?? .null, at: "payload.new")
        reader.adopt(findings)
        guard let old, let new else { return nil }
        if new.validity.fromCounter == nil { reader.note("new.fromCounter", .evidenceExpectedCounter) }
        if new.lane != header.lane || new.origin != header.origin || header.signing != [new.algorithm]
            || new.revocation != nil || new.id == old
        {
            reader.adopt([Finding(.evidenceStatementForeign, at: "payload.new")])
        }
        return KeyRotation(header: header, old: old, new: new)
    }
}

/// That a key is to be believed no more (密钥吊销), signed with the key itself or another of the lane's.
public struct KeyRevocationStatement: Hashable, Sendable {
    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// The fingerprint of the key.
    public let key: String
    /// From when on, and why.
    public let revocation: KeyRevocation

    /// Signs the statement.
    ///
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public static func sealed(
        _ id: String, _ revocation: KeyRevocation, lane: String, epoch: Int = 1, signedWith signer: SigningKey
    ) throws -> Envelope {
        let header = StatementHeader(
            .keyRevocation, lane: lane, epoch: epoch, origin: signer.origin, signing: [signer.algorithm],
            at: revocation.at)
        return try header.sealed(
            [
                "key": .string(id), "fromCounter": .integer(Int64(revocation.fromCounter)),
                "reason": .string(revocation.reason),
            ], with: [signer])
    }

    /// Verifies a revocation against the keys that are enrolled.
    public static func verify(_ bytes: [UInt8], trust: TrustFile) -> StatementReport<KeyRevocationStatement> {
        var report = Verifier(trust: trust, allowSimulated: true).verifyStatement(
            bytes, .keyRevocation, members: ["key", "fromCounter", "reason"]
        ) { reader, header -> KeyRevocationStatement? in
            let (id, first, reason) = (reader.fingerprint("key"), reader.count("fromCounter"), reader.text("reason"))
            guard let id, let first, let reason else { return nil }
            return KeyRevocationStatement(
                header: header, key: id,
                revocation: KeyRevocation(fromCounter: first, at: header.at, reason: reason))
        }
        guard let statement = report.content else { return report }
        // A lane's key says nothing about another lane's.
        if let key = trust.key(id: statement.key) {
            if key.lane != statement.header.lane || key.origin != statement.header.origin {
                report.findings.append(Finding(.evidenceStatementForeign, at: "payload.key"))
            }
        } else {
            report.findings.append(Finding(.evidenceKeyUnknown, ["id": .text(statement.key)], at: "payload.key"))
        }
        return report
    }
}

extension TrustFile {
    /// Without keys.
    public static let empty = TrustFile()

    /// Carries out a rotation: the old key ends where the new one begins.
    ///
    /// - Parameter rotation: as ``KeyRotation/verify(_:trust:)`` found it good.
    /// - Throws: ``TrustFileError/enrolledTwice(id:)``.
    public mutating func apply(_ rotation: KeyRotation) throws(TrustFileError) {
        try enrol(rotation.new)
        guard var old = key(id: rotation.old), let first = rotation.new.validity.fromCounter else { return }
        old.validity.throughCounter = min(old.validity.throughCounter ?? .max, first - 1)
        update(old)
    }
}
