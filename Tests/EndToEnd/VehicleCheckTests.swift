import Foundation
import Testing

extension EndToEnd {
    @Suite("The checks before the tailpipe")
    struct VehicleCheckTests {
        /// A car whose lamp stays dark although its control unit commands it on.
        private static let failing = """
            obd:
              by: Wang
              at: \(now)
              communication: true
              mil-commanded: true
              mil-lit: false
              codes: [P0301]
              monitors: {catalyst: complete}
              units: [{name: engine, calid: CAL-1, cvn: 9C3B21F0}]
            """

        /// A car that has to be driven first.
        private static let unready = """
            obd:
              by: Wang
              at: \(now)
              communication: true
              mil-commanded: false
              mil-lit: false
              monitors: {catalyst: incomplete, egr: incomplete, oxygen-sensor: incomplete}
              units: [{name: engine, calid: CAL-1}]
            """

        private static let now = Date().formatted(.iso8601)

        @Test(
            "end a test: the record is sealed, received by the authority, verified, and comes out again",
            arguments: [
                (failing, "failed", "vehicle-checks", "lamp-dark-though-commanded"),
                (unready, "aborted", "precondition", "vehicle-readiness"),
            ])
        func ends(checks: String, verdict: String, reason: String, detail: String) async throws {
            let space = try Workspace()
            let file = try space.write(checks, to: "checks.yaml")
            let finished = try await LaneProgram.run(
                "demo", "asm", "--speed", "50", "--checks", file, "--data", space.file("data"), "--json")
            #expect(finished.code == 0, "\(finished.errors)")
            let report = try finished.json()
            #expect(report["verdict"] as? String == verdict)
            #expect(report["reason"] as? String == reason)
            #expect(report["reasonDetail"] as? String == detail)
            #expect(report["verified"] as? Bool == true)
            #expect(report["ticks"] as? Int == 1)
            #expect((report["receipt"] as? [String: Any])?["id"] != nil, "\(report)")
            let record = try #require(report["record"] as? String)
            let keys = try #require(report["keys"] as? String)
            for options in [[], ["--from-wire"]] {
                let arguments = ["replay", record, "--keys", keys, "--allow-simulated", "--json"] + options
                let replay = await (try LaneProgram.Running(LaneProgram.path, arguments)).finished()
                #expect(replay.code == 0, "\(replay.output) \(replay.errors)")
                #expect(try replay.json()["verdict"] as? String == verdict)
            }
        }

        @Test("that fail a vehicle are told in both languages, by the test and by the plan")
        func told() async throws {
            let space = try Workspace()
            let file = try space.write(Self.failing, to: "checks.yaml")
            let order = "\(LaneProgram.root)/Devices/lanes/order.yaml"
            for (language, test, plan) in [
                ("en", ["FAILED", "the tailpipe is not tested"], "lane test seals a record with the verdict failed"),
                ("zh-CN", ["不合格", "不进行排气检测"], "将封存不合格记录"),
            ] {
                let shown = try await LaneProgram.run(
                    "demo", "asm", "--speed", "50", "--checks", file, "--data", space.file("data"), "--language",
                    language)
                #expect(shown.code == 0)
                for words in test + ["故障灯与状态不一致"] { #expect(shown.output.contains(words), "\(shown.output)") }
                let planned = try await LaneProgram.run(
                    "plan", "--order", order, "--checks", file, "--language", language)
                #expect(planned.code == 0, "\(planned.errors)")
                #expect(planned.output.contains(plan), "\(planned.output)")
            }
        }
    }
}
