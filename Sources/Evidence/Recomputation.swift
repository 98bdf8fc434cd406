import Messages
import Documents
import Metrology
public import Procedures
import Standards

/// Carries out a recorded test again, over its recorded frames and with the packs it names, and compares.
///
/// Nothing of the record's verdict goes into the new one; only frames, packs, order and parasitic loss do.
public struct Recomputation: Sendable {
    /// What differs or is missing; empty if the record's result came out again, byte for byte.
    public private(set) var findings: [Finding] = []
    /// The verdict that came out, if the test could be carried out again.
    public private(set) var verdict: String?
    /// How many frames it was given.
    public private(set) var frameCount = 0

    /// Recomputes a record.
    ///
    /// - Parameters:
    ///   - payload: the record's payload.
    ///   - attachments: gives an attachment's bytes by its name.
    public init(of payload: JSONValue, attachments: (String) -> [UInt8]?) {
        do {
            let test = try Self.test(payload, attachments)
            guard let file = attachments(TestRecord.framesName) else {
                throw Finding(Message(.evidenceAttachmentLacking), at: TestRecord.framesName)
            }
            let frames: [Frame]
            do { frames = try FrameReader.frames(file) } catch {
                throw Finding(error.message, at: TestRecord.framesName)
            }
            frameCount = frames.count
            let result = try Self.result(test, frames, wasInterrupted: payload["result"]?["reason"]?["code"]?.text)
            verdict = result["verdict"]?.text
            if let difference = firstDifference(payload["result"] ?? .null, result, at: "payload.result") {
                findings.append(difference)
            }
        } catch let finding as Finding {
            findings.append(finding)
        } catch {
            findings.append(Finding(Message(.documentUnreadable, ["detail": "\(error)"]), at: "payload"))
        }
    }

    private static func result(
        _ test: ASMTest, _ frames: [Frame], wasInterrupted reason: String?
    ) throws -> JSONValue {
        var procedure = ASMProcedure(test)
        for frame in frames { _ = procedure.advance(frame) }
        // An interruption is no frame: the frames simply end.
        if reason == AbortReason.interrupted.code { _ = procedure.interrupt() }
        guard let outcome = procedure.outcome else {
            throw Finding(Message(.evidenceNoOutcome), at: TestRecord.framesName)
        }
        return try ASMResultEncoding(outcome: outcome).value()
    }

    /// The test that a prologue or record describes.
    ///
    /// - Throws: ``Finding`` or `Problems` for what is missing or unreadable.
    public static func test(_ payload: JSONValue, _ attachments: (String) -> [UInt8]?) throws -> ASMTest {
        guard payload["test"]?["algorithm"]?.text == ASMProcedure.algorithm else {
            throw Finding(
                Message(
                    .evidenceAlgorithmUnknown,
                    [
                        "found": .text(payload["test"]?["algorithm"]?.text ?? ""),
                        "known": .text(ASMProcedure.algorithm),
                    ]), at: "payload.test.algorithm")
        }
        let limits = try ASMLimits(document: try pack(.limits, payload, attachments))
        let requirements = try ASMRequirements(document: try pack(.requirements, payload, attachments))
        let loss = payload["parasiticLoss"]
        func coefficient(_ name: String) throws -> Double {
            guard let value = loss?[name]?.text.flatMap(Double.init) else {
                throw Finding(
                    Message(.evidenceMemberInvalid, ["expected": .message(Message(.expectedNumber))]),
                    at: "payload.parasiticLoss.\(name)")
            }
            return value
        }
        guard let order = RecordedOrder.order(payload["order"]) else {
            throw Finding(Message(.evidenceOrderUnreadable), at: "payload.order")
        }
        guard
            let test = ASMTest(
                order, limits: limits, requirements: requirements,
                parasiticLoss: ParasiticLoss(
                    quadratic: try coefficient("quadratic"), linear: try coefficient("linear"),
                    constant: try coefficient("constant")))
        else { throw Finding(Message(.evidenceOrderUnreadable), at: "payload.order.limitSet") }
        return test
    }

    /// The pack that the record names by id and digest, from the record's own attachments.
    private static func pack(
        _ kind: PackKind, _ payload: JSONValue, _ attachments: (String) -> [UInt8]?
    ) throws -> Document {
        let entry = payload["packs"]?.elements?.first { $0["kind"]?.text == kind.rawValue }
        guard let id = entry?["id"]?.text, let digest = entry?["sha256"]?.text.flatMap({ Digest($0) }) else {
            throw Finding(Message(.evidencePackLacking, ["pack": .text(kind.rawValue)]), at: "payload.packs")
        }
        guard let bytes = attachments("pack-\(id).yaml"), Digest(of: bytes) == digest else {
            throw Finding(Message(.evidencePackLacking, ["pack": .text(id)]), at: "pack-\(id).yaml")
        }
        return try Document(bytes: bytes, name: "pack-\(id).yaml")
    }
}

/// The first place at which two values differ; nil if they are the same.
private func firstDifference(_ recorded: JSONValue, _ recomputed: JSONValue, at place: String) -> Finding? {
    switch (recorded, recomputed) {
    case (.object(let left), .object(let right)):
        for name in Set(left.all.map(\.name)).union(right.all.map(\.name)).sorted() {
            guard let old = left[name], let new = right[name] else {
                return different(left[name], right[name], "\(place).\(name)")
            }
            if let finding = firstDifference(old, new, at: "\(place).\(name)") { return finding }
        }
        return nil
    case (.array(let left), .array(let right)):
        for (index, pair) in zip(left, right).enumerated() {
            if let finding = firstDifference(pair.0, pair.1, at: "\(place)[\(index)]") { return finding }
        }
        return left.count == right.count
            ? nil : different(.integer(Int64(left.count)), .integer(Int64(right.count)), "\(place).count")
    default:
        return recorded == recomputed ? nil : different(recorded, recomputed, place)
    }
}

private func different(_ recorded: JSONValue?, _ recomputed: JSONValue?, _ place: String) -> Finding {
    func shown(_ value: JSONValue?) -> String {
        guard let value, let bytes = try? value.canonicalBytes() else { return "—" }
        return String(decoding: bytes.prefix(80), as: UTF8.self)
    }
    return Finding(
        Message(.evidenceResultDiffers, ["recorded": .text(shown(recorded)), "recomputed": .text(shown(recomputed))]),
        at: place)
}
