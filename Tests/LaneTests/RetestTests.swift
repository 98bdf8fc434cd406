import Evidence
import Foundation
import Journal
import Lane
import Messages
import Metrology
import Procedures
import Testing

@Suite("A retest", .serialized)
struct RetestTests {
    private func order(
        _ follows: Digest?, attempt: Int = 2, vin: String = "LSVAA4180E2100001"
    ) -> TestOrder {
        var order = SimulatedBench.order()
        (order.follows, order.attempt, order.vehicle.vin) = (follows?.description, attempt, vin)
        return order
    }

    @Test("follows a record of its vehicle, is refused for another, and is noted where the lane does not have it")
    func follows() async throws {
        let bench = try await SimulatedBench()
        // Broken off at once: what is followed needs no verdict.
        let first = try await bench.test { frame, _ in
            if frame.tick == 5 { bench.lane.panel.post(.operatorAbort) }
        }.record
        let lane = bench.lane
        func notes() async throws -> Int { try await lane.journal.auditEntries(of: ["order.follows-elsewhere"]).count }

        #expect(try await lane.followed(by: order(nil, attempt: 1)) == nil)
        #expect(try await lane.followed(by: order(first.payloadDigest))?.counter == first.counter)
        _ = try await lane.session(for: order(first.payloadDigest))
        #expect(try await notes() == 0)

        for other in [order(first.payloadDigest, vin: "LSVAA4180E2100002"), order(first.payloadDigest, attempt: 1)] {
            let error = await #expect(throws: OrderProblems.self) { try await lane.session(for: other) }
            #expect(error?.all.map(\.member) == ["follows"])
            #expect(error?.all.map(\.message.code) == [.orderFollowsOther])
        }
        #expect(try await notes() == 0)

        let elsewhere = order(Digest(of: [1, 2, 3]))
        #expect(try await lane.followed(by: elsewhere) == nil)
        _ = try await lane.session(for: elsewhere)
        let entries = try await lane.journal.auditEntries(of: ["order.follows-elsewhere"])
        #expect(try entries.map { try JSONValue(parsing: $0.detail)["follows"]?.text } == [elsewhere.follows])
        await bench.close()
    }
}
