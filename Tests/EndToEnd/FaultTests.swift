import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

/// A fault on the wire or in the lane, in the middle of a mode, and how the test must end.
struct FaultCase: Sendable, CustomTestStringConvertible {
    let fault: Fault.Kind
    let role: InstrumentRole
    let reason: String?
    var testDescription: String { "\(fault.rawValue) on \(role.rawValue)" }

    static let all: [FaultCase] = [
        FaultCase(fault: .silent, role: .gasAnalyzer, reason: "device-lost"),
        FaultCase(fault: .garbage, role: .gasAnalyzer, reason: "device-lost"),
        FaultCase(fault: .truncated, role: .gasAnalyzer, reason: "device-lost"),
        FaultCase(fault: .hangUp, role: .gasAnalyzer, reason: "device-lost"),
        FaultCase(fault: .hangUp, role: .dynamometer, reason: "device-lost"),
        FaultCase(fault: .silent, role: .tachometer, reason: "device-lost"),
        FaultCase(fault: .lowFlow, role: .gasAnalyzer, reason: "low-flow"),
        FaultCase(fault: .dilution, role: .gasAnalyzer, reason: "dilution"),
        FaultCase(fault: .stall, role: .gasAnalyzer, reason: "stall"),
    ]
}

@Suite("A lane in trouble", .serialized)
struct FaultTests {
    @Test("breaks the test off with its reason, keeps the frames, and unloads", arguments: FaultCase.all)
    func faults(_ fault: FaultCase) async throws {
        let station = try await SimulatedStation(vehicle: "dirty")
        let test = try station.startTest()
        try await station.waitUntilLoaded()
        try await station.control.inject(Fault(fault.fault), on: fault.role)
        let finished = await test.finished()
        #expect(finished.code == 0, "\(finished.errors)")
        let report = try finished.json()
        #expect(report["verdict"] as? String == "aborted")
        #expect(report["reason"] as? String == fault.reason)
        #expect(report["verified"] as? Bool == true)
        if fault.reason == "device-lost" {
            let diagnosis = try #require(report["diagnosis"] as? String, "\(report)")
            let port = ["gas-analyzer": "analyzer", "dynamometer": "dynamometer", "tachometer": "tachometer"]
            #expect(diagnosis.contains(station.space.file(port[fault.role.rawValue] ?? "?")), "\(diagnosis)")
            if fault.role != .dynamometer {
                try await station.wait("unloaded", within: .seconds(2)) { $0.plant.brakeForce < 200 }
            }
        } else {
            try await station.wait("unloaded", within: .seconds(2)) { $0.plant.brakeForce < 200 }
        }
        let record = try #require(report["record"] as? String)
        let frames = URL(fileURLWithPath: record).deletingLastPathComponent().appendingPathComponent("frames.jsonl")
        #expect(try String(contentsOf: frames, encoding: .utf8).split(separator: "\n").count == report["ticks"] as? Int)
        let replay = try await LaneProgram.run("replay", record, "--allow-simulated")
        #expect(replay.code == 0, "\(replay.output)")
    }

    @Test("rides through a few damaged replies")
    func ridesThrough() async throws {
        // Slowly enough that the wire's real pauses after a damaged reply are short in lane time too.
        let station = try await SimulatedStation(rate: 5)
        let test = try station.startTest()
        try await station.waitUntilLoaded()
        // Every eighth reply of the analyzer has a wrong checksum from now on.
        try await station.control.inject(Fault(.corruptedChecksum, amount: 8), on: .gasAnalyzer)
        let report = try await test.finished().json()
        #expect(report["verdict"] as? String == "passed")
    }

    @Test("is unloaded within a second after its program was killed, and accounts for the test at the next start")
    func killed() async throws {
        let station = try await SimulatedStation(vehicle: "dirty")
        let test = try station.startTest()
        try await station.waitUntilLoaded()
        test.send(SIGKILL)
        let killed = ContinuousClock.now
        // The guard's unload reaches the dynamometer; its force decays within half a second of lane time.
        try await station.wait("unloaded by the guard", within: .seconds(1)) { $0.plant.brakeForce < 200 }
        print("unloaded \(ContinuousClock.now - killed) after the kill")
        #expect(await test.finished().code == -SIGKILL)

        let next = try station.startTest()
        let report = try await next.finished().json()
        #expect(report["counter"] as? Int == 2)
        let list = try await LaneProgram.run("records", "list", "--data", station.data, "--json")
        let records = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
        let interrupted = try #require(records.first { $0["counter"] as? Int == 1 })
        #expect(interrupted["verdict"] as? String == "aborted")
        #expect(interrupted["reason"] as? String == "interrupted")
        let export = station.space.file("export")
        #expect(try await LaneProgram.run("records", "export", "1", "--to", export, "--data", station.data).code == 0)
        let replay = try await LaneProgram.run(
            "replay", "\(export)/envelope.json", "--keys", "\(station.data)/trust.json", "--allow-simulated", "--json")
        #expect(replay.code == 0, "\(replay.output)")
        #expect(try #require(try replay.json()["frames"] as? Int) > 100)
    }

    @Test("ends a test by itself when the simulators are killed")
    func simulatorKilled() async throws {
        let station = try await SimulatedStation(vehicle: "dirty")
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
        let station = try await SimulatedStation(vehicle: "dirty")
        let test = try station.startTest()
        try await station.waitUntilLoaded()
        test.send(SIGINT)
        let report = try await test.finished().json()
        #expect(report["verdict"] as? String == "aborted")
        #expect(report["reason"] as? String == "operator")
        try await station.wait("unloaded", within: .seconds(2)) { $0.plant.brakeForce < 200 }
    }
}
