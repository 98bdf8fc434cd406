import Foundation
import Plant
import SimulatedInstruments
import Testing

/// A lane's simulators in one process and what a lane needs to be tested in another.
struct SimulatedStation {
    let space: Workspace
    let simulator: LaneProgram.Running
    let control: ControlClient
    let data: String

    /// Starts `lane simulate` and waits until its ports are there.
    init(vehicle: String = "clean", rate: Int = 10) async throws {
        space = try Workspace()
        data = try space.folder("data")
        try space.write(
            """
            lane: {id: E2E-1, station: E2E}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
            data: data
            instruments:
              - {role: gas-analyzer, profile: mqw-50a, port: analyzer}
              - {role: dynamometer, profile: bntd, port: dynamometer}
              - {role: tachometer, profile: mqz-2, port: tachometer}
              - {role: weather-station, profile: dwsp-t5, port: weather}
            simulation: {control: control, rate: \(rate), vehicle: \(vehicle), seed: 3}
            """, to: "lane.yaml")
        try space.write(
            """
            number: E2E
            method: asm
            vehicle:
              plate: 苏E00001
              vin: LSVAA4180E2100001
              fuel: gasoline
              curb-mass: 1250
              oil-temperature-readable: true
            limit-set: a
            inspector: A
            driver: B
            """, to: "order.yaml")
        simulator = try LaneProgram.Running(LaneProgram.path, ["simulate", "--lane", space.file("lane.yaml")])
        for _ in 0..<4 { _ = try #require(await simulator.nextLine(), "the simulator gave no ports") }
        control = try ControlClient(path: space.file("control"))
    }

    /// Starts `lane test asm` on it.
    func startTest() throws -> LaneProgram.Running {
        try LaneProgram.Running(
            LaneProgram.path,
            ["test", "asm", "--lane", space.file("lane.yaml"), "--order", space.file("order.yaml")])
    }

    /// A station with a test on it that measures, that is, with the vehicle driven against the brake.
    ///
    /// Begun anew where the computer was too busy for ten times life's pace: a test before it measures only waits.
    static func measuring(vehicle: String) async throws -> (station: SimulatedStation, test: LaneProgram.Running) {
        for _ in 0..<3 {
            let station = try await SimulatedStation(vehicle: vehicle)
            let test = try station.startTest()
            if await said("ASM5025 measure", by: test) { return (station, test) }
        }
        throw NothingMeasured()
    }

    private struct NothingMeasured: Error {}

    /// Why a test that runs faster than life ends on a computer that is too busy for that.
    static let busyReasons: Set = ["stale-data", "device-lost"]

    /// Reads a test's plain lines until one has the words; false if it ended before.
    static func said(_ words: String, by test: LaneProgram.Running) async -> Bool {
        while let line = await test.nextLine() {
            if line.contains(words) { return true }
        }
        return false
    }

    /// A record as `lane records list` shows it.
    func record(_ counter: Int) async throws -> [String: Any] {
        let list = try await LaneProgram.run("records", "list", "--data", data, "--json")
        let records = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
        return try #require(records.first { $0["counter"] as? Int == counter }, "\(records)")
    }

    /// Waits until the brake pulls no more than what rollers that coast leave of it, and notes it if that takes longer.
    func waitUntilUnloaded(_ what: Comment, within limit: Duration) async throws {
        #expect(try await control.wait(for: "plant.brakeForce", below: 200, within: limit), what)
    }
}
