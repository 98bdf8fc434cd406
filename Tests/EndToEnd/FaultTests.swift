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
            let station = try await SimulatedStation(vehicle: "dirty", rate: 20)
            let test = try station.startTest()
            try await station.waitUntilLoaded()
            test.send(SIGKILL)
            let killed = ContinuousClock.now
            // The guard's unload reaches the dynamometer; its force decays within half a second of lane time.
            try await station.wait("unloaded by the guard", within: .seconds(1)) { $0.plant.brakeForce < 200 }
            print("unloaded \(ContinuousClock.now - killed) after the kill")
            #expect(await test.finished().code == -SIGKILL)

            let next = try station.startTest()
            try await station.waitUntilLoaded()
            next.send(SIGINT)
            let report = try await next.finished().json()
            #expect(report["counter"] as? Int == 2)
            #expect(report["reason"] as? String == "operator")
            let list = try await LaneProgram.run("records", "list", "--data", station.data, "--json")
            let records = try #require(
                try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
            let interrupted = try #require(records.first { $0["counter"] as? Int == 1 })
            #expect(interrupted["verdict"] as? String == "aborted")
            #expect(interrupted["reason"] as? String == "interrupted")
            let export = station.space.file("export")
            #expect(
                try await LaneProgram.run("records", "export", "1", "--to", export, "--data", station.data).code == 0)
            let replay = try await LaneProgram.run(
                "replay", "\(export)/envelope.json", "--keys", "\(station.data)/trust.json", "--allow-simulated",
                "--json")
            #expect(replay.code == 0, "\(replay.output)")
            #expect(try #require(try replay.json()["frames"] as? Int) > 100)
        }

        @Test("ends a test by itself when the simulators are killed")
        func simulatorKilled() async throws {
            let station = try await SimulatedStation(vehicle: "dirty", rate: 20)
            let test = try station.startTest()
            try await station.waitUntilLoaded()
            station.simulator.send(SIGKILL)
            let finished = await test.finished()
            #expect(finished.code == 0, "\(finished.errors)")
            let report = try finished.json()
            #expect(report["verdict"] as? String == "aborted")
            #expect(report["reason"] as? String == "device-lost")
            #expect(report["diagnosis"] as? String != nil)
        }

        @Test("is broken off by Ctrl-C, in good order")
        func interrupted() async throws {
            let station = try await SimulatedStation(vehicle: "dirty", rate: 20)
            let test = try station.startTest()
            try await station.waitUntilLoaded()
            test.send(SIGINT)
            let report = try await test.finished().json()
            #expect(report["verdict"] as? String == "aborted")
            #expect(report["reason"] as? String == "operator")
            try await station.wait("unloaded", within: .seconds(2)) { $0.plant.brakeForce < 200 }
        }
    }
}
