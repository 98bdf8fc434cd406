import Documents
import Evidence
import Foundation
import Instruments
import InstrumentsTestKit
import Journal
import Lane
import Messages
import MemoryLaneKit
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Standards
import Testing

/// One lane, one test, and what went wrong with them.
struct ChaosRun {
    let plan: ChaosPlan
    private(set) var result = ChaosResult()

    static let devices = DevicesFolder.library

    /// Runs a plan in memory.
    static func inMemory(_ plan: ChaosPlan) async throws -> ChaosResult {
        var run = ChaosRun(plan: plan)
        let memory = try MemoryLane(
            instruments: plan.instruments, vehicle: plan.vehicle, seed: plan.seed, dynamometer: plan.dynamometer,
            faults: plan.faults)
        defer { memory.stop() }
        let time = ManualLaneTime(memory)
        let ports = plan.instruments.indices.map { "/memory/\($0)" }
        let openers = Dictionary(
            uniqueKeysWithValues: zip(ports, memory.wires).map { ($0, SimulatedPort(memory, $1)) })
        let configuration = try run.configuration(ports)
        try await run.carryOut(
            on: memory.lane,
            { directory in
                try await RunningLane.open(
                    configuration, directory: directory, time: time, software: ChaosRun.software, guardExecutable: nil
                ) { entry in
                    let opener = try #require(openers[entry.port])
                    return Instrument(
                        profile: entry.profile, port: try PortAddress(entry.port), opener: opener, now: { time.now() })
                }
            }, seen: { time.seen() }, letTimePass: { memory.advance(to: memory.now + 1_000_000_000) })
        run.result.duration = Double(memory.now) / 1e9
        return run.result
    }

    /// Runs a plan over pseudo-terminals, many times faster than life.
    static func overTerminals(_ plan: ChaosPlan) async throws -> ChaosResult {
        var run = ChaosRun(plan: plan)
        let rate = 50.0
        let time = PacedLaneTime(rate: rate)
        let simulated = try SimulatedLane(
            instruments: plan.instruments.map { request in
                var linked = request
                linked.link = "/tmp/chaos-\(getpid())-\(plan.seed)-\(request.role.rawValue)"
                return linked
            }, vehicle: plan.vehicle, seed: plan.seed, dynamometer: plan.dynamometer,
            clock: SimulationClock(speed: rate) { Int64(Double(time.now().nanoseconds) / rate) }, warmUp: .zero,
            recordsFrames: true)
        let endpoints = try simulated.start()
        let player = try FaultPlayer(plan.faults, lane: simulated)
        player.start()
        defer {
            player.stop()
            simulated.stop()
        }
        let configuration = try run.configuration(endpoints.map(\.path))
        try await run.carryOut(
            on: simulated,
            { directory in
                try await RunningLane.open(
                    configuration, directory: directory, time: time, software: ChaosRun.software, guardExecutable: nil)
            }, seen: {}, letTimePass: Self.letThirtyMillisecondsPass, stopFaults: { player.stop() })
        run.result.duration = Double(time.now().nanoseconds) / 1e9
        return run.result
    }

    /// What is on a pseudo-terminal is there a moment later.
    private static func letThirtyMillisecondsPass() {
        let end = ContinuousClock.now + .milliseconds(30)
        while ContinuousClock.now < end { sched_yield() }
    }

    private static let software = SoftwareIdentity(
        version: "test", executable: Digest(of: []), isSimulationBuild: true)

    private func configuration(_ ports: [String]) throws -> LaneConfiguration {
        try LaneConfiguration(
            document: try Document(bytes: Array(plan.laneFile(ports).utf8), name: "chaos.yaml"),
            devices: try Self.devices.get())
    }

