import Foundation
import Testing

extension EndToEnd {
    @Suite("A data directory that was put back")
    struct RollbackTests {
        @Test("is refused once the authority has seen more, even when it cannot be asked any more")
        func rollback() async throws {
            let station = try await SimulatedStation()
            let space = station.space
            let files = FileManager.default
            // The first test makes the keys that the authority enrols.
            #expect(try await station.abortedTest("lane.yaml").code == 0)
            let authority = try await station.goOnline()
            try files.copyItem(atPath: station.data, toPath: space.file("backup"))
            #expect(try await station.abortedTest("online.yaml").code == 0)
            #expect(try await station.record(2)["delivery"] as? String == "delivered")

            try files.moveItem(atPath: station.data, toPath: space.file("newest"))
            try files.copyItem(atPath: space.file("backup"), toPath: station.data)
            let refused = try await station.abortedTest("online.yaml")
            #expect(refused.code == 65)
            #expect(refused.errors.contains("lane.chain-refused"), "\(refused.errors)")
            #expect(refused.errors.contains("record 2"), "\(refused.errors)")
            // Whoever pulls the network's plug does not get around it.
            #expect(try await station.abortedTest("lane.yaml").code == 65)

            try files.removeItem(atPath: station.data)
            try files.moveItem(atPath: space.file("newest"), toPath: station.data)
            #expect(try await station.abortedTest("online.yaml").code == 0)
            #expect(try await station.record(3)["delivery"] as? String == "delivered")
            _ = try await LaneProgram.run("audit", "export", "--to", space.file("audit"), "--data", station.data)
            let trail = try String(contentsOfFile: space.file("audit/audit.jsonl"), encoding: .utf8)
            #expect(trail.contains(#""kind":"chain.compared""#))
            authority.send(SIGINT)
        }
    }
}
