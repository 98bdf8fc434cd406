import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

extension EndToEnd {
    @Suite("A lane in trouble")
    struct FaultTests {
        @Test("is unloaded within a second after its program was killed, and accounts for the test at the next start")
        func killed() async throws {
            let (station, test) = try await SimulatedStation.measuring(vehicle: "dirty")
            #expect(try await station.control.snapshot().plant.brakeForce > 500)
            // Ports that the guard had, too, would outlive the lane and stay claimed: only root could unload then.
            let held = try Self.guardDescriptors(of: test.process)
            #expect(!held.isEmpty && !held.contains { $0.hasPrefix("/dev/pts/") }, "\(held)")
            test.send(SIGKILL)
            let killed = ContinuousClock.now
            try await station.waitUntilUnloaded("by the guard", within: .seconds(1))
            print("unloaded \(ContinuousClock.now - killed) after the kill")
            #expect(await test.finished().code == -SIGKILL)

            let next = try station.startTest()
            #expect(await SimulatedStation.said("warm-up", by: next))
            // As the system does that shuts down; no operator broke it off.
            next.send(SIGTERM)
            let ended = await next.finished()
            #expect(ended.code == 0)
            // What was left over is told, and its files are with the others: the chain has no gap.
            #expect(ended.errors.contains("records/000001/envelope.json [leftover.sealed]"), "\(ended.errors)")
            let verified = try await LaneProgram.run(
                "verify", "\(station.data)/records/000001/envelope.json",
                "\(station.data)/records/000002/envelope.json", "--keys", "\(station.data)/trust.json",
                "--allow-simulated")
            #expect(verified.code == 0, "\(verified.output) \(verified.errors)")
            let toldToEnd = try await LaneProgram.run(
                "replay", "\(station.data)/records/000002/envelope.json", "--keys", "\(station.data)/trust.json",
                "--allow-simulated", "--from-wire")
            #expect(toldToEnd.code == 0, "\(toldToEnd.output)")
            let interrupted = try await station.record(1)
            #expect(interrupted["verdict"] as? String == "aborted")
            #expect(interrupted["reason"] as? String == "interrupted")
            #expect(try await station.record(2)["reason"] as? String == "interrupted")
            let export = station.space.file("export")
            let exported = try await LaneProgram.run("records", "export", "1", "--to", export, "--data", station.data)
            #expect(exported.code == 0)
            let replay = try await LaneProgram.run(
                "replay", "\(export)/envelope.json", "--keys", "\(station.data)/trust.json", "--allow-simulated",
                "--from-wire", "--json")
            #expect(replay.code == 0, "\(replay.output)")
            let frames = try #require(try replay.json()["frames"] as? Int)
            #expect(frames > 100)
            // What was on the wires reached the disk with the frames.
            #expect((try replay.json()["wire"] as? [String: Any])?["frames"] as? Int == frames)
        }

        /// What the guard of a lane's process has open.
        private static func guardDescriptors(of lane: pid_t) throws -> [String] {
            let files = FileManager.default
            let tasks = try files.contentsOfDirectory(atPath: "/proc/\(lane)/task")
            // A thread may have ended meanwhile.
            let children = tasks.flatMap { task in
                (try? String(contentsOfFile: "/proc/\(lane)/task/\(task)/children", encoding: .utf8))?
                    .split(separator: " ") ?? []
            }
            return try children.flatMap { child in
                let folder = "/proc/\(child)/fd"
                return try files.contentsOfDirectory(atPath: folder).compactMap {
                    try? files.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
                }
            }
        }

        @Test("ends a test by itself when the simulators are killed, and names port and device")
        func simulatorKilled() async throws {
            let (station, test) = try await SimulatedStation.measuring(vehicle: "dirty")
            station.simulator.send(SIGKILL)
            let finished = await test.finished()
            #expect(finished.code == 0, "\(finished.errors)")
            #expect(finished.output.contains("ABORTED"))
            #expect(finished.output.contains(station.space.path), "\(finished.output)")
            #expect(try await station.record(1)["reason"] as? String == "device-lost")
        }

        @Test(
            "is broken off by Ctrl-C, and by the system that shuts down, in good order",
            arguments: [(SIGINT, "operator"), (SIGTERM, "interrupted")])
        func interrupted(signal: Int32, reason: String) async throws {
            let (station, test) = try await SimulatedStation.measuring(vehicle: "dirty")
            test.send(signal)
            #expect(await test.finished().code == 0)
            let record = try await station.record(1)
            #expect(record["verdict"] as? String == "aborted")
            #expect(record["reason"] as? String == reason)
            try await station.waitUntilUnloaded("in good order", within: .seconds(2))
        }
    }
}
