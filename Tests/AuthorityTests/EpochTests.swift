import Authority
import Foundation
import Testing

@Suite("Epochs of a lane's chain")
struct EpochTests {
    /// A statement that a lane begins anew.
    private func statement(
        by lane: LaneKey, epoch: Int = 2, after: Int, head: Value, change: (inout [String: Value]) -> Void = { _ in }
    ) throws -> [UInt8] {
        var members: [String: Value] = [
            "schema": "laneagent.epoch/1", "lane": .string(lane.lane), "epoch": .number(epoch),
            "origin": .string(lane.origin), "signing": ["ed25519"], "at": "2026-11-21T14:30:29Z",
            "after": .number(after), "head": head, "reason": "main board",
        ]
        change(&members)
        return try lane.envelope(Value.object(members).json, type: "application/vnd.laneagent.statement+json")
    }

    private func post(_ statement: [UInt8], _ client: WebClient) async throws -> WebAnswer {
        try await client.send(
            "POST", "/v1/epochs",
            headers: [
                "Content-Type": "application/vnd.laneagent.statement+json", "Idempotency-Key": digest(statement),
            ], body: statement)
    }

    private func next(_ counter: Int, after payload: Value, epoch: Int) -> Value {
        var next = Payload.passed(counter: counter, previous: .string(digest(payload.json)))
        next.set("epoch", .number(epoch))
        return next
    }

    @Test("After the statement the new epoch's records are taken, and those of the old one beyond it no more")
    func begins() async throws {
        try await withServer { server, client, lane in
            let first = Payload.passed()
            let second = next(2, after: first, epoch: 1)
            for payload in [first, second] { _ = try await client.post(payload, by: lane).receipt }
            let again = next(2, after: first, epoch: 2)
            // Not before the statement.
            let early = try await client.post(again, by: lane)
            #expect(early.status == 422)
            #expect(try early.problems.map(\.rule) == ["epoch"])

            let opening = try statement(by: lane, after: 1, head: .string(digest(first.json)))
            let receipt = try #require(try await post(opening, client).decode([String: EpochReceipt].self)["receipt"])
            #expect(receipt.epoch == 2 && receipt.after == 1 && receipt.digest == digest(opening))
            #expect(try await post(opening, client).decode([String: EpochReceipt].self)["receipt"] == receipt)

            // The number 2 once more, told apart by its epoch.
            #expect(try await client.post(again, by: lane).receipt.epoch == 2)
            #expect(try await client.post(next(3, after: again, epoch: 2), by: lane).status == 200)
            // What the old computer still sends: known is known, new is refused.
            #expect(try await client.post(second, by: lane).receipt.epoch == 1)
            let late = try await client.post(next(3, after: second, epoch: 1), by: lane)
            #expect(late.status == 422)
            #expect(try late.problems.map(\.rule) == ["epoch"])
            #expect(await server.receipts.map { [$0.epoch, $0.counter] } == [[1, 1], [1, 2], [2, 2], [2, 3]])
            let newest = try await client.send("GET", "/v1/lanes/\(lane.lane)/newest")
            #expect(try newest.decode(Newest.self).receipt.epoch == 2)
            #expect(try newest.decode(Newest.self).epoch == receipt)
        }
    }

    @Test(
        "A statement over another head, a second one, an earlier one and a stranger's are refused; a restart forgets none"
    )
    func refused() async throws {
        try await withFolder { folder in
            let lane = try LaneKey()
            let configuration = AuthorityConfiguration(storageDirectory: folder, trustedKeys: [try lane.trusted])
            let first = Payload.passed()
            let head = Value.string(digest(first.json))
            try await running(configuration) { _, client in
                _ = try await client.post(first, by: lane).receipt
                func problems(_ statement: [UInt8], _ status: Int) async throws -> [String] {
                    let answer = try await post(statement, client)
                    #expect(answer.status == status)
                    return try answer.problems.map { "\($0.rule) \($0.path)" }
                }
                let other = try statement(by: lane, after: 1, head: .string(Payload.noDigest))
                #expect(try await problems(other, 422) == ["epoch.head head"])
                let stranger = try statement(by: LaneKey(stranger: ()), after: 1, head: head)
                #expect(try await problems(stranger, 422) == ["signature.key signatures[0].keyid"])
                let headless = try statement(by: lane, after: 1, head: .null)
                #expect(try await problems(headless, 422) == ["epoch.outline head"])
                let long = try statement(by: lane, after: 1, head: head) { $0["extra"] = "x" }
                #expect(try await problems(long, 422) == ["epoch.outline "])
                let elsewhere = try statement(by: lane, after: 1, head: head) { $0["lane"] = "another" }
                #expect(try await problems(elsewhere, 422) == ["epoch.outline lane"])
                #expect(try await post(try statement(by: lane, epoch: 3, after: 1, head: head), client).status == 200)
            }
            try await running(configuration) { _, client in
                for epoch in [2, 3] {
                    let answer = try await post(
                        try statement(by: lane, epoch: epoch, after: 1, head: head) { $0["reason"] = "again" }, client)
                    #expect(answer.status == 409)
                }
                #expect(try await client.post(next(2, after: first, epoch: 3), by: lane).status == 200)
            }
            let report = try await ArchiveReport(storageDirectory: folder)
            #expect(report.lanes.map(\.lastCounter) == [2] && report.lanes[0].brokenLinks == [])
        }
    }

    private struct Newest: Decodable {
        let receipt: Receipt
        let epoch: EpochReceipt
    }
}
