import Foundation
import Testing

extension EndToEnd {
    @Suite("Instruments on their ports")
    struct InstrumentTests {
        /// Ten simulated instruments in one process; the opacimeter has an address of its own.
        private struct Bench {
            let space: Workspace
            let simulator: LaneProgram.Running

            private static let instruments = [
                ("gas-analyzer", "mqw-50a"), ("opacimeter", "opa-100"), ("nox-analyzer", "mqw-5101"),
                ("dynamometer", "bntd"), ("motoring-inverter", "inverter-amb"), ("flow-meter", "nhf-1"),
                ("obd-adapter", "elm327"), ("tachometer", "mqz-2"), ("weather-station", "dwsp-t5"),
                ("sign", "led-antong"),
            ]

            init() async throws {
                space = try Workspace()
                let entries = Self.instruments.map { role, profile in
                    "  - {role: \(role), profile: \(profile), port: \(role)\(role == "opacimeter" ? ", unit: 3" : "")}"
                }
                try space.write(
                    """
                    lane: {id: E2E-10, station: E2E}
                    parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
                    packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
                    data: data
                    instruments:
                    \(entries.joined(separator: "\n"))
                    simulation: {control: control, rate: 1, vehicle: clean, seed: 3}
                    """, to: "lane.yaml")
                simulator = try LaneProgram.Running(LaneProgram.path, ["simulate", "--lane", space.file("lane.yaml")])
                for _ in Self.instruments {
                    _ = try #require(await simulator.nextLine(), "the simulator gave no ports")
                }
            }

            /// `lane simulate ctl`, from outside.
            func control(_ words: String...) async throws -> LaneProgram.Finished {
                await
                    (try LaneProgram.Running(
                        LaneProgram.path, ["simulate", "ctl", "--socket", space.file("control")] + words)).finished()
            }

            /// `lane devices status`: the members of each instrument by its role.
            func status() async throws -> (code: Int32, instruments: [String: [String: Any]]) {
                let run = try await LaneProgram.run(
                    "devices", "status", "--lane", space.file("lane.yaml"), "--seconds", "1", "--json")
                let found = try run.output.split(separator: "\n").map { line in
                    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                }
                return (run.code, Dictionary(found.map { ($0["role"] as? String ?? "", $0) }) { first, _ in first })
            }
        }

        @Test("are all up on a lane of ten, until a fault is let in from outside, and again when it is taken away")
        func status() async throws {
            let bench = try await Bench()
            let good = try await bench.status()
            #expect(good.instruments.count == 10)
            for (role, instrument) in good.instruments {
                // These two are only told things: whether anybody is there cannot be told.
                let isOnlyTold = ["motoring-inverter", "sign"].contains(role)
                #expect(instrument["up"] as? Bool == (isOnlyTold ? nil : true), "\(role): \(instrument)")
            }
            #expect(good.code == 0)
            let read = try await LaneProgram.run(
                "devices", "status", "--lane", bench.space.file("lane.yaml"), "--seconds", "1", "--language", "zh-CN")
            #expect(read.output.contains("排气分析仪\tmqw-50a\t\(bench.space.file("gas-analyzer"))\t正常"), "\(read.output)")

            let port = bench.space.file("gas-analyzer")
            #expect(try await bench.control("fault", "gas-analyzer:silent").code == 0)
            let silent = try await bench.status()
            #expect(silent.code == 69)
            #expect(silent.instruments["gas-analyzer"]?["up"] as? Bool == false)
            #expect(silent.instruments["gas-analyzer"]?["problem"] as? String == "instrument.no-reply")
            #expect(silent.instruments["dynamometer"]?["up"] as? Bool == true)
            let deaf = try await LaneProgram.run("devices", "read", "mqw-50a", port)
            #expect(deaf.code != 0 && deaf.errors.contains(port), "\(deaf.errors)")

            #expect(try await bench.control("clear", "gas-analyzer").code == 0)
            let again = try await LaneProgram.run("devices", "read", "mqw-50a", port)
            #expect(again.code == 0 && again.output.contains("co2\t"), "\(again.output) \(again.errors)")
            let wrong = try await bench.control("fault", "toaster:silent")
            #expect(wrong.code != 0, "\(wrong.output)")
            #expect(try await bench.control("stop").code == 0)
            #expect(await bench.simulator.finished().code == 0)
        }

        @Test("are found by a probe, which proposes the lane file's entry")
        func probe() async throws {
            let bench = try await Bench()
            for (role, words, entry) in [
                ("tachometer", ["--role", "tachometer"], "profile: mqz-2"),
                ("opacimeter", ["--role", "opacimeter", "--units", "3"], "profile: opa-100"),
            ] {
                let port = bench.space.file(role)
                let unit = role == "opacimeter" ? ", unit: 3" : ""
                let expected = "  - {role: \(role), \(entry), port: \"\(port)\"\(unit)}"
                var found = try await look(port, words)
                // A busy computer may answer later than an instrument is given time for.
                for _ in 0..<3 where !found.output.contains(expected) { found = try await look(port, words) }
                #expect(found.output.contains(expected), "\(found.output) \(found.errors)")
                #expect(found.code == 0)
            }
        }

        @Test("a probe refuses a role that there is not and no patience at all, and names a port that is not there")
        func probeWords() async throws {
            #expect(try await look("/dev/no-such-port", ["--role", "nix"]).code == 64)
            #expect(try await look("/dev/no-such-port", ["--patience", "0"]).code == 64)
            let missing = try await look("/dev/no-such-port", [])
            #expect(missing.code != 0 && missing.errors.contains("/dev/no-such-port"))
            #expect(!missing.errors.contains("sg-506"), "\(missing.errors)")
        }

        private func look(_ port: String, _ words: [String]) async throws -> LaneProgram.Finished {
            await
                (try LaneProgram.Running(
                    LaneProgram.path, ["devices", "probe", port] + words)).finished()
        }
    }
}
