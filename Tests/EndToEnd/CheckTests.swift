import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Checks of a simulated lane")
    struct CheckTests {
        private func gasCheck(_ space: Workspace, _ arguments: String...) async throws -> [String: Any] {
            let running = try LaneProgram.Running(
                LaneProgram.path, ["demo", "gas-check", "--data", space.file("data"), "--json"] + arguments)
            let finished = await running.finished()
            #expect(finished.code == 0, "\(finished.errors)")
            return try finished.json()
        }

        /// The rules and subjects that lock the lane, such as `check-failed gas-single-point`.
        private func locks(_ space: Workspace) async throws -> Set<String> {
            let status = try await LaneProgram.run(
                "status", "--lane", space.file("data/lane.yaml"), "--json")
            let lockouts = try #require(try status.json()["lockouts"] as? [[String: Any]], "\(status.errors)")
            return Set(lockouts.map { "\($0["rule"] ?? "") \($0["subject"] ?? "")" })
        }

        private func verify(_ report: [String: Any]) async throws {
            #expect(report["verified"] as? Bool == true)
            #expect((report["receipt"] as? [String: Any])?["digest"] as? String == report["digest"] as? String)
            let record = try #require(report["record"] as? String)
            let keys = try #require(report["keys"] as? String)
            let replay = try await LaneProgram.run("replay", record, "--keys", keys, "--allow-simulated", "--json")
            #expect(replay.code == 0, "\(replay.output) \(replay.errors)")
            #expect(try replay.json()["reproduced"] as? Bool == true)
            #expect(try replay.json()["verdict"] as? String == report["verdict"] as? String)
        }

        @Test("a good analyzer passes; one whose span has drifted fails, and locks the lane until it passes again")
        func gas() async throws {
            let space = try Workspace()
            let good = try await gasCheck(space)
            #expect(good["verdict"] as? String == "passed", "\(good)")
            try await verify(good)
            let before = try await locks(space)
            #expect(!before.contains { $0.contains("gas-single-point") }, "\(before)")

            let bad = try await gasCheck(space, "--fault", "span-drift")
            #expect(bad["verdict"] as? String == "failed", "\(bad)")
            try await verify(bad)
            let items = try #require(bad["items"] as? [[String: Any]])
            // Ten per cent too much of CO2 6.0 %, against 0.3 % or 3 % of JJG 688, class 00.
            let dioxide = try #require(items.first { $0["id"] as? String == "low.co2" })
            #expect(dioxide["verdict"] as? String == "failed")
            let value = try #require((dioxide["value"] as? String).flatMap(Double.init))
            #expect(abs(value - 6.6) < 0.1)
            let locked = try await locks(space)
            #expect(locked.subtracting(before).count == 1, "\(locked.subtracting(before))")
            #expect(locked.subtracting(before).allSatisfy { $0.hasPrefix("check-failed") }, "\(locked)")

            _ = try await gasCheck(space)
            #expect(try await locks(space) == before)
        }

        @Test("the opening goes on where it was broken off, and repeats nothing that has passed")
        func opening() async throws {
            let space = try Workspace()
            let arguments = ["demo", "opening", "--data", space.file("data"), "--speed", "50", "--language", "en"]
            let first = try LaneProgram.Running(LaneProgram.path, arguments)
            while let line = await first.nextLine() {
                if line.contains("WARM warm") { break }
            }
            first.send(SIGTERM)
            // Not now: something remains.
            #expect(await first.finished().code == 75)
            let locked = try await locks(space)
            #expect(!locked.contains("check-missing gas-leak"), "\(locked)")
            #expect(locked.contains("check-missing dynamometer-warm-up"), "\(locked)")

            let second = try LaneProgram.Running(LaneProgram.path, arguments + ["--json"])
            let finished = await second.finished()
            #expect(finished.code == 0, "\(finished.errors)")
            let report = try finished.json()
            #expect(report["done"] as? Bool == true, "\(report["remaining"] ?? "")")
            #expect(report["passedBefore"] as? [String] == ["gas-leak", "gas-single-point"])
            let checks = try #require(report["checks"] as? [[String: Any]])
            #expect(checks.compactMap { $0["check"] as? String } == ["dynamometer-warm-up", "coast-down", "clock"])
            for check in checks { try await verify(check) }
            let again = try LaneProgram.Running(LaneProgram.path, arguments + ["--json"])
            let nothing = try await again.finished().json()
            #expect((nothing["checks"] as? [Any])?.isEmpty == true)
            #expect(nothing["done"] as? Bool == true)
        }
    }
}
