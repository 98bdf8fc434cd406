import Evidence
import Metrology

extension FuzzTarget {
    /// What arrives as evidence: canonical JSON, envelopes, trust files, proofs, statements, frames.
    static let evidence: [FuzzTarget] = [
        FuzzTarget(name: "json", run: json), FuzzTarget(name: "envelope", run: envelope),
        FuzzTarget(name: "trust", run: trust), FuzzTarget(name: "proof", run: proof),
        FuzzTarget(name: "statement", run: statement), FuzzTarget(name: "frames", run: frames),
        FuzzTarget(name: "audit", run: audit), FuzzTarget(name: "decimal", run: decimal),
    ]

    /// What is read has one canonical spelling, which reads as the same.
    @Sendable private static func json(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let canonical = try? value.canonicalBytes() else { return }
        guard let again = try? JSONValue(parsing: canonical), let twice = try? again.canonicalBytes() else {
            preconditionFailure("canonical JSON that cannot be read")
        }
        precondition(again == value && twice == canonical)
    }

    /// An envelope has one spelling: no bit of it is outside the seal.
    @Sendable private static func envelope(_ bytes: [UInt8]) {
        guard let envelope = try? Envelope(parsing: bytes) else { return }
        precondition(envelope.bytes == bytes)
        // No key is enrolled, so whatever it says, it does not verify.
        let report = Verifier(trust: .empty, allowSimulated: true).verify(bytes) { _ in nil }
        precondition(!report.findings.isEmpty)
    }

    @Sendable private static func trust(_ bytes: [UInt8]) {
        guard let trust = try? TrustFile(parsing: bytes) else { return }
        guard let written = try? trust.bytes() else { preconditionFailure("a trust file that cannot be written") }
        precondition((try? TrustFile(parsing: written)) == trust)
    }

    @Sendable private static func proof(_ bytes: [UInt8]) {
        let (proof, findings) = ChainProof.read(bytes)
        precondition((proof == nil) == !findings.isEmpty)
        guard let proof, let written = try? proof.bytes() else { return }
        precondition(ChainProof.read(written).proof != nil)
    }

    @Sendable private static func statement(_ bytes: [UInt8]) {
        _ = KeyEnrolment.verify(bytes)
        _ = KeyRotation.verify(bytes, trust: .empty)
        _ = KeyRevocationStatement.verify(bytes, trust: .empty)
        let verifier = Verifier(trust: .empty, allowSimulated: true)
        // No key is enrolled, so whatever it says, it does not verify.
        precondition(!verifier.verifyTreeHead(bytes).isValid)
        precondition(!verifier.verifyEpochOpening(bytes).isValid)
        precondition(!verifier.verifyAuditHead(bytes).isValid)
        precondition(!LaneState.verify(bytes, with: verifier).isValid)
        precondition(!AuthorityOrder.verify(bytes, authority: .empty, lane: "L", origin: .measured).isValid)
    }

    /// An exported audit trail under the head of another one: whatever it is, it is refused with a place.
    @Sendable private static func audit(_ bytes: [UInt8]) {
        guard let head = otherHead else { preconditionFailure("no head") }
        let findings = head.findings(in: bytes)
        precondition(!findings.isEmpty && findings.allSatisfy { !$0.place.isEmpty })
    }

    private static let otherHead: AuditHead? = {
        let key = SigningKey(origin: .measured)
        let header = StatementHeader(
            .auditHead, lane: "L", origin: .measured, signing: [.ed25519], at: "2026-11-21T00:00:00Z")
        guard let trust = try? TrustFile([TrustedKey(key, lane: "L")]),
            let envelope = try? AuditHead.sealed(over: Array("{}\n{}\n{}\n".utf8), header: header, with: [key])
        else { return nil }
        return Verifier(trust: trust).verifyAuditHead(envelope.bytes).content
    }()

    @Sendable private static func frames(_ bytes: [UInt8]) {
        guard let frames = try? FrameReader.frames(bytes) else { return }
        var writer = FrameWriter()
        for frame in frames { _ = try? writer.line(frame) }
    }

    /// A decimal that is read is written with its digits, and reads as the same.
    @Sendable private static func decimal(_ bytes: [UInt8]) {
        guard let decimal = RoundedDecimal(String(decoding: bytes, as: UTF8.self)) else { return }
        precondition(RoundedDecimal(decimal.description) == decimal)
    }
}
