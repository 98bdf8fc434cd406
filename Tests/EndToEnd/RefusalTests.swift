import Foundation
import GRDB
import SimulatedInstruments
import Testing

extension EndToEnd {
    @Suite("A lane refuses to start")
    struct RefusalTests {
        @Test("with a bad lane file and order, and lists every problem with its line")
        func badConfiguration() async throws {
            let space = try Workspace()
            let data = try space.folder("data")
            let lane = try space.write(
                """
                lane: {id: X}
                parasitic-loss: {quadratic: zero, linear: 0, constant: 0}
                packs: {asm: {limits: GB18285-1999, requirements: GB18285-2018-ASM}}
                instruments:
                  - {role: gas-analyzer, profile: mqw-51, port: a}
                  - {role: dynamometer, profile: bntd, port: b, bauds: 9600}
                  - {role: thermometer, profile: mqz-2, port: c}
                """, to: "lane.yaml")
            let order = try space.write(
                """
                number: 1
                method: asm
                vehicle: {plate: A, vin: SHORT, fuel: coal, curb-mass: 12, oil-temperature-readable: maybe}
                limit-set: a
                driver: B
                """, to: "order.yaml")
            let finished = try await LaneProgram.run(
                "test", "asm", "--lane", lane, "--order", order, "--data", data)
            #expect(finished.code == 78)
            for expected in [
                "lane.yaml:1: “station” is missing", "lane.yaml:2: “quadratic” is “zero”",
                "lane.yaml:3: “limits” is “GB18285-1999”",
                "lane.yaml:5: “profile” is “mqw-51”", "lane.yaml:6: “bauds” is not known here",
                "lane.yaml:7: “role” is “thermometer”", "order.yaml:3: “vin” is “SHORT”",
                "order.yaml:3: “fuel” is “coal”",
                "order.yaml:3: “curb-mass” is 12", "order.yaml:3: “oil-temperature-readable” is “maybe”",
                "order.yaml:1: “inspector” is missing",
            ] {
                #expect(finished.errors.contains(expected), "\(expected)\n--\n\(finished.errors)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).isEmpty)
            let check = try await LaneProgram.run("config", "check", lane, "--json")
            #expect(check.code == 78)
            #expect(try check.json()["valid"] as? Bool == false)
        }

        @Test("without its files", arguments: [("verify", 66), ("replay", 66)])
        func missing(command: String, code: Int32) async throws {
            let finished = try await LaneProgram.run(
                command, "/nonexistent/envelope.json", "--keys", "/nonexistent/trust.json")
            #expect(finished.code == code, "\(finished.errors)")
        }

        @Test(
            "with wrong arguments",
            arguments: [
                ["demo", "asm", "--speed", "0"], ["nonsense"], ["demo", "asm", "--seed", "x"],
                ["plan", "--order", "/dev/null", "--day", "2026-02-31"],
            ])
        func usage(arguments: [String]) async throws {
            #expect(await (try LaneProgram.Running(LaneProgram.path, arguments)).finished().code == 64)
        }

        @Test("to whom it does not know, with what is wrong as a code")
        func people() async throws {
            let space = try Workspace()
            let data = try space.folder("data")
            let word = try space.write("correct horse\n", to: "password")
            let other = try space.write("battery staple\n", to: "other")
            try space.write(
                """
                lane: {id: E2E-P, station: E2E}
                packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
                parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
                data: data
                instruments: [{role: tachometer, profile: mqz-2, port: tachometer}]
                """, to: "lane.yaml")
            func enter(_ name: String, _ role: String, _ signedIn: [String]) async throws -> LaneProgram.Finished {
                await
                    (try LaneProgram.Running(
                        LaneProgram.path,
                        [
                            "people", name, "--role", role, "--new-password-file", word, "--data", data, "--lane",
                            space.file("lane.yaml"),
                        ] + signedIn)).finished()
            }
            #expect(try await enter("Li", "operator", []).code == 64, "the first is a supervisor")
            let first = try await enter("Wang", "supervisor", [])
            #expect(first.code == 0, "\(first.errors)")
            let nobody = try await enter("Li", "operator", [])
            #expect(nobody.code == 77 && nobody.errors.contains("[people.supervisor-needed]"), "\(nobody.errors)")
            let wrong = try await enter("Li", "operator", ["--person", "Wang", "--password-file", other])
            #expect(wrong.code == 77 && wrong.errors.contains("[people.refused]"), "\(wrong.errors)")
        }

        @Test("where its data cannot be kept: no folder, not writable, another lane in it, a newer database")
        func storage() async throws {
            let missing = try await LaneProgram.run("records", "list", "--data", "/nonexistent")
            #expect(missing.code == 73, "\(missing.errors)")

            let station = try await SimulatedStation()
            func test(_ data: String) async throws -> LaneProgram.Finished {
                try await LaneProgram.run(
                    "test", "asm", "--lane", station.space.file("lane.yaml"), "--order",
                    station.space.file("order.yaml"),
                    "--data", data)
            }
            let absent = try await test(station.space.file("absent"))
            #expect(absent.code == 73, "\(absent.errors)")
            #expect(absent.errors.contains("absent"))

            let newer = try station.space.folder("newer")
            let sealed = try await LaneProgram.run("demo", "asm", "--speed", "50", "--data", newer)
            #expect(sealed.code == 0)
            try Self.pretendNewer("\(newer)/journal.sqlite")
            let tables = try Self.content("\(newer)/journal.sqlite")
            let refused = try await test(newer)
            #expect(refused.code == 73, "\(refused.errors)")
            #expect(refused.errors.contains("journal.newer-schema"))
            #expect(try Self.content("\(newer)/journal.sqlite") == tables)
        }

        @Test("where another simulator runs, and leaves that one its ports; and to show what nobody has measured yet")
        func notAgainNotYet() async throws {
            let station = try await SimulatedStation()
            let port = station.space.file("dynamometer")
            let before = try FileManager.default.destinationOfSymbolicLink(atPath: port)
            let second = try await LaneProgram.run("simulate", "--lane", station.space.file("lane.yaml"))
            #expect(second.code == 73)
            #expect(second.errors.contains("[simulate.in-use]"), "\(second.errors)")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: port) == before)
            _ = try await station.control.snapshot()

            let fresh = try await LaneProgram.run(
                "status", "--lane", station.space.file("lane.yaml"), "--data", station.data)
            #expect(fresh.code == 73)
            #expect(fresh.errors.contains("nothing has been measured on this lane yet"), "\(fresh.errors)")
            #expect(fresh.errors.contains("[journal.nothing-yet]"))
        }

        @Test("where there is no instrument, and says which port")
        func noInstrument() async throws {
            let space = try Workspace()
            let data = try space.folder("data")
            let station = try await SimulatedStation()
            let text = try String(contentsOfFile: station.space.file("lane.yaml"), encoding: .utf8)
                .replacingOccurrences(of: "port: dynamometer", with: "port: /dev/ttyNONE")
            let lane = try station.space.write(text, to: "other.yaml")
            let finished = try await LaneProgram.run(
                "test", "asm", "--lane", lane, "--order", station.space.file("order.yaml"), "--data", data)
            #expect(finished.code == 69, "\(finished.errors)")
            #expect(finished.errors.contains("/dev/ttyNONE"))
        }

        /// How much each table holds.
        static func content(_ path: String) throws -> [String: Int] {
            try DatabaseQueue(path: path).read { db in
                let names = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
                return try names.reduce(into: [:]) {
                    $0[$1] = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \"\($1)\"")
                }
            }
        }

        /// Adds a migration that this program does not know.
        static func pretendNewer(_ path: String) throws {
            let database = try DatabaseQueue(path: path)
            try database.write {
                try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('from-the-future')")
            }
            try database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            try database.close()
        }
    }
}
