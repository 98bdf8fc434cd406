import Foundation
import GRDB
import Glibc
import Testing

extension EndToEnd {
    @Suite("A lane that somebody meddles with", .serialized)
    struct TamperTests {
        private func demoCheck(_ space: Workspace, _ words: String...) -> [String] {
            ["demo"] + words + ["--data", space.file("data"), "--speed", "40"]
        }

        /// The rules that lock the lane.
        private func locks(_ space: Workspace, share: String? = nil) async throws -> Set<String> {
            let share = share.map { ["--share", $0] } ?? []
            let status = try LaneProgram.Running(
                LaneProgram.path, ["status", "--lane", space.file("data/lane.yaml"), "--json"] + share)
            let finished = await status.finished()
            let lockouts = try #require(try finished.json()["lockouts"] as? [[String: Any]], "\(finished.errors)")
            return Set(lockouts.compactMap { $0["rule"] as? String })
        }

        @Test(
            "breaks a check off when its clock is set, and is locked from then on",
            .enabled(
                if: OtherClock.isInstalled, "Debian's package faketime or a C compiler is not installed (make deps)"),
            arguments: ["+3600", "-3600"])
        func clockWhileRunning(shift: String) async throws {
            let space = try Workspace()
            let clock = try await OtherClock(in: space)
            let check = try clock.start(demoCheck(space, "gas-check"))
            _ = try #require(await check.nextLine())
            try clock.set(to: shift)
            let finished = await check.finished()
            let list = try await LaneProgram.run("records", "list", "--data", space.file("data"), "--json")
            #expect(list.output.contains(#""reason":"lane-locked""#), "\(list.output) \(finished.errors)")
            #expect(try await locks(space).contains("clock"))
        }

        @Test(
            "is locked when its clock was set between two runs",
            .enabled(
                if: OtherClock.isInstalled, "Debian's package faketime or a C compiler is not installed (make deps)"),
            arguments: ["+3600", "-3600"])
        func clockAcrossRestart(shift: String) async throws {
            let space = try Workspace()
            let clock = try await OtherClock(in: space)
            let first = await (try clock.start(demoCheck(space, "check", "clock", "--json"))).finished()
            #expect(first.code == 0, "\(first.errors)")
            #expect(try await !locks(space).contains("clock"))
            try clock.set(to: shift)
            // The check of another instrument: that of the clock would unlock what it finds.
            let second = await (try clock.start(demoCheck(space, "check", "obd-adapter", "--json"))).finished()
            #expect(second.code == 0, "\(second.errors)")
            #expect(try await locks(space).contains("clock"))
        }

        @Test("is locked by every edit of its database, its lane file, its people and its profiles")
        func edits() async throws {
            let space = try Workspace()
            let check = await (try LaneProgram.Running(LaneProgram.path, demoCheck(space, "check", "clock", "--json")))
                .finished()
            #expect(check.code == 0, "\(check.errors)")
            let before = try await locks(space)
            #expect(before == ["check-missing"])
            let files = FileManager.default
            /// Makes an edit on a copy of the lane's directory and tells what locks it then besides.
            func edited(_ edit: (String) throws -> Void) async throws -> Set<String> {
                let copy = try Workspace()
                try files.copyItem(atPath: space.file("data"), toPath: copy.file("data"))
                try edit(copy.file("data"))
                return try await locks(copy).subtracting(before)
            }
            func replace(_ old: String, _ new: String, in path: String) throws {
                let text = try String(contentsOfFile: path, encoding: .utf8)
                let other = text.replacing(old, with: new)
                #expect(other != text)
                try other.write(toFile: path, atomically: true, encoding: .utf8)
            }
            for sql in [
                "DROP TRIGGER records_no_update; UPDATE records SET envelope = x'7B7D'",
                "DROP TRIGGER records_no_update; UPDATE records SET envelope = x''",
                "DROP TRIGGER audit_no_update; UPDATE audit SET detail = CAST('{}' AS BLOB) WHERE kind = 'state.sealed'",
                """
                DROP TRIGGER audit_no_delete;
                DELETE FROM audit WHERE number >= (SELECT MAX(number) FROM audit WHERE kind = 'test.begun')
                """,
            ] {
                let locks = try await edited { data in
                    let queue = try DatabaseQueue(path: "\(data)/journal.sqlite")
                    try queue.write { try $0.execute(sql: sql) }
                    try queue.close()
                }
                #expect(locks.contains("evidence"), "\(sql): \(locks)")
            }
            for (old, new) in [
                ("station: DEMO", "station: OTHER"), ("serial: DEMO-dynamometer", "serial: DEMO-other"),
                ("analyzer-delay: 6.0", "analyzer-delay: 5.0"),
            ] {
                let locks = try await edited { try replace(old, new, in: "\($0)/lane.yaml") }
                #expect(locks.contains("software"), "\(old): \(locks)")
            }
            // Without its section on assurance nothing is asked of a simulated lane, if it never had one.
            let unassured = try await edited { data in
                let lane = try String(contentsOfFile: "\(data)/lane.yaml", encoding: .utf8)
                let others = lane.split(separator: "\n").filter { !$0.hasPrefix("assurance:") }
                try others.joined(separator: "\n").write(toFile: "\(data)/lane.yaml", atomically: true, encoding: .utf8)
            }
            #expect(unassured == ["unassured"])
            let people = try await edited { data in
                try #"{"people":[{}]}"#.write(toFile: "\(data)/people.json", atomically: true, encoding: .utf8)
            }
            #expect(people == ["people"])
            // A profile with another scale, under a share directory of its own.
            let share = try Workspace()
            try files.copyItem(atPath: "\(LaneProgram.root)/Devices", toPath: share.file("Devices"))
            try replace(
                "# Nanhua", "# Edited: Nanhua", in: share.file("Devices/gas-analyzers/nha-503.yaml"))
            #expect(try await locks(space, share: share.path).subtracting(before) == ["software"])
        }

        @Test("begins no test while it is locked, whatever the lane file or the directory says")
        func noTest() async throws {
            let station = try await SimulatedStation()
            let space = station.space
            let plain = try String(contentsOfFile: space.file("lane.yaml"), encoding: .utf8)
            try space.write("bottles: []\n", to: "references.yaml")
            let assured = plain + "\nassurance: {references: references.yaml}\n"
            /// Tries a test, and tells which rules refuse it.
            func refusal(_ lane: String, _ data: String) async throws -> Set<String> {
                try space.write(lane, to: "tried.yaml")
                let test = try await LaneProgram.run(
                    "test", "asm", "--lane", space.file("tried.yaml"), "--order", space.file("order.yaml"), "--data",
                    data, "--language", "en")
                #expect(test.code == 75, "\(test.code) \(test.errors)")
                return Set(test.errors.matches(of: /(?m)^  \[([a-z-]+)\]/).map { String($0.1) }).subtracting(["warm-up"]
                )
            }
            #expect(try await refusal(assured, station.data) == ["check-missing"])
            // The same lane without the section, with another number, in an empty directory: nothing begins.
            #expect(try await refusal(plain, station.data) == ["unassured"])
            let renumbered = assured.replacing("profile: bntd, port", with: "profile: bntd, serial: NEW, port")
            #expect(try await refusal(renumbered, station.data).isSuperset(of: ["check-missing", "software"]))
            #expect(try await refusal(assured, space.folder("empty")) == ["check-missing"])
            let list = try await LaneProgram.run("records", "list", "--data", station.data, "--json")
            #expect(list.output.trimmingCharacters(in: .whitespacesAndNewlines) == "[]", "\(list.output)")
            station.simulator.send(SIGINT)
        }
    }
}
