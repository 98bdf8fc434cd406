import Foundation
import Journal
import Testing

extension EndToEnd {
    @Suite("Records past their term")
    struct PurgeTests {
        private static let lane = "PURGE-1"
        private static let keysSince = "2019-10-01T00:00:00Z"
        private static let year = 31_557_600.0

        @Test("go when they are told to; what has no receipt or is within its term stays, and so does the chain")
        func purge() async throws {
            let space = try Workspace()
            let data = try space.folder("data")
            // Records 1 to 4 are seven years old, and the authority has no receipt for 3; 5 and 6 are new.
            try await Self.fill(data, withoutReceipt: [3])
            let judge = ["--keys", "\(data)/trust.json", "--allow-simulated"]

            let plan = try await program(["journal", "purge", "--data", data, "--json"])
            #expect(plan.code == 0, "\(plan.errors)")
            try expect(plan, applied: false, records: [1, 2, 4], withoutReceipt: [3])
            #expect(try await shown(1, data).code == 0)

            // Somebody's lane is at work in the directory.
            let lane = try await Journal.open(data)
            let refused = try await program(["journal", "purge", "--apply", "--data", data])
            #expect(refused.code == 75 && refused.errors.contains("journal.locked"), "\(refused.errors)")
            // And has not sealed what it began.
            try await lane.beginTest(
                id: "open", method: "asm", lane: Self.lane, startedAt: Date().formatted(.iso8601), order: [],
                context: [], at: Date())
            try lane.close()
            let open = try await program(["journal", "purge", "--apply", "--data", data])
            #expect(open.code != 0 && open.errors.contains("journal.tests-open"), "\(open.code) \(open.errors)")
            #expect(try await shown(1, data).code == 0)
            try await Self.seal("open", in: data)

            let words = try await program(["journal", "purge", "--apply", "--data", data, "--language", "en"])
            #expect(words.code == 0, "\(words.errors)")
            #expect(words.output.contains("3 records sealed before"), "\(words.output)")
            #expect(words.output.contains("1 records are past their term and stay"), "\(words.output)")
            #expect(words.output.contains("no receipt for all of them: 3"), "\(words.output)")
            for counter in 1...6 {
                let isRemoved = [1, 2, 4].contains(counter)
                let found = try await shown(counter, data)
                #expect((found.code == 0) != isRemoved, "\(counter): \(found.errors)")
                if isRemoved { #expect(found.errors.contains("journal.removed"), "\(found.errors)") }
            }
            // Numbers, digests and receipts are there: the chain is whole, and what is gone is told.
            let chain = try await program(["chain", "verify", "--data", data, "--json"] + judge)
            #expect(chain.code == 0, "\(chain.output) \(chain.errors)")
            let checked = try await program(["journal", "check", "--data", data])
            #expect(checked.code == 0, "\(checked.output) \(checked.errors)")
            let trail = try await program(["audit", "export", "--data", data, "--to", space.file("audit")])
            #expect(trail.code == 0, "\(trail.errors)")
            let entries = try String(contentsOfFile: space.file("audit/audit.jsonl"), encoding: .utf8)
            let entry = entries.split(separator: "\n").filter { $0.contains("records.removed") }
            #expect(entry.count == 1 && entry.allSatisfy { $0.contains("[[1,2],[4,4]]") }, "\(entry)")

            // A second time there is nothing more to remove.
            let again = try await program(["journal", "purge", "--apply", "--data", data, "--json"])
            try expect(again, applied: true, records: [], withoutReceipt: [3])
        }

        private func program(_ arguments: [String]) async throws -> LaneProgram.Finished {
            await (try LaneProgram.Running(LaneProgram.path, arguments)).finished()
        }

        private func shown(_ counter: Int, _ data: String) async throws -> LaneProgram.Finished {
            try await program(["records", "show", "\(counter)", "--data", data])
        }

        private func expect(
            _ finished: LaneProgram.Finished, applied: Bool, records: [Int], withoutReceipt: [Int]
        ) throws {
            let report = try finished.json()
            #expect(report["applied"] as? Bool == applied)
            #expect(report["records"] as? [Int] == records)
            #expect(report["withoutReceipt"] as? [Int] == withoutReceipt)
        }

        // MARK: The lane

        private static func fill(_ data: String, withoutReceipt: Set<Int>) async throws {
            let journal = try await Journal.open(data, reserve: 0)
            let records = try SmallRecords(in: journal, lane: lane, since: keysSince)
            for number in 1...6 {
                let moment = Date().addingTimeInterval(number <= 4 ? -7 * year : -3600)
                try await records.begin("\(number)", at: moment)
                try await records.seal("\(number)", at: moment)
                guard !withoutReceipt.contains(number) else { continue }
                try await journal.markDelivered(number, receipt: Array("{}".utf8), at: moment)
            }
            try journal.close()
        }

        private static func seal(_ test: String, in data: String) async throws {
            let journal = try await Journal.open(data, reserve: 0)
            try await SmallRecords(in: journal, lane: lane, since: keysSince).seal(test, at: Date())
            try journal.close()
        }
    }
}
