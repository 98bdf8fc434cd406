import Foundation
import Testing

extension EndToEnd {
    @Suite("The demo of each method")
    struct MethodTests {
        /// glibc takes its functions for processors without fused multiplication and AVX2; exp, log and pow then
        /// differ in their last digit here and there.
        static let olderProcessor = ["GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"]

        @Test(
            "passes the clean vehicle, fails the dirty one, and both records recompute to the same bytes",
            arguments: ["two-speed-idle", "vmas", "free-acceleration", "lug-down", "non-road"])
        func cleanAndDirty(method: String) async throws {
            let space = try Workspace()
            for (vehicle, verdict) in [("clean", "passed"), ("dirty", "failed")] {
                let report = try await report(method, vehicle, data: space.file("data"))
                #expect(report["verdict"] as? String == verdict, "\(vehicle): \(report)")
                let items = try #require(report["items"] as? [[String: Any]])
                #expect(items.contains { $0["verdict"] as? String == "failed" } == (verdict == "failed"))
                let record = try #require(report["record"] as? String)
                let keys = try #require(report["keys"] as? String)
                for environment in [[:], Self.olderProcessor] {
                    let replay = try await LaneProgram.run(
                        "replay", record, "--keys", keys, "--allow-simulated", "--json", environment: environment)
                    #expect(replay.code == 0, "\(replay.errors)")
                    #expect(try replay.json()["reproduced"] as? Bool == true)
                }
            }
        }

        /// What a demo reports; of another one where this computer was too busy for its pace, and values came late.
        private func report(_ method: String, _ vehicle: String, data: String) async throws -> [String: Any] {
            var report: [String: Any] = [:]
            for _ in 0..<3 {
                let finished = try await LaneProgram.run(
                    "demo", method, "--vehicle", vehicle, "--speed", "25", "--data", data, "--json")
                #expect(finished.code == 0, "\(finished.errors)")
                report = try finished.json()
                guard let reason = report["reason"] as? String, SimulatedStation.busyReasons.contains(reason) else {
                    break
                }
            }
            return report
        }
    }
}
