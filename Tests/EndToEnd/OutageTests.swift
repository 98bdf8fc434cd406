import Foundation
import Testing

extension EndToEnd {
    @Suite("An outage")
    struct OutageTests {
        /// A lane file of a station whose authority is at an address, with the station's own limits of delivery.
        private func laneFile(_ station: SimulatedStation, authority: String, backlog: Int) throws -> String {
            let path = "\(LaneProgram.root)/Sources/Standards/Packs/delivery.yaml"
            let rules = try String(contentsOfFile: path, encoding: .utf8).replacing("50000", with: "\(backlog)")
            try station.space.write(rules, to: "rules.yaml")
            let text = try String(contentsOfFile: station.space.file("lane.yaml"), encoding: .utf8)
            return try station.space.write(
                text + "\nauthority: \(authority)\ndelivery: {rules: rules.yaml}\n", to: "authority.yaml")
        }

        @Test("fills the outbox, locks the lane where its pack says so, and leaves nothing behind when it is over")
        func outage() async throws {
            let station = try await SimulatedStation(rate: 50)
            let data = ["--data", station.data]
            let order = ["--order", station.space.file("order.yaml")]
            // Nobody listens at port 1.
            let lane = ["--lane", try laneFile(station, authority: "http://127.0.0.1:1", backlog: 2)]
            func run(_ arguments: [String]) async throws -> LaneProgram.Finished {
                await (try LaneProgram.Running(LaneProgram.path, arguments)).finished()
            }
            let test = try LaneProgram.Running(LaneProgram.path, ["test", "asm"] + lane + order)
            while let line = await test.nextLine() { if line.contains("ASM5025") { break } }
            test.send(SIGINT)
            #expect(await test.finished().code == 0)

            let list = try await run(["outbox", "list", "--json"] + data)
            let items = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
            let kinds = items.compactMap { $0["kind"] as? String }
            #expect(Set(kinds) == ["lane-state", "start", "process", "end", "record"])
            #expect(items.allSatisfy { $0["state"] as? String == "pending" })
            let explained = try await run(["outbox", "explain"] + data)
            #expect(explained.output.contains("http://127.0.0.1:1"), "\(explained.output)")

            // Too much waits: every way to see it says so, in both languages, and no test begins.
            let (english, chinese) = ("2 are allowed", "允许 2 项")
            let locked = try await run(["status"] + lane)
            #expect(locked.code == 75 && locked.output.contains(english), "\(locked.output) \(locked.errors)")
            let refused = try await run(["test", "asm", "--language", "zh-CN"] + lane + order)
            #expect(refused.code == 75 && refused.errors.contains(chinese), "\(refused.errors)")
            #expect(try await run(["records", "list"] + data).output.split(separator: "\n").count == 1)

            let store = station.space.file("store")
            let authority = try LaneProgram.Running(
                LaneProgram.path,
                [
                    "simulate", "authority", "--listen", "127.0.0.1:0", "--keys", "\(station.data)/trust.json",
                    "--store", store,
                ])
            let address = try #require(await authority.nextLine())
            // The lane file says where, by what certificates, and from which data directory.
            let mended = try laneFile(station, authority: address, backlog: 2)
            let delivered = try await run(["outbox", "deliver", "--lane", mended])
            #expect(delivered.code == 0, "\(delivered.output) \(delivered.errors)")
            authority.send(SIGINT)
            #expect(await authority.finished().code == 0)
            let after = try await run(["outbox", "list"] + data)
            #expect(after.output.contains("pending 0, quarantined 0"), "\(after.output)")
            let status = try await run(["status"] + lane)
            #expect(status.code == 0, "\(status.output)")

            // The authority's own account of it.
            let report = try await run(["simulate", "authority", "report", "--store", store]).json()
            let counted = try #require((report["lanes"] as? [[String: Any]])?.first)
            #expect(counted["records"] as? Int == 1)
            #expect(counted["streams"] as? Int == 1)
            let streamed = kinds.count { ["start", "process", "end"].contains($0) }
            #expect(counted["streamItems"] as? Int == streamed)
            #expect(counted["incompleteStreams"] as? Int == 0)
        }

        @Test("is no reason to trust anybody: wrong addresses, certificates and keys are told by the lane file's lines")
        func badDelivery() async throws {
            let space = try Workspace()
            let key = try space.write("no key", to: "lane.key")
            #expect(chmod(key, 0o644) == 0)
            try space.write("no certificate", to: "office.pem")
            let certificates = "\(LaneProgram.root)/Tests/UplinkTests/Certificates"
            let lane = try space.write(
                """
                authority: http://lane:geheim@127.0.0.1:1
                delivery:
                  authority-certificate: office.pem
                  client-certificate: \(certificates)/lane.pem
                  client-key: lane.key
                  client-password: geheim
                  rules: absent.yaml
                lane: {id: E2E-1, station: E2E}
                parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
                packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
                instruments:
                  - {role: weather-station, profile: dwsp-t5, port: weather}
                """, to: "bad.yaml")
            func check() async throws -> LaneProgram.Finished { try await LaneProgram.run("config", "check", lane) }
            let first = try await check()
            #expect(first.code == 78)
            for expected in ["bad.yaml:6: “client-password”", "absent.yaml"] {
                #expect(first.errors.contains(expected), "\(expected)\n--\n\(first.errors)")
            }
            let text = try String(contentsOfFile: lane, encoding: .utf8)
                .replacing("  client-password: geheim\n", with: "").replacing("  rules: absent.yaml\n", with: "")
            try space.write(text, to: "bad.yaml")
            let second = try await check()
            #expect(second.code == 78)
            for expected in [
                "bad.yaml:1: the address of http://127.0.0.1:1", "bad.yaml:3: the credential",
                "bad.yaml:5: others may read the key",
            ] {
                #expect(second.errors.contains(expected), "\(expected)\n--\n\(second.errors)")
            }
            #expect(!second.errors.contains("geheim"))
        }
    }
}
