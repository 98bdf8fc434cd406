import Evidence
import Foundation
import Messages

/// One of the vectors: files, how they are to be judged, and what must be found.
struct VectorCase {
    /// What is judged.
    enum Subject {
        /// An envelope with its attachments.
        case record(Envelope)
        /// The bytes of something that is hardly an envelope.
        case bytes([UInt8])
        /// A chain of records, in the order in which they were stored.
        case chain([Envelope], through: Int?)
        /// A chain with the statements that open its epochs, and with what is kept of records that are gone.
        case epochs([Envelope], openings: [Envelope], withheld: [WithheldRecord])
        /// The statement that opens an epoch.
        case opening(Envelope)
        /// A signed root.
        case head(Envelope)
        /// A proof against signed roots.
        case proof([UInt8], heads: [Envelope])
        /// A chain against a signed root.
        case rooted([Envelope], head: Envelope)
        /// An exported audit trail with its signed head.
        case audit([UInt8], head: Envelope)
        /// A key's rotation.
        case rotation(Envelope)
        /// A trust file by itself.
        case trust([UInt8])
    }

    let name: String
    let what: String
    let subject: Subject
    /// The first finding, `place: code`; nil for a good one.
    let first: String?
    var files: [String: [UInt8]] = VectorLane.files
    var trust: [UInt8]?
    var allowSimulated = false
    var required: [SignatureAlgorithm] = []

    /// Everything that the verification finds, `place: code`.
    func findings(trust common: [UInt8]) throws -> [String] {
        let trusted: TrustFile
        do { trusted = try TrustFile(parsing: trust ?? common) } catch {
            switch error {
            case .malformed(let place, let reason): return ["trust \(place): \(reason.code.rawValue)"]
            default: return ["trust –: \(error.message.code.rawValue)"]
            }
        }
        let verifier = Verifier(trust: trusted, allowSimulated: allowSimulated, requiring: required)
        func shown(_ findings: [Finding]) -> [String] { findings.map { "\($0.place): \($0.message.code.rawValue)" } }
        func head(_ envelope: Envelope) throws -> TreeHead {
            guard let head = verifier.verifyTreeHead(envelope.bytes).content else { throw FixedSM2.Failure() }
            return head
        }
        switch subject {
        case .record(let envelope):
            return shown(verifier.verify(envelope.bytes, attachments: { files[$0] }).findings)
        case .bytes(let bytes): return shown(verifier.verify(bytes, attachments: { files[$0] }).findings)
        case .chain(let records, let last):
            return shown(
                verifier.verifyChain(records.map(\.bytes), through: last, isOrdered: true).findings)
        case .epochs(let records, let openings, let withheld):
            return shown(
                verifier.verifyChain(
                    records.map(\.bytes), isOrdered: true, openings: openings.map(\.bytes), withheld: withheld
                ).findings)
        case .opening(let envelope): return shown(verifier.verifyEpochOpening(envelope.bytes).findings)
        case .head(let envelope): return shown(verifier.verifyTreeHead(envelope.bytes).findings)
        case .proof(let bytes, let heads):
            let (proof, findings) = ChainProof.read(bytes)
            guard let proof else { return shown(findings) }
            return shown(try proof.objection(from: heads.map(head)).map { [$0] } ?? [])
        case .rooted(let records, let envelope):
            let digests = verifier.verifyChain(records.map(\.bytes), isOrdered: true).digests
            return shown(try head(envelope).objection(from: digests).map { [$0] } ?? [])
        case .audit(let file, let head):
            let report = verifier.verifyAuditHead(head.bytes)
            return shown(report.findings + (report.content?.findings(in: file) ?? []))
        case .rotation(let envelope): return shown(KeyRotation.verify(envelope.bytes, trust: trusted).findings)
        case .trust: return []
        }
    }

    /// The files of the case, by path, and what `cases.json` says of it.
    func output(trust common: [UInt8]) throws -> (files: [String: [UInt8]], entry: JSONValue) {
        var written: [String: [UInt8]] = [:]
        var entry: JSONObject = [
            "name": .string(name), "what": .string(what), "allowSimulated": .boolean(allowSimulated),
            "require": .array(required.map { .string($0.rawValue) }),
            "findings": .array(try findings(trust: common).map(JSONValue.string)),
        ]
        func put(_ member: String, _ file: String, _ bytes: [UInt8]) {
            written["\(name)/\(file)"] = bytes
            entry[member] = .string("\(name)/\(file)")
        }
        func list(_ member: String, _ file: String, _ envelopes: [Envelope]) {
            let names = envelopes.indices.map { "\(name)/\(file)-\($0 + 1).json" }
            for (path, envelope) in zip(names, envelopes) { written[path] = envelope.bytes }
            entry[member] = .array(names.map(JSONValue.string))
        }
        entry["trust"] = "trust.json"
        if let trust { put("trust", "trust.json", trust) }
        switch subject {
        case .record(let envelope): put("record", "envelope.json", envelope.bytes)
        case .bytes(let bytes): put("record", "envelope.json", bytes)
        case .chain(let records, let last):
            list("chain", "record", records)
            entry["through"] = last.map { .integer(Int64($0)) }
        case .epochs(let records, let openings, let withheld):
            list("chain", "record", records)
            list("openings", "epoch", openings)
            entry["withheld"] = .array(
                withheld.map {
                    [
                        "epoch": .integer(Int64($0.epoch)), "counter": .integer(Int64($0.counter)),
                        "digest": .string($0.digest.description),
                    ]
                })
        case .opening(let envelope): put("opening", "epoch.json", envelope.bytes)
        case .head(let envelope): put("head", "head.json", envelope.bytes)
        case .proof(let bytes, let heads):
            put("proof", "proof.json", bytes)
            list("heads", "head", heads)
        case .rooted(let records, let head):
            list("chain", "record", records)
            put("head", "head.json", head.bytes)
        case .audit(let file, let head):
            put("audit", "audit.jsonl", file)
            put("head", "audit-head.json", head.bytes)
        case .rotation(let envelope): put("rotation", "rotation.json", envelope.bytes)
        case .trust(let bytes): put("trust", "trust.json", bytes)
        }
        if entry["record"] != nil { for (file, bytes) in files { written["\(name)/\(file)"] = bytes } }
        return (written, .object(entry))
    }
}
