import Foundation
import Messages
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("A schedule of faults")
struct FaultScheduleTests {
    @Test("is read from a file")
    func file() throws {
        let text = """
            faults:
              - {at: 30, for: 5, device: gas-analyzer, fault: silent}
              - {at: 10, device: gas-analyzer, fault: span-drift, channel: co, amount: -0.1}
              - {at: 20, for: 2.5, device: dynamometer, fault: wheel-slip}
              - {at: 40, device: tachometer, fault: garbage, amount: 3, count: 7}
            """
        let schedule = try FaultSchedule(bytes: Array(text.utf8), name: "faults.yaml")
        #expect(
            schedule
                == FaultSchedule([
                    .init(at: 10, Fault(.spanDrift, amount: -0.1, channel: .carbonMonoxide), on: .gasAnalyzer),
                    .init(at: 20, for: 2.5, Fault(.wheelSlip), on: .dynamometer),
                    .init(at: 30, for: 5, Fault(.silent), on: .gasAnalyzer),
                    .init(at: 40, Fault(.garbage, amount: 3, count: 7), on: .tachometer),
                ]))
    }

    @Test("with mistakes is rejected with all of them, each with its line")
    func mistakes() {
        let text = """
            faults:
              - {at: -1, device: gas-analyzer, fault: silent}
              - {at: 1, device: toaster, fault: silent}
              - {at: 1, device: tachometer, fault: dilution}
              - {at: 1, device: tachometer, fault: zero-drift, channel: co}
              - {at: 1, device: gas-analyzer, fault: silent, color: red}
              - {at: 1, device: gas-analyzer, fault: low-flow, count: 3}
              - {at: 1, device: gas-analyzer, fault: silent, count: 0}
            """
        let problems = #expect(throws: Problems.self) {
            try FaultSchedule(bytes: Array(text.utf8), name: "faults.yaml")
        }
        let found = (problems?.all ?? []).map { "\($0.location.line ?? 0) \($0.message.code.rawValue)" }
        #expect(
            found == [
                "2 document.out-of-range", "3 document.unknown-value", "4 document.unknown-value",
                "5 document.unknown-value", "6 document.unknown-key", "7 document.unknown-value",
                "8 document.out-of-range",
            ])
    }

    @Test("drawn from a seed is the same each time, and possible on its lane")
    func seeded() throws {
        let roles = InstrumentRequest.dieselLane.map(\.role)
        let lane = try TestLane(InstrumentRequest.dieselLane, clock: ManualTime().clock)
        var kinds: Set<String> = []
        for seed in UInt64(1)...200 {
            let schedule = FaultSchedule(seed: seed, count: 8, over: 100, roles: roles)
            #expect(schedule == FaultSchedule(seed: seed, count: 8, over: 100, roles: roles))
            #expect(schedule.entries.count == 8)
            #expect(schedule.entries.allSatisfy { (0...100).contains($0.begin) })
            kinds.formUnion(schedule.entries.map(\.fault.kind.rawValue))
            _ = try FaultPlayer(schedule, lane: lane.lane)
        }
        // All that can befall an instrument of this lane, and no others.
        let possible = Fault.Kind.allCases.filter { kind in
            kind.roles.map { !Set($0).isDisjoint(with: roles) } ?? true
        }
        #expect(kinds == Set(possible.map(\.rawValue)))
        #expect(throws: SimulationError.noInstrument(role: "flow-meter")) {
            try FaultPlayer(FaultSchedule([.init(at: 1, Fault(.silent), on: .flowMeter)]), lane: lane.lane)
        }
    }

    @Test("happens at its times, and ends")
    func playing() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: time.clock, warmUp: 0)
        let player = try FaultPlayer(
            FaultSchedule([
                .init(at: 10, for: 5, Fault(.dilution, amount: 0.5), on: .gasAnalyzer),
                .init(at: 12, for: 10, Fault(.stall), on: .gasAnalyzer),
            ]), lane: lane.lane)
        var seen: [Int: (leak: Double, runs: Bool)] = [:]
        for second in 1...30 {
            time.pass(1)
            player.catchUp()
            time.pass(0.01)
            let plant = lane.lane.snapshot().plant
            seen[second] = (plant.leak, plant.engineRuns)
        }
        #expect(seen[9]?.leak == 0 && seen[11]?.leak == 0.5 && seen[16]?.leak == 0)
        #expect(seen[11]?.runs == true && seen[13]?.runs == false && seen[30]?.runs == true)
        #expect(player.carriedOut == 4)
    }

    @Test("follows a running lane on its own thread, and stops when told to")
    func running() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.tachometer, "MQZ-2")], clock: time.clock)
        let player = try FaultPlayer(
            FaultSchedule([
                .init(at: 1, for: 2, Fault(.clampOff), on: .tachometer),
                .init(at: 100_000, Fault(.silent), on: .tachometer),
            ]), lane: lane.lane)
        player.start()
        time.pass(1.5)
        #expect(lane.becomes { $0.plant.shownEngineSpeed == 0 })
        time.pass(2)
        #expect(lane.becomes { $0.plant.shownEngineSpeed > 700 })
        player.stop()
        #expect(player.carriedOut == 2)
    }
}

