import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("A lane whose computer was lost")
    struct RestoreTests {
        @Test("goes on from its backup in a new epoch; the authority takes that, and the old computer no more")
        func restore() async throws {
            let station = try await SimulatedStation()
            let space = station.space
            #expect(try await station.abortedTest("lane.yaml").code == 0)
            let authority = try await station.goOnline()
            try space.write("carried away\n", to: "passphrase")
            let backup = try await LaneProgram.run(
                "backup", "--data", station.data, "--to", space.file("b.tar"), "--lane", space.file("lane.yaml"),
                "--with-keys", "--backup-passphrase-file", space.file("passphrase"), "--json")
            #expect(backup.code == 0, "\(backup.errors)")
            #expect(try backup.json()["records"] as? Int == 1)
            // Any tar reads it, and the manifest comes first.
            let list = try await LaneProgram.run("tf", space.file("b.tar"), executable: "/usr/bin/tar")
            #expect(list.code == 0 && list.output.hasPrefix("manifest.json\n"), "\(list.output)")
            #expect(list.output.contains("configuration/lane.yaml"))
            // The record of number 2 reaches the authority, and is not in the backup.
            #expect(try await station.abortedTest("online.yaml").code == 0)
            #expect(try await station.record(2)["delivery"] as? String == "delivered")

            try FileManager.default.moveItem(atPath: station.data, toPath: space.file("old"))
            let restored = try await LaneProgram.run(
                "restore", "--from", space.file("b.tar"), "--data", station.data, "--reason", "main board",
                "--backup-passphrase-file", space.file("passphrase"), "--json")
            #expect(restored.code == 0, "\(restored.errors)")
            #expect(try restored.json()["epoch"] as? Int == 2)
            let again = try await station.abortedTest("online.yaml")
            #expect(again.code == 0, "\(again.errors)")
            #expect(try await station.record(2)["delivery"] as? String == "delivered")
            let chain = try await LaneProgram.run(
                "chain", "verify", "--data", station.data, "--keys", "\(station.data)/trust.json",
                "--allow-simulated", "--json")
            #expect(chain.code == 0, "\(chain.output)")
            let records = ["000001", "000002"].map { "\(station.data)/records/\($0)/envelope.json" }
            _ = try await LaneProgram.run(
                "records", "export", "1", "--data", station.data, "--to", "\(station.data)/records/000001")
            let keys = ["--keys", "\(station.data)/trust.json", "--allow-simulated"]
            let verified = try LaneProgram.Running(
                LaneProgram.path, ["verify", "\(station.data)/epoch-2.json"] + records + keys)
            #expect(await verified.finished().code == 0)
            let without = try LaneProgram.Running(LaneProgram.path, ["verify"] + records + keys)
            #expect(await without.finished().output.contains("evidence.chain-other-epoch"))

            // The old computer comes back.
            try FileManager.default.moveItem(atPath: station.data, toPath: space.file("new"))
            try FileManager.default.moveItem(atPath: space.file("old"), toPath: station.data)
            let refused = try await station.abortedTest("online.yaml")
            #expect(refused.code == 65 && refused.errors.contains("lane.chain-refused"), "\(refused.errors)")
            #expect(refused.errors.contains("epoch 2"), "\(refused.errors)")
            // By hand it begins a later one, and is the lane again.
            let begun = try await LaneProgram.run(
                "chain", "begin", "--data", station.data, "--reason", "the old one works again", "--epoch", "3")
            #expect(begun.code == 0 && begun.output.contains("epoch 3"), "\(begun.output) \(begun.errors)")
            authority.send(SIGINT)
            station.simulator.send(SIGINT)
        }
    }
}
