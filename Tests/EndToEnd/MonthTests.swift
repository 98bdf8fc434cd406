import Foundation
import GRDB
import Journal
import Testing

extension EndToEnd {
    @Suite("A month of simulated records")
    struct MonthTests {
        private static let days = 30
        private static let recordsADay = 20
        private static let lane = "MONTH-1"

        @Test("is one chain with a signed root for each day, and shows what was taken from it")
        func month() async throws {
            let space = try Workspace()
            let data = try space.folder("data")
            try await Self.fill(data)
            let judge = [
                "--keys", "\(data)/trust.json", "--allow-simulated", "--require", "ed25519", "--require", "sm2",
            ]

            let roots = try await LaneProgram.run("chain", "root", "--data", data)
            #expect(roots.code == 0, "\(roots.errors)")
            let heads = try FileManager.default.contentsOfDirectory(atPath: "\(data)/chain").sorted()
            #expect(heads.count == Self.days)
            #expect(heads.first == "2026-10-01-20.json" && heads.last == "2026-10-30-600.json")
            let verified = try await lane(["chain", "verify", "--data", data, "--json"] + judge)
            #expect(verified.code == 0, "\(verified.output)")
            #expect(try verified.json()["records"] as? Int == Self.days * Self.recordsADay)
            #expect(try verified.json()["heads"] as? Int == Self.days)

            // One record under the last root, and the root of the tenth day under it.
            let last = "\(data)/chain/2026-10-30-600.json"
            for (what, more) in [
                (["--record", "250"], []), (["--from", "200"], ["--head", "\(data)/chain/2026-10-10-200.json"]),
            ] {
                let proof = try await lane(["chain", "prove", "--data", data, "--size", "600"] + what)
                let path = try space.write(proof.output, to: "proof.json")
                let checked = try await lane(["chain", "check", path, "--head", last] + more + judge)
                #expect(checked.code == 0, "\(checked.output) \(checked.errors)")
            }

            // Somebody with a database tool removes a record in the middle, then the last one.
            try Self.remove(300, from: data)
            let gap = try await lane(["chain", "verify", "--data", data] + judge)
            #expect(gap.code == 65)
            #expect(gap.output.contains("record 301 payload.counter") && gap.output.contains("evidence.chain-gap"))
            try await Self.fill(try space.folder("other"))
            let other = space.file("other")
            #expect(try await LaneProgram.run("chain", "root", "--data", other).code == 0)
            try Self.remove(600, from: other)
            let cut = try await lane(
                ["chain", "verify", "--data", other, "--keys", "\(other)/trust.json", "--allow-simulated"])
            #expect(cut.code == 65)
            #expect(cut.output.contains("head 2026-10-30: ") && cut.output.contains("evidence.chain-truncated"))
        }

        private func lane(_ arguments: [String]) async throws -> LaneProgram.Finished {
            await (try LaneProgram.Running(LaneProgram.path, arguments)).finished()
        }

        /// Seals small records, in October 2026, with both algorithms.
        private static func fill(_ data: String) async throws {
            let journal = try await Journal.open(data, reserve: 0)
            let records = try SmallRecords(in: journal, lane: lane, since: "2026-10-01T00:00:00Z")
            let first = try Date("2026-10-01T00:30:00Z", strategy: .iso8601)
            for number in 0..<(days * recordsADay) {
                let (day, place) = number.quotientAndRemainder(dividingBy: recordsADay)
                let moment = first.addingTimeInterval(Double(day) * 86_400 + Double(place) * 1_500)
                try await records.begin("\(number)", at: moment)
                try await records.seal("\(number)", at: moment)
            }
            try journal.close()
        }

        private static func remove(_ counter: Int, from data: String) throws {
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            let queue = try DatabaseQueue(path: "\(data)/journal.sqlite", configuration: configuration)
            try queue.write { db in
                try db.execute(sql: "DROP TRIGGER records_no_delete")
                try db.execute(sql: "DELETE FROM records WHERE counter = ?", arguments: [counter])
            }
            try queue.close()
        }
    }
}
