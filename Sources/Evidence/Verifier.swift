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

    /// Creates a verifier.
    ///
    /// - Parameter trust: the only keys it believes.
    /// - Parameter allowSimulated: whether records of a simulated lane are accepted, by keys enrolled for such.
    public init(trust: TrustFile, allowSimulated: Bool = false) {
        self.trust = trust
        self.allowSimulated = allowSimulated
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
            if let finding = check(attachments(reference.name), against: reference) { report.findings.append(finding) }
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
    func verifySeal(_ bytes: [UInt8]) -> VerificationReport {
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
        checkSignatures(of: envelope, into: &report)
        return report
    }

    private func readPayload(of envelope: Envelope, into report: inout VerificationReport) {
        do {
            let payload = try JSONValue(parsing: envelope.payload)
            report.payload = payload
            let canonical = try payload.canonicalBytes()
            if canonical != envelope.payload {
                let offset = firstDifference(canonical, envelope.payload)
                report.findings.append(Finding(.evidenceNotCanonical, ["offset": .integer(offset)], at: "payload"))
            }
            let (header, findings) = RecordHeader.read(payload)
            report.header = header
            report.findings += findings
        } catch {
            report.findings.append(Finding(.evidenceNotJSON, ["detail": .message(error.message)], at: "payload"))
        }
        if report.header?.origin == .simulated, !allowSimulated {
            report.findings.append(Finding(.evidenceSimulated, at: "payload.origin"))
        }
    }

    private func checkSignatures(of envelope: Envelope, into report: inout VerificationReport) {
        let message = Envelope.preAuthenticationEncoding(of: envelope.payload)
        for (index, signature) in envelope.signatures.enumerated() {
            let place = "envelope.signatures[\(index)]"
            guard let key = trust.key(id: signature.keyID) else {
                report.findings.append(
                    Finding(.evidenceKeyUnknown, ["id": .text(signature.keyID)], at: "\(place).keyid"))
                continue
            }
            guard key.isValid(signature.bytes, for: message) else {
                report.findings.append(Finding(.evidenceSignatureBad, at: "\(place).sig"))
                continue
            }
            report.signers.append(key)
            guard let header = report.header else { continue }
            if key.lane != header.lane {
                report.findings.append(
                    Finding(
                        .evidenceKeyOfOtherLane, ["enrolled": .text(key.lane), "lane": .text(header.lane)],
                        at: "\(place).keyid"))
            }
            if key.origin != header.origin {
                report.findings.append(
                    Finding(
                        .evidenceKeyOfOtherOrigin,
                        ["enrolled": .text(key.origin.rawValue), "origin": .text(header.origin.rawValue)],
                        at: "\(place).keyid"))
            }
        }
        let used = Set(report.signers.map(\.algorithm))
        for algorithm in report.header?.signing ?? [] where !used.contains(algorithm) {
            report.findings.append(
                Finding(
                    .evidenceSignatureMissing, ["algorithm": .text(algorithm.rawValue)], at: "envelope.signatures"))
        }
    }

    private func check(_ content: [UInt8]?, against reference: AttachmentReference) -> Finding? {
        let place = "attachment \(reference.name)"
        guard let content else { return Finding(.evidenceAttachmentMissing, at: place) }
        guard content.count == reference.size else {
            return Finding(
                .evidenceAttachmentSize, ["found": .integer(content.count), "expected": .integer(reference.size)],
                at: place)
        }
        let digest = Digest(of: content)
        guard digest == reference.digest else {
            return Finding(
                .evidenceAttachmentDigest,
                ["found": .text(digest.description), "expected": .text(reference.digest.description)], at: place)
        }
        return nil
    }
}
