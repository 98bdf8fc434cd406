import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The simulated BNTD and MQZ-2")
struct StreamTests {
    /// A frame of the stream as a host reads it.
    private struct Seen {
        let mode: String
        let speed, force, duty: Float
    }

    /// The next whole frame: 'A', 17 bytes, 'C'.
    private func next(_ port: TestPort) throws -> Seen {
        var frame = try port.read(17)
        while frame[0] != 0x41 || frame[16] != 0x43 { frame = Array(frame.dropFirst()) + (try port.read(1)) }
        func float(_ place: Int) -> Float {
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(frame[place + $1]) << (8 * UInt32($1)) })
        }
        return Seen(
            mode: String(decoding: frame[1...2], as: UTF8.self), speed: float(3), force: float(7), duty: float(11))
    }

    /// Reads the stream until a frame is as wanted.
    private func next(_ port: TestPort, until condition: (Seen) -> Bool) throws -> Seen {
        for _ in 0..<20_000 {
            let seen = try next(port)
            if condition(seen) { return seen }
        }
        Issue.record("no such frame")
        return try next(port)
    }

    private func dynamometer() throws -> (TestLane, TestPort) {
        let lane = try TestLane([InstrumentRequest(.dynamometer, "BNTD")])
        return (lane, try lane.port(.dynamometer, speed: B38400))
    }

    @Test("streams twenty frames a second of lane time, never more")
    func rate() throws {
        let lane = try TestLane([InstrumentRequest(.dynamometer, "BNTD")], clock: SimulationClock(speed: 5))
        let port = try lane.port(.dynamometer, speed: B38400)
        for _ in 0..<60 { #expect(try next(port).mode == "II") }
        let state = lane.lane.snapshot()
        let sent = Double(try #require(state.instrument("dynamometer")).frames.sent)
        #expect(sent <= state.plant.time * 20 + 2)
        // A busy computer is late, and what is late is not made up for.
        #expect(sent >= state.plant.time * 20 / 2)
    }

    @Test("holds force and power under a driven car, and lets go")
    func load() throws {
        let (lane, port) = try dynamometer()
        port.send(BNTDCommand("JD").frame)
        lane.lane.apply(DriverCue(targetSpeed: 25))
        _ = try next(port) { $0.speed > 24.5 }
        #expect(lane.lane.snapshot().plant.lift == .down)

        port.send(hex("58 53 46 00 A0 8C 44 61 43"))
        #expect(try next(port).force < 10, "a set value alone does not brake")
        port.send(BNTDCommand("BF").frame)
        let braked = try next(port) { $0.mode == "BF" && $0.force > 1120 }
        #expect(abs(braked.force - 1125) < 0.03 * 1125)
        #expect(braked.duty > 0 && braked.duty <= 100)
        #expect(lane.lane.snapshot().plant.brakeMode == .force)
        #expect(lane.lane.snapshot().plant.brakeSetpoint == 1125)

        port.send(BNTDCommand("SF", 600).frame)
        _ = try next(port) { abs($0.force - 600) < 20 }

        port.send(BNTDCommand("SP", 5).frame)
        port.send(BNTDCommand("BP").frame)
        let powered = try next(port) { $0.mode == "BP" && abs($0.force * $0.speed / 3600 - 5) < 0.15 }
        #expect(powered.speed > 20)

        port.send(hex("58 42 51 00 00 00 00 EB 43"))
        let idle = try next(port) { $0.mode == "II" && $0.force < 5 }
        #expect(idle.speed > 15)
        #expect(lane.lane.snapshot().plant.brakeMode == .off)
        #expect(try lane.frames(.dynamometer).received == ["JD": 1, "SF": 2, "BF": 1, "SP": 1, "BP": 1, "BQ": 1])
        #expect(lane.lane.snapshot().instrument("dynamometer")?.hostLineSpeed == 38400)
    }

    @Test("holds speed and duty")
    func speedAndDuty() throws {
        let (lane, port) = try dynamometer()
        port.send(BNTDCommand("JD").frame)
        lane.lane.apply(DriverCue(gear: 2, throttle: 0.4))
        port.send(BNTDCommand("SS", 30).frame + BNTDCommand("BS").frame)
        _ = try next(port) { $0.mode == "BS" && $0.force > 100 && abs($0.speed - 30) < 0.5 }
        port.send(BNTDCommand("SI", 10).frame + BNTDCommand("BI").frame)
        _ = try next(port) { $0.mode == "BI" && abs($0.duty - 10) < 0.5 }
    }

    @Test("drives the rollers with its motor, with the lift up, and moves no lift meanwhile")
    func motor() throws {
        let (lane, port) = try dynamometer()
        port.send(BNTDCommand("EB").frame)
        _ = try next(port) { $0.speed > 50 }
        port.send(BNTDCommand("JD").frame + BNTDCommand("ES").frame)
        _ = try next(port) { $0.speed < 45 }
        #expect(lane.lane.snapshot().plant.lift == .up)
        #expect(!lane.lane.snapshot().plant.motorRuns)
    }

    @Test("ignores damaged commands, counts them, and understands the next one")
    func damagedCommands() throws {
        let (lane, port) = try dynamometer()
        var damaged = BNTDCommand("BF").frame
        damaged[7] &+= 1
        port.send(damaged)
        var unterminated = BNTDCommand("EB").frame
        unterminated[8] = 0x44
        port.send(unterminated)
        port.send([0x00, 0x58, 0x58])
        port.send(BNTDCommand("SF", -5).frame)
        port.send(BNTDCommand("BI").frame)
        _ = try next(port) { $0.mode == "BI" }
        let counts = try lane.frames(.dynamometer)
        #expect(counts.received == ["BI": 1])
        #expect(counts.rejected >= 4)
        #expect(!lane.lane.snapshot().plant.motorRuns)
    }

    @Test("give a host that comes late the present, not what it missed")
    func lateHost() throws {
        let lane = try TestLane([
            InstrumentRequest(.dynamometer, "BNTD"), InstrumentRequest(.tachometer, "MQZ-2"),
        ])
        // The tachometer's stream tells the time: 800 frames are 80 s, and the terminal holds 12 s of the brake's.
        let tachometer = try lane.port(.tachometer)
        for _ in 0..<800 { _ = try tachometer.read(5) }
        #expect(try lane.frames(.dynamometer).overruns > 0)
        let port = try lane.port(.dynamometer, speed: B38400)
        #expect(try next(port).mode == "II")
    }

    @Test("shows the engine's speed as four digits, and 0000 for a standing engine")
    func tachometer() throws {
        let lane = try TestLane([InstrumentRequest(.tachometer, "MQZ-2")])
        let port = try lane.port(.tachometer)
        let idle = try speed(port) { $0 > 0 }
        #expect(abs(idle - 800) < 40)
        port.send(Array("anything".utf8))
        lane.lane.apply(DriverCue(gear: 0, throttle: 0.3))
        _ = try speed(port) { $0 > 2000 }
        try lane.lane.inject(Fault(.stall), on: .tachometer)
        _ = try speed(port) { $0 == 0 }
        try lane.lane.clearFaults(on: .tachometer)
        lane.lane.apply(DriverCue())
        _ = try speed(port) { abs($0 - 800) < 60 }
    }

    private func speed(_ port: TestPort, until condition: (Int) -> Bool) throws -> Int {
        for _ in 0..<5000 {
            var frame = try port.read(5)
            while frame[4] != 0x0D { frame = Array(frame.dropFirst()) + (try port.read(1)) }
            let number = try #require(Int(String(decoding: frame.prefix(4), as: UTF8.self)))
            if condition(number) { return number }
        }
        Issue.record("no such speed")
        return -1
    }
}
