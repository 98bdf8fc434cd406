import Foundation
import Testing

extension EndToEnd {
    @Suite("A record's evidence")
    struct EvidenceTests {
        @Test("is verified by OpenSSL alone with the README's commands, and is refused once a byte is another")
        func openSSL() async throws {
            let space = try Workspace()
            let demo = try await LaneProgram.run(
                "demo", "asm", "--speed", "40", "--data", space.file("data"), "--json")
            #expect(demo.code == 0, "\(demo.errors)")
            let good = try await run(commands(), in: space)
            #expect(good.code == 0, "\(good.output) \(good.errors)")
            #expect(good.output.contains("Signature Verified Successfully"))
            #expect(good.output.contains("Verified OK"))

            // One character of the payload, and neither signature holds.
            let envelope = space.file("data/records/000001/envelope.json")
            let text = try String(contentsOfFile: envelope, encoding: .utf8)
            let place = try #require(text.range(of: #""payload":"ey"#)).upperBound
            let other = text[place] == "A" ? "B" : "A"
            try text.replacingCharacters(in: place...place, with: other)
                .write(toFile: envelope, atomically: true, encoding: .utf8)
            // Every command is carried out, whatever the one before said.
            let bad = try await run(commands().replacing("set -e\n", with: ""), in: space)
            #expect(!bad.output.contains("Verified Successfully"))
            #expect(!bad.output.contains("Verified OK"), "\(bad.output)")
        }

        @Test("comes out again from the bytes on the wire, and not once they are others")
        func fromWire() async throws {
            let space = try Workspace()
            let demo = try await LaneProgram.run(
                "demo", "asm", "--speed", "40", "--data", space.file("data"), "--json")
            let record = try #require(try demo.json()["record"] as? String)
            let keys = try #require(try demo.json()["keys"] as? String)
            let arguments = ["replay", record, "--keys", keys, "--allow-simulated", "--from-wire", "--json"]
            let replay = await (try LaneProgram.Running(LaneProgram.path, arguments)).finished()
            #expect(replay.code == 0, "\(replay.output)")
            let wire = try #require(try replay.json()["wire"] as? [String: Any])
            #expect(wire["frames"] as? Int == (try replay.json()["frames"] as? Int))
            #expect(try #require(wire["decoded"] as? Int) > 1000)
        }

        @Test("has keys whose every change is in the exported audit trail, with the key before it and the account")
        func keys() async throws {
            let space = try Workspace()
            let data = try space.folder("data")
            for step in [
                ["create", "--lane", "L-1"], ["rotate", "--lane", "L-1", "--algorithm", "ed25519"],
            ] {
                let arguments = ["keys"] + step + ["--data", data]
                let done = await (try LaneProgram.Running(LaneProgram.path, arguments)).finished()
                #expect(done.code == 0, "\(done.errors)")
            }
            let exported = try await LaneProgram.run("audit", "export", "--to", space.file("audit"), "--data", data)
            #expect(exported.code == 0, "\(exported.errors)")
            let file = try String(contentsOfFile: space.file("audit/audit.jsonl"), encoding: .utf8)
            let entries = try file.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(entries.compactMap { $0["kind"] as? String } == ["key.created", "key.created", "key.rotated"])
            let details = try entries.map { try #require($0["detail"] as? [String: Any]) }
            #expect(details[2]["old"] as? String == details[0]["id"] as? String)
            #expect(details[2]["id"] as? String != details[0]["id"] as? String)
            #expect(details.allSatisfy { $0["account"] as? String == NSUserName() })
        }

        /// The block of the README.
        private func commands() throws -> String {
            let readme = try String(contentsOfFile: "\(LaneProgram.root)/README.md", encoding: .utf8)
            let section = try #require(readme.range(of: "## Verify without this program"))
            let begin = try #require(readme[section.upperBound...].range(of: "```sh\n"))
            let end = try #require(readme[begin.upperBound...].range(of: "```"))
            return "set -e\n" + readme[begin.upperBound..<end.lowerBound]
        }

        private func run(_ commands: String, in space: Workspace) async throws -> LaneProgram.Finished {
            let folder = URL(fileURLWithPath: LaneProgram.path).deletingLastPathComponent().path
            let path = "\(folder):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
            let script = "cd '\(try space.folder("openssl"))'\n\(commands)"
            return await
                (try LaneProgram.Running(
                    "/bin/bash", ["-c", script], environment: ["DEMO": space.file("data"), "PATH": path])).finished()
        }
    }
}
