import Messages

/// A place in a lane's chain of records.
public struct ChainPosition: Hashable, Sendable {
    /// The counter of the record that stands there.
    public let counter: Int
    /// The digest of the payload before it; nil for the first record.
    public let previous: Digest?

    /// Creates a position.
    public init(counter: Int, previous: Digest?) {
        self.counter = counter
        self.previous = previous
    }

    /// Where a lane's first record stands.
    public static let first = ChainPosition(counter: 1, previous: nil)
}

/// What verification found.
public struct VerificationReport: Sendable {
    /// Everything that is wrong, in the order it was found; empty for a good record.
    public internal(set) var findings: [Finding] = []
    /// The payload, as far as it could be read.
    public internal(set) var payload: JSONValue?
    /// The payload's header, if nothing is wrong with it.
    public internal(set) var header: RecordHeader?
    /// The digest of the payload's bytes, once the envelope could be read.
    public internal(set) var payloadDigest: Digest?
    /// The enrolled keys whose signatures are good.
    public internal(set) var signers: [TrustedKey] = []

    /// Whether nothing at all is wrong.
    public var isValid: Bool { findings.isEmpty }
}

/// Judges sealed records (核验) by their stored bytes and by enrolled keys alone.
public struct Verifier: Sendable {
    let trust: TrustFile
    let allowSimulated: Bool
    let required: [SignatureAlgorithm]

    /// Creates a verifier.
    ///
    /// - Parameter trust: the only keys it believes.
    /// - Parameter allowSimulated: whether records of a simulated lane are accepted, by keys enrolled for such.
    /// - Parameter required: the algorithms that a good signature must be there of, whatever the payload says itself.
    public init(trust: TrustFile, allowSimulated: Bool = false, requiring required: [SignatureAlgorithm] = []) {
        self.trust = trust
        self.allowSimulated = allowSimulated
        self.required = required
    }

    /// Verifies one record with its attachments and notes everything that is wrong, each with its place.
    ///
    /// - Parameter envelope: the envelope's bytes as they were stored or sent.
    /// - Parameter attachments: the bytes of an attachment by name, nil where there are none; further files that the
    ///   payload does not name do not matter.
    /// - Parameter expecting: where in the lane's chain the record must stand; nil if that is not known.
    public func verify(
        _ envelope: [UInt8], attachments: (String) -> [UInt8]?, expecting position: ChainPosition? = nil
    ) -> VerificationReport {
        var report = verifySeal(envelope)
        guard let header = report.header else { return report }
        for reference in header.attachments {
            let finding =
                attachments(reference.name).map { reference.difference(from: $0) }
                ?? Finding(.evidenceAttachmentMissing, at: "attachment \(reference.name)")
            if let finding { report.findings.append(finding) }
        }
        if let position {
            if header.counter != position.counter {
                report.findings.append(
                    Finding(
                        .evidenceCounterUnexpected,
                        ["found": .integer(header.counter), "expected": .integer(position.counter)],
                        at: "payload.counter"))
            }
            if header.previous != position.previous {
                report.findings.append(
                    Finding(
                        .evidencePreviousUnexpected, ["expected": .text(position.previous?.description ?? "null")],
                        at: "payload.previous"))
            }
        }
        return report
    }

    /// Verifies envelope, payload and signatures, without attachments and place.
    package func verifySeal(_ bytes: [UInt8]) -> VerificationReport {
        var report = VerificationReport()
        let envelope: Envelope
        do {
            envelope = try Envelope(parsing: bytes)
        } catch {
            report.findings.append(error)
            return report
        }
        report.payloadDigest = envelope.payloadDigest
        readPayload(of: envelope, into: &report)
        let claim = report.header.map {
            SealClaim(
                lane: $0.lane, origin: $0.origin, signing: $0.signing, epoch: $0.epoch, counter: $0.counter,
                moment: report.payload?["time"]?["ended"]?.text)
        }
        let (findings, signers) = checkSignatures(of: envelope, claim)
        report.findings += findings
        report.signers = signers
        return report
    }

