import Crypto
import Foundation

/// Takes the statements in by which lanes begin new epochs (链纪元): after one, records of the epoch before it are
/// refused unless it keeps them.
struct EpochDesk: Sendable {
    let trustedKeys: [TrustedKey]
    let acceptsSimulated: Bool
    let store: RecordStore
    let desk: FrontDesk

    private static let schema = "laneagent.epoch/1"
    private static let members: Set<String> = [
        "schema", "lane", "epoch", "origin", "signing", "at", "after", "head", "reason",
    ]

    /// Deals with one statement as a platform should.
    func take(_ body: [UInt8], idempotencyKey: String?) async -> Answer {
        let envelope: Envelope
        do {
            envelope = try Envelope(parsing: body, as: .statement)
        } catch {
            return await malformed("envelope", error.path, error.problem)
        }
        let digest = "sha256:" + SHA256.hash(data: body).map { String(format: "%02x", $0) }.joined()
        guard idempotencyKey == digest else {
            return await malformed("idempotency-key", "Idempotency-Key", "the digest of the statement is \(digest)")
        }
        let (signers, problems) = envelope.signers(among: trustedKeys)
        guard problems.isEmpty else { return await rejected(problems) }
        guard let payload = try? JSON(parsing: envelope.payload) else {
            return await malformed("payload", "payload", "not JSON")
        }
        let wrong = Self.problems(of: payload, signers, acceptsSimulated)
        guard wrong.isEmpty, let lane = payload.at("lane")?.text, let epoch = payload.at("epoch")?.integer,
            let after = payload.at("after")?.integer
        else { return await rejected(wrong) }
        do {
            let outcome = try await store.open(
                body, digest: digest, lane: lane, epoch: epoch, after: after, head: payload.at("head")?.text)
            switch outcome {
            case .stored(let receipt): return Answer(200, ["receipt": receipt])
            case .conflict(let known):
                let text = "epoch \(known.epoch) of lane \(lane) has begun by statement \(known.digest)"
                let problem = RecordProblem(rule: "epoch.conflict", path: "epoch", problem: text)
                await desk.count(\.conflicts, problems: [problem])
                return .refusal(409, "conflict", [problem])
            case .otherHead(let own):
                let text = "record \(own.counter) of lane \(lane) is \(own.digest)"
                return await rejected([RecordProblem(rule: "epoch.head", path: "head", problem: text)])
            }
        } catch {
            return .refusal(500, "storage", [RecordProblem(rule: "storage", path: "", problem: error.description)])
        }
    }

    private static func problems(
        of payload: JSON, _ signers: [TrustedKey], _ acceptsSimulated: Bool
    ) -> [RecordProblem] {
        var problems: [RecordProblem] = []
        func require(_ holds: Bool, _ path: String, _ text: String) {
            if !holds { problems.append(RecordProblem(rule: "epoch.outline", path: path, problem: text)) }
        }
        require(Set((payload.members ?? [:]).keys) == members, "", "must have its members, and no others")
        require(payload.at("schema")?.text == schema, "schema", "must be \(schema)")
        require(payload.at("epoch")?.integer.map { $0 >= 2 } == true, "epoch", "must be an integer of at least 2")
        let after = payload.at("after")?.integer
        require(after.map { $0 >= 0 } == true, "after", "must be an integer of at least 0")
        require(
            after == 0 ? payload.at("head") == .null : isDigest(payload.at("head")), "head",
            "must be the digest of the record that is kept last, or null for none")
        require(payload.at("reason")?.text?.isEmpty == false, "reason", "must be text")
        require(payload.at("at")?.text.flatMap(Timestamp.init) != nil, "at", "must be a date and time")
        let (lane, origin) = (payload.at("lane")?.text, payload.at("origin")?.text)
        require(origin == "measured" || acceptsSimulated, "origin", "a simulated lane has no say here")
        let named = Set((payload.at("signing")?.elements ?? []).compactMap(\.text))
        require(
            !named.isEmpty && named == Set(signers.map(\.algorithm.rawValue)), "signing",
            "must be the algorithms of the signatures")
        for key in signers {
            require(
                key.lane == lane && key.origin == origin && after.map { key.objection(to: $0 + 1) == nil } == true,
                "lane", "the key \(key.id) is not enrolled for this")
        }
        return problems
    }

    private func malformed(_ rule: String, _ path: String, _ problem: String) async -> Answer {
        let problem = RecordProblem(rule: rule, path: path, problem: problem)
        await desk.count(\.malformed, problems: [problem])
        return .refusal(400, "malformed", [problem])
    }

    private func rejected(_ problems: [RecordProblem]) async -> Answer {
        await desk.count(\.rejected, problems: problems)
        return .refusal(422, "rejected", problems)
    }
}
