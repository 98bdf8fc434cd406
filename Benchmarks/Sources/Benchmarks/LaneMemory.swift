import Foundation
import Glibc

/// Resident memory and processor share of `lane test asm` while it tests a simulated vehicle.
struct LaneMemory {
    /// How many times faster than life.
    private static let rate = 20

    static func run() throws -> Findings {
        let program = ProcessInfo.processInfo.environment["LANE"] ?? "\(Sources.root)/.build/release/lane"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw NotMeasured("no program at \(program): build it, or name it by LANE=…")
        }
        var peak = Samples()
        var last = Samples()
        var share = Samples()
        var perLaneSecond = Samples()
        for _ in 0..<3 {
            let test = try SimulatedTest(program, rate: rate)
            peak.add(Double(test.memory.peak) * 1.024 / 1000)
            last.add(Double(test.memory.last) * 1.024 / 1000)
            share.add(test.processor / test.seconds * 100)
            perLaneSecond.add(test.processor / test.laneSeconds * 1000)
        }
        return Findings(
            lines: [
                Line(name: "lane test asm: peak resident memory", unit: "MB", ours: peak, requirement: .below(60)),
                Line(name: "lane test asm: resident memory at its end", unit: "MB", ours: last),
                Line(name: "lane test asm: processor, \(rate)× life", unit: "%", ours: share),
                Line(name: "lane test asm: processor for a lane second", unit: "ms", ours: perLaneSecond),
            ],
            notes: ["\(program); a dirty vehicle through both modes, simulators in another process"])
    }
}

/// One test of a dirty vehicle by two processes: the simulators, and the lane that is measured.
private struct SimulatedTest {
    /// The greatest resident set and the last one, kB.
    let memory: (peak: Int, last: Int)
    /// Processor seconds, the guard process included.
    let processor: Double
    /// Seconds from start to end.
    let seconds: Double
    /// Lane seconds of the test.
    let laneSeconds: Double

    init(_ program: String, rate: Int) throws {
        // The control socket's path must be short.
        let space = try Workspace(in: "/tmp")
        let lane = space.file("lane.yaml")
        let order = space.file("order.yaml")
        try Self.lane(data: try space.folder("data"), rate: rate).write(toFile: lane, atomically: true, encoding: .utf8)
        try Self.order.write(toFile: order, atomically: true, encoding: .utf8)

        let simulator = try Child(program, ["simulate", "--lane", lane, "--share", Sources.root])
        defer { simulator.terminate() }
        for _ in 0..<4 {
            guard simulator.nextLine() != nil else { throw NotMeasured("the simulators gave no ports") }
        }
        let start = monotonicSeconds()
        let test = try Child(
            program, ["test", "asm", "--lane", lane, "--order", order, "--json", "--share", Sources.root])
        memory = test.watchMemory()
        let report = test.rest()
        processor = test.wait()
        seconds = monotonicSeconds() - start
        let json = try? JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any]
        guard let json, json["verdict"] as? String == "failed", let laneSeconds = json["simulatedSeconds"] as? Double
        else { throw NotMeasured("the lane did not fail the dirty vehicle: \(report)") }
        guard memory.peak > 0 else { throw NotMeasured("the lane's memory could not be seen") }
        self.laneSeconds = laneSeconds
    }

    private static func lane(data: String, rate: Int) -> String {
        """
        lane: {id: BENCHMARK, station: BENCHMARK}
        parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
        packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
        data: \(data)
        instruments:
          - {role: gas-analyzer, profile: mqw-50a, port: analyzer}
          - {role: dynamometer, profile: bntd, port: dynamometer}
          - {role: tachometer, profile: mqz-2, port: tachometer}
          - {role: weather-station, profile: dwsp-t5, port: weather}
        simulation: {control: control, rate: \(rate), vehicle: dirty, seed: 3}
        """
    }

    private static let order = """
        number: BENCHMARK
        method: asm
        vehicle:
          plate: 苏B00001
          vin: LSVAA4180E2100001
          fuel: gasoline
          curb-mass: 1250
          oil-temperature-readable: true
        limit-set: a
        inspector: A
        driver: B
        """
}
