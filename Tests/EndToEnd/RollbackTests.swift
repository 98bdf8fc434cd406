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
            #expect(try await abortedTest(station, "lane.yaml").code == 0)
            let authority = try LaneProgram.Running(
                LaneProgram.path,
                [
                    "simulate", "authority", "--listen", "127.0.0.1:0", "--keys", "\(station.data)/trust.json",
                    "--store", space.file("store"),
                ])
            let address = try #require(await authority.nextLine())
            let lane = try String(contentsOfFile: space.file("lane.yaml"), encoding: .utf8)
            try space.write(
                lane.replacing("data: data\n", with: "data: data\nauthority: \(address)\n"), to: "online.yaml")
            try files.copyItem(atPath: station.data, toPath: space.file("backup"))
            #expect(try await abortedTest(station, "online.yaml").code == 0)
            #expect(try await station.record(2)["delivery"] as? String == "delivered")

            try files.moveItem(atPath: station.data, toPath: space.file("newest"))
            try files.copyItem(atPath: space.file("backup"), toPath: station.data)
            let refused = try await abortedTest(station, "online.yaml")
            #expect(refused.code == 65)
            #expect(refused.errors.contains("lane.chain-refused"), "\(refused.errors)")
            #expect(refused.errors.contains("record 2"), "\(refused.errors)")
            // Whoever pulls the network's plug does not get around it.
            #expect(try await abortedTest(station, "lane.yaml").code == 65)

            try files.removeItem(atPath: station.data)
            try files.moveItem(atPath: space.file("newest"), toPath: station.data)
            #expect(try await abortedTest(station, "online.yaml").code == 0)
            #expect(try await station.record(3)["delivery"] as? String == "delivered")
            _ = try await LaneProgram.run("audit", "export", "--to", space.file("audit"), "--data", station.data)
            let trail = try String(contentsOfFile: space.file("audit/audit.jsonl"), encoding: .utf8)
            #expect(trail.contains(#""kind":"chain.compared""#))
            authority.send(SIGINT)
        }

        /// A test that is broken off as soon as it shows something.
        private func abortedTest(_ station: SimulatedStation, _ lane: String) async throws -> LaneProgram.Finished {
            let space = station.space
            let test = try LaneProgram.Running(
                LaneProgram.path,
                ["test", "asm", "--lane", space.file(lane), "--order", space.file("order.yaml")])
            _ = await test.nextLine()
            test.send(SIGINT)
            return await test.finished()
        }
    }
}