@Suite("More faults")
struct MoreFaultTests {
    private let data = hex("02 60 03 9B")

    private func analyzer() throws -> (lane: TestLane, port: TestPort) {
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: ManualTime().clock, warmUp: 0)
        return (lane, try lane.port(.gasAnalyzer))
    }

    @Test("“duplicate” sends each frame twice")
    func duplicate() throws {
        let (lane, port) = try analyzer()
        try lane.lane.inject(Fault(.duplicate), on: .gasAnalyzer)
        let bytes = try port.exchange(data, 56)
        #expect(Array(bytes.prefix(28)) == Array(bytes.suffix(28)))
        try lane.lane.end(Fault(.duplicate), on: .gasAnalyzer)
        _ = try port.exchange(data, 28)
        #expect(port.isSilent(milliseconds: 20))
    }

    @Test("“corrupted-byte” spoils some byte, each time another")
    func corruptedByte() throws {
        let (lane, port) = try analyzer()
        let good = try port.exchange(data, 28)
        try lane.lane.inject(Fault(.corruptedByte), on: .gasAnalyzer)
        var places: Set<Int> = []
        for _ in 0..<28 {
            let frame = try port.exchange(data, 28)
            let wrong = frame.indices.filter { frame[$0] != good[$0] }
            #expect(wrong.count == 1)
            places.formUnion(wrong)
        }
        #expect(places.count == 28)
    }

    @Test("“byte-gaps” lets the bytes of a frame trickle")
    func byteGaps() throws {
        let (lane, port) = try analyzer()
        try lane.lane.inject(Fault(.byteGaps, amount: 5), on: .gasAnalyzer)
        let start = SimulationClock.monotonicNanoseconds()
        #expect(try port.exchange(data, 28).reduce(0, &+) == 0)
        #expect(SimulationClock.monotonicNanoseconds() - start >= 27 * 5_000_000)
    }

    @Test("of frames can be counted: so many are spoilt, and then it is over until it is let in again")
    func counted() throws {
        let (lane, port) = try analyzer()
        for _ in 1...2 {
            try lane.lane.inject(Fault(.corruptedChecksum, count: 3), on: .gasAnalyzer)
            let sums = try (0..<5).map { _ in try port.exchange(data, 28).reduce(0, &+) }
            #expect(sums.map { $0 != 0 } == [true, true, true, false, false])
        }
        #expect(try lane.frames(.gasAnalyzer).faults["corrupted-checksum"] == 6)
        try lane.lane.inject(Fault(.silent, count: 1), on: .gasAnalyzer)
        port.send(data)
        #expect(port.isSilent(milliseconds: 50))
        #expect(try port.exchange(data, 28).reduce(0, &+) == 0)
        #expect(throws: SimulationError.faultCount(.stuckValue, 2)) {
            try lane.lane.inject(Fault(.stuckValue, count: 2), on: .gasAnalyzer)
        }
    }

    @Test("“reboot” lets an instrument forget its zero and warm up again")
    func reboot() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: time.clock, warmUp: 20)
        let port = try lane.port(.gasAnalyzer)
        time.pass(21)
        _ = try port.exchange(hex("02 67 03 94"), 4)
        time.pass(31)
        #expect(Array(try port.exchange(hex("02 61 03 9A"), 11)[3...4]) == [0, 0])
        for round in 1...2 {
            try lane.lane.inject(Fault(.reboot), on: .gasAnalyzer)
            // The order is carried out by the line's thread before it looks at what comes in.
            #expect(lane.becomes { $0.instrument("gas-analyzer")?.frames.faults["reboot"] == round })
            #expect(try port.exchange(hex("02 61 03 9A"), 11)[3] == 0x01)
            time.pass(21)
            #expect(try port.exchange(hex("02 61 03 9A"), 11)[4] == 0x01)
        }
    }

    @Test("“zero-drift” goes with the next zero, “span-drift” does not")
    func drifts() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: time.clock, warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        lane.lane.connect(BottledGas(carbonMonoxide: 2, carbonDioxide: 10), to: .checkGas)
        func zero() throws {
            _ = try port.exchange(hex("02 78 03 83"), 4)
            #expect(try port.exchange(hex("02 67 03 94"), 4)[0] == 0x06)
            time.pass(31)
            _ = try port.exchange(hex("02 7F 03 7C"), 4)
            time.pass(60)
        }
        func carbonMonoxide() throws -> Int {
            let frame = try port.exchange(data, 28)
            return Int(frame[5]) << 8 | Int(frame[6])
        }
        try zero()
        #expect(try carbonMonoxide() == 200)
        try lane.lane.inject(Fault(.zeroDrift, amount: 0.15, channel: .carbonMonoxide), on: .gasAnalyzer)
        #expect(try carbonMonoxide() == 215)
        try zero()
        #expect(try carbonMonoxide() == 200)
        try lane.lane.inject(Fault(.spanDrift, amount: 0.1, channel: .carbonMonoxide), on: .gasAnalyzer)
        try zero()
        #expect(try carbonMonoxide() == 220)
        try lane.lane.clearFaults(on: .gasAnalyzer)
        #expect(throws: SimulationError.noChannel(.force, .gasAnalyzer)) {
            try lane.lane.inject(Fault(.spanDrift, channel: .force), on: .gasAnalyzer)
        }
    }

    @Test("of the load cell show with weights, and can be zeroed away")
    func loadCell() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.dynamometer, "BNTD")], clock: time.clock)
        let port = try lane.port(.dynamometer, speed: B38400)
        func force() throws -> Float {
            time.pass(0.1)
            var frame = try port.read(17)
            // The last one is the present one.
            while let next = try? port.read(17, milliseconds: 20) { frame = next }
            return Float(bitPattern: frame[7...10].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        }
        lane.lane.hang(weight: Force(1000))
        #expect(abs(try force() - 1000) < 5)
        try lane.lane.inject(Fault(.zeroDrift, amount: 40, channel: .force), on: .dynamometer)
        try lane.lane.inject(Fault(.spanDrift, amount: 0.05, channel: .force), on: .dynamometer)
        #expect(abs(try force() - 1090) < 5)
        lane.lane.hang(weight: Force(0))
        #expect(abs(try force() - 40) < 5)
        port.send(BNTDCommand("SZ").frame)
        #expect(lane.becomes { $0.instrument("dynamometer")?.frames.received["SZ"] == 1 })
        lane.lane.hang(weight: Force(1000))
        #expect(abs(try force() - 1050) < 5)
        try lane.lane.clearFaults(on: .dynamometer)
        #expect(abs(try force() - 960) < 5)
    }

    @Test("and reference materials go over the control socket")
    func control() async throws {
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], warmUp: 0)
        let path = TemporaryPath("control")
        let server = try ControlServer(lane: lane.lane, path: path.path) {}
        try server.start()
        defer { server.stop() }
        let client = try ControlClient(path: path.path)
        try await client.connect(BottledGas(carbonMonoxide: 8), to: .checkGas)
        try await client.insert(filterOpacity: Percentage(50))
        try await client.hang(weight: Force(800))
        try await client.inject(Fault(.spanDrift, amount: 0.5, channel: .carbonMonoxide), on: .gasAnalyzer)
        let state = try await client.snapshot()
        #expect(abs(state.plant.smoke.opacity - 50) < 0.001)
        #expect(lane.becomes { abs($0.plant.shownBrakeForce - 800) < 5 })
        let port = try lane.port(.gasAnalyzer)
        _ = try port.exchange(hex("02 7F 03 7C"), 4)
        #expect(lane.becomes { $0.plant.sample.carbonMonoxide > 7.9 })
        let frame = try port.exchange(data, 28)
        #expect(Int(frame[5]) << 8 | Int(frame[6]) > 1180)
    }
}
