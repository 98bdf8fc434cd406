import Foundation
import Testing

extension EndToEnd {
    @Suite("A program whose output nobody can take")
    struct LostOutputTests {
        @Test("goes on with its test when its reader leaves, and says of every command whether its output was written")
        func readerLeaves() async throws {
            let space = try Workspace()
            let data = space.file("data")
            let reader = try await shell("(LANE demo asm --speed 40 --data \(data); echo $? >\(data)/code) | head -n 1")
            #expect(reader.output.split(separator: "\n").count == 1, "\(reader.output)")
            #expect(reader.errors.isEmpty, "\(reader.errors)")
            #expect(try String(contentsOfFile: "\(data)/code", encoding: .utf8) == "0\n")
            let list = try await LaneProgram.run("records", "list", "--data", data, "--json")
            let records = try #require(
                try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
            #expect(records.map { $0["verdict"] as? String } == ["passed"])

            // A full disk is told; so is what goes to a null device because there is no output at all.
            for command in ["records list --data \(data)", "keys export --data \(data)"] {
                let full = try await shell("LANE \(command) >/dev/full")
                #expect(full.code == 74, "\(command): \(full.errors)")
                #expect(full.errors.contains("[command.output-lost]"), "\(full.errors)")
                #expect(try await shell("LANE \(command) >&-").code == 0)
                #expect(try await shell("LANE \(command) <&- >&- 2>&-").code == 0)
                let left = try await shell("(LANE \(command); echo $? >&2) | true")
                #expect(left.errors == "0\n", "\(left.errors)")
            }
            // What went wrong is the exit code's business, too, when it cannot be said.
            #expect(try await shell("LANE records list --data /nonexistent 2>/dev/full").code == 73)
        }

        @Test("seals a test's record on a full disk's behalf, and says at the end that its words were lost")
        func fullDisk() async throws {
            let station = try await SimulatedStation()
            let (lane, order) = (station.space.file("lane.yaml"), station.space.file("order.yaml"))
            let test = try await shell("LANE test asm --lane \(lane) --order \(order) >/dev/full")
            #expect(test.code == 74, "\(test.errors)")
            #expect(test.errors.contains("[command.output-lost]"), "\(test.errors)")
            let record = try await station.record(1)
            let isBusy = SimulatedStation.busyReasons.contains(record["reason"] as? String ?? "")
            #expect(record["verdict"] as? String == (isBusy ? "aborted" : "passed"), "\(record)")
            try await station.waitUntilUnloaded("in good order", within: .seconds(2))
        }

        /// Runs a line of the shell in which LANE is the program.
        private func shell(_ line: String) async throws -> LaneProgram.Finished {
            try await LaneProgram.run(
                "-c", line.replacing("LANE", with: "\"$LANE\""), executable: "/bin/sh",
                environment: ["LANE": LaneProgram.path])
        }
    }
}
