import Foundation

/// What is answered to a record.
struct Answer: Sendable {
    /// The HTTP status.
    let status: Int
    /// The body.
    let body: [UInt8]

    /// An answer in JSON.
    init(_ status: Int, _ body: some Encodable) {
        self.status = status
        self.body = (try? JSONEncoder.sorted.encode(body)).map(Array.init) ?? []
    }

    /// An answer of bytes.
    init(_ status: Int, bytes: [UInt8]) {
        (self.status, self.body) = (status, bytes)
    }

    static func receipt(_ receipt: Receipt) -> Self { Answer(200, ["receipt": receipt]) }

    static func refusal(_ status: Int, _ error: String, _ problems: [RecordProblem]) -> Self {
        Answer(status, Refusal(error: error, problems: problems))
    }

    private struct Refusal: Encodable {
        let error: String
        let problems: [RecordProblem]
    }
}

/// Takes records in: reads, verifies, checks and stores them, and answers.
struct RecordDesk: Sendable {
    let trustedKeys: [TrustedKey]
    let acceptsSimulated: Bool
    let store: RecordStore
    let desk: FrontDesk

    /// Deals with one record as a platform should.
    func take(_ body: [UInt8], idempotencyKey: String?) async -> Answer {
        let envelope: Envelope
        do {
            envelope = try Envelope(parsing: body)
        } catch {
            return await malformed(RecordProblem(rule: "envelope", path: error.path, problem: error.problem))
        }
        guard let idempotencyKey, isDigest(.string(idempotencyKey)) else {
            let text = "must be sha256: and 64 lower-case hexadecimal digits"
            return await malformed(RecordProblem(rule: "idempotency-key", path: "Idempotency-Key", problem: text))
        }
        let (signers, signatureProblems) = envelope.signers(among: trustedKeys)
        var problems = signatureProblems
        if idempotencyKey != envelope.digest {
            let text = "the digest of the payload is \(envelope.digest)"
            problems.append(RecordProblem(rule: "idempotency-key", path: "Idempotency-Key", problem: text))
        }
        // What a stranger wrote is not read.
        guard problems.isEmpty else { return await rejected(problems) }
        let payload: JSON
        do {
            payload = try JSON(parsing: envelope.payload)
        } catch {
            let text = "not JSON: \(error.what) (byte \(error.offset))"
            return await malformed(RecordProblem(rule: "payload", path: "payload", problem: text))
        }
        let record = TestRecord(payload: payload, signers: signers, acceptsSimulated: acceptsSimulated)
        problems = Rule.problems(of: record)
        guard problems.isEmpty, let lane = payload.at("lane.id")?.text, let counter = payload.at("counter")?.integer
        else { return await rejected(problems) }
        do {
            let outcome = try await store.accept(
                body, digest: envelope.digest, lane: lane, epoch: payload.at("epoch")?.integer ?? 1, counter: counter,
                previous: payload.at("previous")?.text)
            return await answer(outcome)
        } catch {
            let problem = RecordProblem(rule: "storage", path: "", problem: error.description)
            return .refusal(500, "storage", [problem])
        }
    }

    private func answer(_ outcome: RecordStore.Outcome) async -> Answer {
        switch outcome {
        case .stored(let receipt):
            await desk.count(\.accepted)
            return .receipt(receipt)
        case .duplicate(let receipt):
            await desk.count(\.duplicates)
            return .receipt(receipt)
        case .conflict(let receipt):
            let text = "record \(receipt.counter) of lane \(receipt.lane) is \(receipt.digest)"
            let problem = RecordProblem(rule: "counter.conflict", path: "counter", problem: text)
            await desk.count(\.conflicts, problems: [problem])
            return .refusal(409, "conflict", [problem])
        case .brokenChain(let receipt):
            let text = "record \(receipt.counter) of lane \(receipt.lane) is \(receipt.digest)"
            return await rejected([RecordProblem(rule: "chain", path: "previous", problem: text)])
        case .outsideEpoch(let text):
            return await rejected([RecordProblem(rule: "epoch", path: "epoch", problem: text)])
        }
    }

    private func malformed(_ problem: RecordProblem) async -> Answer {
        await desk.count(\.malformed, problems: [problem])
        return .refusal(400, "malformed", [problem])
    }

    private func rejected(_ problems: [RecordProblem]) async -> Answer {
        await desk.count(\.rejected, problems: problems)
        return .refusal(422, "rejected", problems)
    }
}
