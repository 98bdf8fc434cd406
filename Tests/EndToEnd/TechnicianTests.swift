import Foundation
import Glibc
import Plant
import SimulatedInstruments
import Testing

extension EndToEnd {
    @Suite("A technician at a terminal")
    struct TechnicianTests {
        /// A lane with a simulated weather station and nothing else, that nobody but the person at the terminal attends.
        private func attendedLane(_ station: SimulatedStation) throws -> String {
            let lane = try String(contentsOfFile: station.space.file("lane.yaml"), encoding: .utf8)
                .split(separator: "\n")
                .filter { !$0.hasPrefix("simulation:") && (!$0.contains("profile:") || $0.contains("weather-station")) }
                .map { $0.hasPrefix("data:") ? "\($0)\nassurance: {references: references.yaml}" : String($0) }
            try station.space.write(
                """
                instruments:
                  - {number: HYGRO-1, maker: M, certificate: C, expires: 2099-12-31, values: {}}

                """, to: "references.yaml")
            return try station.space.write(lane.joined(separator: "\n") + "\n", to: "attended.yaml")
        }

        /// Reads what the terminal shows until it shows some words.
        ///
        /// - Throws: if it ends without them: nobody is there to type for.
        private func wait(for words: String, _ terminal: LaneProgram.Running) async throws {
            var seen: [String] = []
            while let line = await terminal.nextLine() {
                seen.append(line)
                if line.contains(words) { return }
            }
            throw NeverShown(words: words, seen: seen.suffix(30).joined(separator: "\n"))
        }

        private struct NeverShown: Error {
            let words: String
            let seen: String
        }

        @Test(
            "is asked for the reference, told everything that is wrong with what was typed, and has it judged and recorded",
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "script is not installed"))
        func weatherStation() async throws {
            let station = try await SimulatedStation(rate: 1)
            let lane = try attendedLane(station)
            let terminal = try LaneProgram.Running(
                "/usr/bin/script",
                [
                    "-qec", "'\(LaneProgram.path)' check weather-station --lane '\(lane)' --language en", "/dev/null",
                ], environment: ["TERM": "xterm", "SHELL": "/bin/sh"], isTyping: true)
            try await wait(for: "HYGRO-1", terminal)
            terminal.type("\n")
            try await wait(for: "Enter   air temperature (°C), relative humidity (%), air pressure (kPa)", terminal)
            terminal.type("222 48\n")
            try await wait(for: "! the air temperature of 222 °C cannot be", terminal)
            try await wait(for: "! “air-pressure” is missing", terminal)
            let air = try await station.control.snapshot().plant.air
            func shown(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
            // The first figure is taken back before it counts.
            terminal.type(
                "9\u{7F}\(shown(air.temperature, 1)) \(shown(air.relativeHumidity, 1)) air-pressure=\(shown(air.pressure, 2))\n"
            )
            try await wait(for: "PASSED: weather station", terminal)
            let finished = await terminal.finished()
            #expect(finished.code == 0, "\(finished.output) \(finished.errors)")

            let record = "\(station.data)/records/000001/envelope.json"
            let replay = try await LaneProgram.run(
                "replay", record, "--keys", "\(station.data)/trust.json", "--allow-simulated", "--json")
            #expect(try replay.json()["reproduced"] as? Bool == true, "\(replay.output) \(replay.errors)")
            let frames = try String(contentsOfFile: "\(station.data)/records/000001/frames.jsonl", encoding: .utf8)
            #expect(frames.contains(#"["entered:air-pressure=\#(shown(air.pressure, 2)),air-temperature="#))
            station.simulator.send(SIGINT)
        }
    }
}