    private mutating func carryOut(
        on simulated: SimulatedLane, _ open: (String) async throws -> RunningLane, seen: @escaping () -> Void,
        letTimePass: () -> Void, stopFaults: () -> Void = {}
    ) async throws {
        let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        var template = Array("\(folder)/lane-chaos-XXXXXX".utf8CString)
        let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let lane: RunningLane
        do {
            lane = try await open(directory)
        } catch let error as InstrumentError {
            // The lane is not opened with an instrument that does not answer.
            note(outcome: "not begun", error.message.code.rawValue, simulated)
            return
        }
        do {
            try await test(on: lane, simulated, seen)
        } catch {
            result.violations.append("the session threw \(error)")
        }
        note(outcome: result.outcome, result.code, simulated)
        await unload(lane, simulated, letTimePass, stopFaults)
    }

    /// Runs the test and looks at its record.
    private mutating func test(
        on lane: RunningLane, _ simulated: SimulatedLane, _ seen: @escaping () -> Void
    ) async throws {
        let session = try await lane.session(for: try plan.order)
        let profiles = lane.configuration.instruments.map(\.profile)
        async let running = session.run()
        var driver = ChaosDriver(plan, panel: lane.panel) { simulated.apply($0) }
        for await event in session.events {
            guard case .frame(let frame, let status) = event else { continue }
            driver.follow(frame, status)
            seen()
        }
        let ended = try await running
        switch ended.outcome.verdict {
        case .passed: result.outcome = "passed"
        case .failed: result.outcome = "failed"
        case .aborted(let reason): (result.outcome, result.code) = ("aborted", reason.code)
        }
        result.ticks = ended.sampling.ticks
        let files = try await lane.journal.attachments(of: ended.record.counter)
        let wire = try #require(files.first { $0.name == TestRecord.wireName }).bytes
        let frames = try #require(files.first { $0.name == TestRecord.framesName }).bytes
        let oracle = WireOracle(wire, profiles: profiles) { simulated.sentFrames(by: $0) }
        let look = try FrameOracle(
            frames, freshness: try lane.configuration.prepare(try plan.order).procedure.freshness,
            instants: oracle.instants)
        result.violations += oracle.violations + look.violations
        result.framesTaken = oracle.taken
        result.unseenDamage = oracle.unseenDamage
        result.readings = look.readings
        result.staleReadings = look.stale
    }

    /// Faults through which nothing that the lane says reaches an instrument.
    private static let deafening: Set<Fault.Kind> = [.hangUp, .baudMismatch]

    /// The dynamometer must be unloaded: at once, or as soon as it can be reached again.
    private mutating func unload(
        _ lane: RunningLane, _ simulated: SimulatedLane, _ letTimePass: () -> Void, _ stopFaults: () -> Void
    ) async {
        let isUnloadedAtOnce = Self.isUnloaded(simulated, letTimePass)
        stopFaults()
        for request in plan.instruments { try? simulated.clearFaults(on: request.role) }
        letTimePass()
        let problem = await lane.close()
        guard plan.instruments.contains(where: { $0.role == .dynamometer }), !isUnloadedAtOnce else { return }
        result.unloadedLater = true
        let isReached = !plan.faults.entries.contains {
            $0.role == .dynamometer && Self.deafening.contains($0.fault.kind)
        }
        if isReached { result.violations.append("the dynamometer was left loaded while it could be reached") }
        if !Self.isUnloaded(simulated, letTimePass) {
            result.violations.append(
                "the dynamometer was left loaded when it could be reached again: \(problem.map { "\($0)" } ?? "no error")"
            )
        }
    }

    private static func isUnloaded(_ simulated: SimulatedLane, _ letTimePass: () -> Void) -> Bool {
        for _ in 0..<20 {
            if simulated.snapshot().plant.brakeMode == .off { return true }
            letTimePass()
        }
        return false
    }

    private mutating func note(outcome: String, _ code: String, _ simulated: SimulatedLane) {
        result.outcome = outcome
        result.code = code
        for instrument in simulated.snapshot().instruments { result.faults.formUnion(instrument.frames.faults.keys) }
    }
}

/// The repository's device profiles, read once.
enum DevicesFolder {
    static let path = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/Devices"
    static let library = Result { try DeviceLibrary(directory: path) }
}
