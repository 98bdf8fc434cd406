import Messages
import Documents
import Metrology
public import Procedures
import Standards

/// Carries out a recorded test or check again, over its recorded frames and with the packs it names, and compares.
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
            let procedure = try Self.procedure(payload, attachments)
            guard let file = attachments(TestRecord.framesName) else {
                throw Finding(Message(.evidenceAttachmentLacking), at: TestRecord.framesName)
            }
            let frames: [Frame]
            do { frames = try FrameReader.frames(file) } catch {
                throw Finding(error.message, at: TestRecord.framesName)
            }
            frameCount = frames.count
            if let finding = try Self.contradiction(of: procedure, payload, attachments) { findings.append(finding) }
            let result = try Self.result(procedure, frames, wasInterrupted: payload["result"]?["reason"]?["code"]?.text)
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
        _ procedure: any LaneProcedure, _ frames: [Frame], wasInterrupted reason: String?
    ) throws -> JSONValue {
        let wasInterrupted = reason == AbortReason.interrupted.code
        if wasInterrupted, let check = procedure as? any CheckProcedure {
            // Whatever an interrupted check had come to, it says nothing.
            return JSONValue(CheckOutcome(kind: check.kind, verdict: .aborted(.interrupted)).report())
        }
        var procedure = procedure
        for frame in frames { _ = procedure.advance(frame) }
        // An interruption is no frame: the frames simply end.
        if wasInterrupted { _ = procedure.interrupt() }
        guard let outcome: any LaneOutcome = procedure.outcome else {
            throw Finding(Message(.evidenceNoOutcome), at: TestRecord.framesName)
        }
        return JSONValue(try outcome.report())
    }

    /// The test or check that a prologue or record describes, before its first frame.
    ///
    /// - Throws: ``Finding`` or `Problems` for what is missing or unreadable.
    public static func procedure(
        _ payload: JSONValue, _ attachments: (String) -> [UInt8]?
    ) throws -> any LaneProcedure {
        payload["check"] == nil ? try test(payload, attachments) : try check(payload, attachments)
    }

    private static func check(
        _ payload: JSONValue, _ attachments: (String) -> [UInt8]?
    ) throws -> any CheckProcedure {
        guard let order = RecordedCheckOrder.order(payload["order"]),
            payload["check"]?["kind"]?.text == order.kind.rawValue
        else { throw Finding(Message(.evidenceOrderUnreadable), at: "payload.order") }
        let lane = try RecordedLane.parameters(payload["laneParameters"], at: "payload.laneParameters")
        let requirements = try CheckRequirements(document: try pack(.checks, payload, attachments))
        do {
            return try CheckKind.prepare(order, requirements: requirements, lane: lane)
        } catch {
            throw Finding(OrderProblems(error.all))
        }
    }

    /// The test that a prologue or record describes, before its first frame.
    ///
    /// - Throws: ``Finding`` or `Problems` for what is missing or unreadable.
    public static func test(
        _ payload: JSONValue, _ attachments: (String) -> [UInt8]?
    ) throws -> any LaneProcedure {
        let algorithm = payload["test"]?["algorithm"]?.text ?? ""
        let endsAtChecks = algorithm == VehicleCheckProcedure.algorithm
        guard let method = payload["test"]?["method"]?.text.flatMap(TestMethod.init),
            endsAtChecks || method.algorithm == algorithm
        else {
            let algorithms = TestMethod.allCases.map(\.algorithm) + [VehicleCheckProcedure.algorithm]
            let known = algorithms.joined(separator: ", ")
            throw Finding(
                Message(.evidenceAlgorithmUnknown, ["found": .text(algorithm), "known": .text(known)]),
                at: "payload.test.algorithm")
        }
        guard let order = RecordedOrder.order(payload["order"], method: method) else {
            throw Finding(Message(.evidenceOrderUnreadable), at: "payload.order")
        }
        if endsAtChecks {
            let rules = try VehicleCheckRules(document: try pack(.vehicleChecks, payload, attachments))
            guard let test = VehicleCheckProcedure(order, rules: rules) else {
                throw Finding(Message(.evidenceChecksAllow), at: "payload.order.vehicleChecks")
            }
            return test
        }
        let lane = try RecordedLane.parameters(payload["laneParameters"], at: "payload.laneParameters")
        let limits = try method.limits(try pack(.limits, payload, attachments))
        let requirements = try method.requirements(try pack(.requirements, payload, attachments))
        do {
            return try TestMethod.prepare(order, limits: limits, requirements: requirements, lane: lane)
        } catch let error as OrderProblems {
            throw Finding(error)
        }
    }

    /// That a tailpipe was tested which the record's own checks do not allow to be tested; nil if they do, or if the
    /// record has none.
    private static func contradiction(
        of procedure: any LaneProcedure, _ payload: JSONValue, _ attachments: (String) -> [UInt8]?
    ) throws -> Finding? {
        guard procedure is any TestProcedure, payload["order"]?["vehicleChecks"] != nil,
            let method = payload["test"]?["method"]?.text.flatMap(TestMethod.init),
            let order = RecordedOrder.order(payload["order"], method: method)
        else { return nil }
        let rules = try VehicleCheckRules(document: try pack(.vehicleChecks, payload, attachments))
        let obstacles = VehicleCheckDecision(order, rules: rules).obstacles
        guard !obstacles.isEmpty else { return nil }
        let names = obstacles.map(\.rule).joined(separator: ", ")
        return Finding(Message(.evidenceChecksStop, ["rules": .text(names)]), at: "payload.order.vehicleChecks")
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

extension Finding {
    /// The first thing in a record's order that keeps its test from being carried out.
    fileprivate init(_ problems: OrderProblems) {
        let problem = problems.all.first
        self.init(
            problem?.message ?? Message(.evidenceOrderUnreadable), at: "payload.order.\(problem?.member ?? "")")
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
