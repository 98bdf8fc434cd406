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
            try await expectHistory(space)
        }

        /// Three checks, of which the one in the middle failed, as `lane qa` tells them.
        private func expectHistory(_ space: Workspace) async throws {
            let lane = space.file("data/lane.yaml")
            let history = try await LaneProgram.run(
                "qa", "history", "gas-analyzer", "--lane", lane, "--csv", "--svg", space.file("drift.svg"))
            #expect(history.code == 0, "\(history.errors)")
            let rows = history.output.split(separator: "\n").filter { $0.contains(",low.co2,%,6.0") }
            #expect(rows.map { $0.hasSuffix(",true") } == [true, false, true], "\(history.output)")
            let plot = try String(contentsOfFile: space.file("drift.svg"), encoding: .utf8)
            #expect(plot.hasPrefix("<svg xmlns=") && plot.contains("gas-single-point low.co2"))
            let lines = plot.matches(of: /class="values" points="([^"]*)"/).map { $0.1.split(separator: " ").count }
            #expect(lines.contains(3) && plot.contains("class=\"tolerance\""))
            let status = try await LaneProgram.run("qa", "status", "--lane", lane, "--json")
            let standings = try #require(
                try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [[String: Any]])
            func standing(_ check: String) -> String? {
                standings.first { $0["check"] as? String == check }?["status"] as? String
            }
            #expect(standing("gas-single-point") == "good" && standing("gas-leak") == "missing", "\(status.output)")
        }

        @Test(
            "a leak is found in each instrument's own protocol, and the lens of one opacimeter is not another's",
            arguments: [
                ("gas-leak", "gas-analyzer:leak", "path.leak", 1.0), ("nox-leak", "nox-analyzer:leak", "path.leak", 1),
                ("opacimeter-filters", "opacimeter:dirty-lens", "full.opacity", 92),
            ])
        func throughTheWire(kind: String, fault: String, item: String, value: Double) async throws {
            let space = try Workspace()
            let check = try await LaneProgram.run(
                "demo", "check", kind, "--fault", fault, "--data", space.file("data"), "--json", "--speed", "50")
            let report = try check.json()
            #expect(report["verdict"] as? String == "failed", "\(report)")
            let items = try #require(report["items"] as? [[String: Any]])
            let found = try #require(items.first { $0["id"] as? String == item }, "\(items)")
            // The light past the smoke is 8 % of all of it.
            let shown = try #require((found["value"] as? String).flatMap(Double.init))
            #expect(abs(shown - value) < 0.5, "\(found)")
            #expect(!items.contains { ($0["id"] as? String)?.hasSuffix("spread") ?? false }, "\(items)")
            #expect(try await locks(space).contains("check-failed \(kind)"))
        }

        @Test("the opening goes on where a kill broke it off, repeats nothing that has passed; a fault locks its own")
        func opening() async throws {
            let space = try Workspace()
            let arguments = ["demo", "opening", "--data", space.file("data"), "--speed", "50"]
            func opening(_ more: String...) async throws -> (code: Int32, report: [String: Any]) {
                let finished = try await LaneProgram.Running(LaneProgram.path, arguments + ["--json"] + more).finished()
                return (finished.code, try finished.json())
            }
            func kinds(_ report: [String: Any]) -> [String] {
                (report["checks"] as? [[String: Any]] ?? []).compactMap { $0["check"] as? String }
            }
            let first = try LaneProgram.Running(LaneProgram.path, arguments + ["--language", "en"])
            while let line = await first.nextLine() {
                if line.contains("WARM warm") { break }
            }
            // As power fails: nothing of the check that was under way counts.
            first.send(SIGKILL)
            _ = await first.finished()
            let locked = try await locks(space)
            #expect(!locked.contains("check-missing gas-leak"), "\(locked)")
            #expect(locked.contains("check-missing dynamometer-warm-up"), "\(locked)")

            let faulty = try await opening("--fault", "wrong-inertia")
            // Not now: something remains.
            #expect(faulty.code == 75)
            let report = faulty.report
            #expect(
                report["passedBefore"] as? [String] == [
                    "gas-leak", "gas-single-point", "nox-leak", "nox-gas", "opacimeter-filters",
                ])
            #expect(kinds(report) == ["dynamometer-warm-up", "coast-down", "flow-meter", "clock"])
            #expect(report["remaining"] as? [String] == ["coast-down"])
            for check in report["checks"] as? [[String: Any]] ?? [] { try await verify(check) }
            let daily = try await locks(space).filter { $0.hasPrefix("check-failed") }
            #expect(daily == ["check-failed coast-down"])

            try """
            checks:
              - check: coast-down
                attempts: 2
                answers: [{step: clear, after: 1, answer: confirm}]
            """.write(toFile: space.file("script.yaml"), atomically: true, encoding: .utf8)
            let mended = try await opening("--script", space.file("script.yaml"))
            #expect(mended.code == 0 && kinds(mended.report) == ["coast-down"], "\(mended.report)")
            #expect(mended.report["done"] as? Bool == true)

            let statement = space.file("state.json")
            let lane = space.file("data/lane.yaml")
            let attested = try await LaneProgram.run("attest", "--lane", lane, "--write", statement)
            #expect(attested.code == 0, "\(attested.errors)")
            let verified = try await LaneProgram.run(
                "verify", statement, "--keys", space.file("data/trust.json"), "--allow-simulated", "--json")
            #expect(verified.code == 0, "\(verified.output) \(verified.errors)")
            #expect(try verified.json()["valid"] as? Bool == true)
        }
    }
}
