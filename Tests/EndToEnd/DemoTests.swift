import Foundation
import Testing

/// Programs that run as a person runs them; each has a whole lane to itself.
@Suite
enum EndToEnd {}

extension EndToEnd {
    // They share a data directory, which has one lane at a time.
    @Suite("The demo", .serialized)
    struct DemoTests {
        static let space = try? Workspace()

        static func demo(_ vehicle: String, seed: Int = 1) async throws -> [String: Any] {
            let space = try #require(Self.space)
            let finished = try await LaneProgram.run(
                "demo", "asm", "--vehicle", vehicle, "--seed", "\(seed)", "--speed", "40", "--data", space.file("data"),
                "--json")
            #expect(finished.code == 0, "\(finished.errors)")
            return try finished.json()
        }

        @Test("passes the clean car, signs, verifies, replays and delivers")
        func clean() async throws {
            let report = try await Self.demo("clean")
            #expect(report["verdict"] as? String == "passed")
            #expect(report["verified"] as? Bool == true)
            #expect((report["receipt"] as? [String: Any])?["digest"] as? String == report["digest"] as? String)
            #expect((report["items"] as? [[String: Any]])?.count == 3)
            let record = try #require(report["record"] as? String)
            let keys = try #require(report["keys"] as? String)
            #expect(try await LaneProgram.run("verify", record, "--keys", keys, "--allow-simulated").code == 0)
            #expect(try await LaneProgram.run("verify", record, "--keys", keys).code == 65)
            let strict = try await LaneProgram.run(
                "verify", record, "--keys", keys, "--allow-simulated", "--require", "ed25519", "--require", "sm2")
            #expect(strict.code == 0, "\(strict.output)")
            let signatures = report["signatures"] as? [[String: String]]
            #expect(signatures.map { Set($0.compactMap { $0["algorithm"] }) } == ["ed25519", "sm2"])
            let replay = try await LaneProgram.run("replay", record, "--keys", keys, "--allow-simulated", "--json")
            #expect(replay.code == 0)
            #expect(try replay.json()["reproduced"] as? Bool == true)
            let elsewhere = try await LaneProgram.run(
                "replay", record, "--keys", keys, "--allow-simulated", environment: MethodTests.olderProcessor)
            #expect(elsewhere.code == 0, "\(elsewhere.output)")
            #expect(try await LaneProgram.run("replay", record, "--keys", keys).code == 65)
        }

        @Test("fails the dirty car, which is an answer and not an error")
        func dirty() async throws {
            let report = try await Self.demo("dirty")
            #expect(report["verdict"] as? String == "failed")
            let items = try #require(report["items"] as? [[String: Any]])
            #expect(items.count == 6)
            #expect(items.contains { $0["verdict"] as? String == "failed" })
        }

        @Test("refuses a record with one byte changed, wherever it is, and names the place")
        func tampering() async throws {
            let report = try await Self.demo("clean", seed: 2)
            let record = URL(fileURLWithPath: try #require(report["record"] as? String))
            let keys = try #require(report["keys"] as? String)
            let folder = record.deletingLastPathComponent()
            for name in ["envelope.json", "frames.jsonl", "pack-GB18285-2018-ASM-limits.yaml", "profile-bntd.yaml"] {
                let copy = try Workspace()
                let target = copy.file("record")
                try FileManager.default.copyItem(atPath: folder.path, toPath: target)
                var bytes = [UInt8](try #require(FileManager.default.contents(atPath: "\(target)/\(name)")))
                bytes[bytes.count / 2] ^= 1
                try Data(bytes).write(to: URL(fileURLWithPath: "\(target)/\(name)"))
                for command in ["verify", "replay"] {
                    let finished = try await LaneProgram.run(
                        command, "\(target)/envelope.json", "--keys", keys, "--allow-simulated")
                    #expect(finished.code == 65, "\(command) \(name)")
                    let place = name == "envelope.json" ? "envelope" : name
                    #expect(finished.output.contains(place), "\(command) \(name): \(finished.output)")
                }
            }
        }

        @Test("continues the chain of records from run to run")
        func chain() async throws {
            _ = try await Self.demo("clean", seed: 5)
            let last = try await Self.demo("clean", seed: 6)
            let space = try #require(Self.space)
            let records = "\(space.file("data"))/records"
            let names = try FileManager.default.contentsOfDirectory(atPath: records).sorted()
            let files = names.map { "\(records)/\($0)/envelope.json" }
            #expect(files.count >= 2)
            let keys = try #require(last["keys"] as? String)
            let arguments = ["verify"] + files + ["--keys", keys, "--allow-simulated"]
            #expect(await (try LaneProgram.Running(LaneProgram.path, arguments)).finished().code == 0)
            // Without its middle, or its first, the chain has a hole or starts late, and verification says so.
            if files.count >= 3 {
                let holed = ["verify", files[0], files[2], "--keys", keys, "--allow-simulated"]
                #expect(await (try LaneProgram.Running(LaneProgram.path, holed)).finished().code == 65)
            }
        }

        @Test("draws nothing but plain lines where the output is not a terminal")
        func plain() async throws {
            let space = try Workspace()
            let finished = try await LaneProgram.run("demo", "asm", "--speed", "50", "--data", space.file("data"))
            #expect(finished.code == 0)
            #expect(!finished.output.contains("\u{1B}"))
            #expect(finished.output.contains("PASSED"))
            #expect(finished.output.contains("received by the authority"))
        }

        @Test("speaks Chinese where it is asked to")
        func chinese() async throws {
            let space = try Workspace()
            let finished = try await LaneProgram.run(
                "demo", "asm", "--speed", "50", "--data", space.file("data"), "--language", "zh-CN")
            #expect(finished.output.contains("合格"))
            #expect(finished.output.contains("回执"))
        }

        @Test("runs from an installed copy, with the sources out of reach")
        func installed() async throws {
            let space = try Workspace()
            let bin = try space.folder("usr/bin")
            // By another process: what this one writes, a child of another test may hold open, and "text file busy" it is.
            let copied = try await LaneProgram.run(LaneProgram.path, "\(bin)/lane", executable: "/bin/cp")
            #expect(copied.code == 0, "\(copied.errors)")
            let bare = try await LaneProgram.run(
                "demo", "asm", "--data", space.file("data"), executable: "\(bin)/lane")
            #expect(bare.code == 78, "a copy without its share must say so")
            _ = try space.folder("usr/share/laneagent")
            try FileManager.default.copyItem(
                atPath: "\(LaneProgram.root)/Devices", toPath: space.file("usr/share/laneagent/Devices"))
            let finished = try await LaneProgram.run(
                "demo", "asm", "--speed", "50", "--data", space.file("data"), "--json", executable: "\(bin)/lane")
            #expect(finished.code == 0, "\(finished.errors)")
            #expect(try finished.json()["verdict"] as? String == "passed")
        }
    }
}