    private func readPayload(of envelope: Envelope, into report: inout VerificationReport) {
        let (payload, findings) = canonicalPayload(of: envelope)
        report.payload = payload
        report.findings += findings
        guard let payload else { return }
        let (header, problems) = RecordHeader.read(payload)
        report.header = header
        report.findings += problems
        if header?.origin == .simulated, !allowSimulated {
            report.findings.append(Finding(.evidenceSimulated, at: "payload.origin"))
        }
    }

    /// The payload as JSON, and whether it is in its one spelling.
    func canonicalPayload(of envelope: Envelope) -> (payload: JSONValue?, findings: [Finding]) {
        do {
            let payload = try JSONValue(parsing: envelope.payload)
            let canonical = try payload.canonicalBytes()
            guard canonical != envelope.payload else { return (payload, []) }
            let offset = firstDifference(canonical, envelope.payload)
            return (payload, [Finding(.evidenceNotCanonical, ["offset": .integer(offset)], at: "payload")])
        } catch {
            return (nil, [Finding(.evidenceNotJSON, ["detail": .message(error.message)], at: "payload")])
        }
    }

    /// Judges every signature, and whether all are there.
    ///
    /// - Parameter claim: what the payload says of itself; nil if it could not be read.
    func checkSignatures(
        of envelope: Envelope, _ claim: SealClaim?
    ) -> (findings: [Finding], signers: [TrustedKey]) {
        let message = Envelope.preAuthenticationEncoding(of: envelope.payload, type: envelope.type.rawValue)
        var findings: [Finding] = []
        var signers: [TrustedKey] = []
        for (index, signature) in envelope.signatures.enumerated() {
            let place = "envelope.signatures[\(index)]"
            guard let key = trust.key(id: signature.keyID) else {
                findings.append(Finding(.evidenceKeyUnknown, ["id": .text(signature.keyID)], at: "\(place).keyid"))
                continue
            }
            guard key.isValid(signature.bytes, for: message) else {
                findings.append(Finding(.evidenceSignatureBad, at: "\(place).sig"))
                continue
            }
            signers.append(key)
            if let claim {
                findings += claim.objections(to: key).map { Finding($0, at: "\(place).keyid") }
            }
        }
        let used = Set(signers.map(\.algorithm))
        for algorithm in claim?.signing ?? [] where !used.contains(algorithm) {
            findings.append(
                Finding(
                    .evidenceSignatureMissing, ["algorithm": .text(algorithm.rawValue)], at: "envelope.signatures"))
        }
        for algorithm in required where !used.contains(algorithm) && claim?.signing.contains(algorithm) != true {
            findings.append(
                Finding(
                    .evidenceSignatureRequired, ["algorithm": .text(algorithm.rawValue)], at: "envelope.signatures"))
        }
        return (findings, signers)
    }
}

/// What a payload says of itself that its signatures are judged by.
struct SealClaim {
    let lane: String
    let origin: RecordOrigin
    let signing: [SignatureAlgorithm]
    let epoch: Int
    /// The record's number; nil for a statement.
    let counter: Int?
    /// The time that it states.
    let moment: String?

    /// What keeps a key from signing this.
    func objections(to key: TrustedKey) -> [Message] {
        var objections: [Message] = []
        if !signing.contains(key.algorithm) {
            objections.append(
                Message(.evidenceSignatureUnnamed, ["algorithm": .text(key.algorithm.rawValue)]))
        }
        if key.lane != lane {
            objections.append(
                Message(.evidenceKeyOfOtherLane, ["enrolled": .text(key.lane), "lane": .text(lane)]))
        }
        if key.origin != origin {
            objections.append(
                Message(
                    .evidenceKeyOfOtherOrigin,
                    ["enrolled": .text(key.origin.rawValue), "origin": .text(origin.rawValue)]))
        }
        if let objection = key.objection(epoch: epoch, counter: counter, moment: moment) {
            objections.append(objection)
        }
        return objections
    }
}
