import Instruments
import Messages
import Metrology
import Synchronization
import Testing

/// The dynamometer's frames, composed as its protocol says and not by its profile.
enum Brake {
    static func frame(_ tag: String, speed: Float, force: Float, duty: Float) -> [UInt8] {
        let values = [speed, force, duty].flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        return [0x41] + Array(tag.utf8) + values + [0x00, 0x43]
    }

    static let idle = bytes("41 49 49 CD CC CC 41 CD AC 54 44 00 00 A0 41 00 43")

    static func instrument(_ port: MemoryPort) throws -> Instrument {
        try Instrument(profile: Devices.profile("bntd"), port: PortAddress("/dev/brake"), opener: port) {
            laneTime(port)
        }
    }
}

@Suite("Finding frames in a stream")
struct StreamDecoderTests {
    private func decoder(_ id: String = "bntd") throws -> StreamDecoder {
        try #require(StreamDecoder(Devices.profile(id)))
    }

    @Test("The second of two frames in a row is the first that is believed")
    func lock() throws {
        var decoder = try decoder()
        #expect(decoder.feed(Brake.idle).frames.isEmpty)
        let output = decoder.feed(Brake.idle)
        #expect(output.frames.count == 1)
        #expect(output.skipped == Brake.idle)
        #expect(decoder.feed(Brake.idle).frames.count == 1)
    }

    @Test("A stream that is joined in the middle of a frame is read from the next frames on", arguments: 1..<17)
    func midFrame(cut: Int) throws {
        var decoder = try decoder()
        let frames = (0..<4).map { Brake.frame("BF", speed: 25 + Float($0), force: 1125, duty: 30) }
        let joined = Array(frames[0][cut...]) + frames[1]
        let output = decoder.feed(joined + frames[2] + frames[3])
        #expect(output.frames.map(\.bytes) == [frames[2], frames[3]])
        #expect(output.skipped == joined)
        #expect(output.resyncs == 0)
    }

    @Test("Frames are read whole however the bytes are cut up", arguments: 1..<40)
    func split(size: Int) throws {
        var decoder = try decoder()
        let frames = (0..<20).map { Brake.frame("II", speed: Float($0), force: -3, duty: 0) }
        let stream = frames.flatMap { $0 }
        var read: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            read += decoder.feed(stream[start..<min(start + size, stream.count)]).frames.map(\.bytes)
        }
        #expect(read == Array(frames.dropFirst()))
    }

    @Test("A lost byte costs the frame and the two after it nothing but themselves")
    func lostByte() throws {
        var decoder = try decoder()
        let good = (0..<6).map { Brake.frame("BF", speed: 40 + Float($0), force: 800, duty: 20) }
        _ = decoder.feed(good[0] + good[1])
        var damaged = good[2]
        damaged.remove(at: 8)
        let output = decoder.feed(damaged + good[3] + good[4] + good[5])
        #expect(output.frames.map(\.bytes) == [good[4], good[5]])
        #expect(output.resyncs == 1)
    }

    @Test("Frames with unknown tags, impossible values or no numbers are not believed")
    func implausible() throws {
        let profile = try Devices.profile("bntd")
        for bad in [
            Brake.frame("ZZ", speed: 1, force: 1, duty: 1), Brake.frame("II", speed: 400, force: 1, duty: 1),
            Brake.frame("II", speed: .nan, force: 1, duty: 1), Brake.frame("II", speed: 1, force: .infinity, duty: 1),
            Brake.frame("II", speed: 1, force: 1, duty: 102),
        ] {
            #expect(profile.decode(streamFrame: bad) == nil)
        }
        let service = try #require(profile.decode(streamFrame: Brake.frame("RI", speed: 1e9, force: .nan, duty: -7)))
        #expect(service.values.isEmpty, "the numbers of a service frame are no readings")
        #expect(service.mode == .other)
    }

    @Test("The tachometer's digits are read; a line that is too short or no number is not")
    func tachometer() throws {
        var decoder = try decoder("mqz-2")
        let output = decoder.feed(Array("50\r0850\r0851\r85\r0852\r08A3\r0854\r0855\r0856\r".utf8))
        #expect(output.frames.map { $0.values[0].value } == [851, 855, 856])
        #expect(output.resyncs == 1)
    }

    @Test("Random damage never crashes, and every frame that is read was sent or fits every rule")
    func randomStreams() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("stream property seed \(seed)")
        var random = Seeded(seed)
        let profile = try Devices.profile("bntd")
        var readFrames = 0
        for _ in 0..<400 {
            var decoder = try #require(StreamDecoder(profile))
            var sent: [[UInt8]] = []
            var stream: [UInt8] = []
            for _ in 0..<30 {
                var frame = Brake.frame(
                    ["II", "BF"].randomElement(using: &random) ?? "II", speed: .random(in: 0...120, using: &random),
                    force: .random(in: -50...3000, using: &random), duty: .random(in: 0...100, using: &random))
                sent.append(frame)
                switch Int.random(in: 0..<12, using: &random) {
                case 0: frame = Array(frame.prefix(.random(in: 0..<17, using: &random)))
                case 1: frame += frame
                case 2: frame = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) } + frame
                case 3: frame.insert(.random(in: 0...255, using: &random), at: .random(in: 0...17, using: &random))
                default: break
                }
                stream += frame
            }
            var position = 0
            var total = 0
            while position < stream.count {
                let next = min(stream.count, position + .random(in: 1...50, using: &random))
                let output = decoder.feed(stream[position..<next])
                position = next
                for frame in output.frames {
                    #expect(profile.decode(streamFrame: frame.bytes) == frame)
                    if sent.contains(frame.bytes) { readFrames += 1 }
                    total += 1
                }
            }
            #expect(total <= 60)
        }
        #expect(readFrames > 400 * 10, "most frames of a mildly damaged stream are read: \(readFrames)")
    }
}

@Suite("A dynamometer that streams")
struct StreamingInstrumentTests {
    /// A brake that sends a frame every 20 ms, in the mode that the last command set.
    private func brake(_ port: MemoryPort, obeys: @escaping @Sendable (Int) -> Bool = { _ in true }) {
        port.answer { request, count in
            let mode = request[1...2].elementsEqual(Array("BF".utf8)) ? "BF" : "II"
            let shown = obeys(count) ? mode : "BS"
            return (1...100).map {
                (
                    .milliseconds(20 * $0),
                    .input(Brake.frame($0 < 3 ? "BS" : shown, speed: 25, force: 1000, duty: 40))
                )
            }
        }
    }

    private func connectedBrake(_ port: MemoryPort) async throws -> Instrument {
        let instrument = try Brake.instrument(port)
        // The opener clears the line, so the first frames are sent after it; connecting waits for them.
        port.sendAfterOpening((1...3).map { (.milliseconds(20 * $0), .input(Brake.idle)) })
        try await instrument.connect()
        return instrument
    }

    @Test("Connecting waits for a readable frame, and fails with the port's name if none comes")
    func connecting() async throws {
        let port = MemoryPort()
        let instrument = try Brake.instrument(port)
        let error = await #expect(throws: InstrumentError.self) { try await instrument.connect() }
        #expect(error?.reason == .streamSilent(milliseconds: 500))
        expectRendered(error?.message)
        #expect(error?.message.code == .instrumentStreamSilent)
        #expect(error?.expected?.hasPrefix("41 ··") == true)
        #expect(port.uptime == .milliseconds(500))
        #expect(try await connectedBrake(MemoryPort()).counters.replies == 1)
    }

    @Test("All frames since the last poll are delivered, each reading with its own time")
    func allFrames() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        _ = await instrument.poll()
        port.schedule(.input(Brake.frame("BF", speed: 30, force: 900, duty: 10)), after: .milliseconds(40))
        let first = await instrument.poll(waitingForFresh: true)
        #expect(first.readings.map(\.channel) == [.rollerSpeed, .rollerForce, .brakeDuty])
        #expect(first.readings.map(\.value) == [25.600000381469727, 850.7000122070312, 20])
        let second = await instrument.poll(waitingForFresh: true)
        #expect(second.readings.first?.value == 30)
        #expect(second.readings.first?.acquiredAt == laneTime(port))
        #expect(second.mode?.mode == .forceControl)
    }

    @Test("Loading sends set point and mode, and returns when the stream shows the mode")
    func loading() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        brake(port)
        try await instrument.perform(.brakeForce(Force(1125)))
        #expect(port.sent == [bytes("58 53 46 00 A0 8C 44 61 43"), bytes("58 42 46 00 00 00 00 E0 43")])
        try await instrument.perform(.brakeOff)
        #expect(port.sent.last == bytes("58 42 51 00 00 00 00 EB 43"))
        #expect(await instrument.poll().mode?.mode == .idle)
    }

    @Test("A brake that does not obey is told again, then it is an error that names action and mode")
    func disobedience() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        brake(port) { $0 == 2 }
        try await instrument.perform(.brakeOff)
        #expect(port.sent.count == 2)
        brake(port) { _ in false }
        let error = await #expect(throws: InstrumentError.self) { try await instrument.perform(.brakeOff) }
        #expect(error?.reason == .notConfirmed(milliseconds: 500))
        expectRendered(error?.message)
        #expect(error?.command == "brake-off")
        #expect(error?.expected == "idle")
        #expect(port.sent.count == 5)
    }

    @Test("A load that waits for its confirmation gives way to what is urgent, and none is sent before that is done")
    func givesWay() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        // The brake never shows the mode, and the unload is ordered while it is waited for.
        port.answer { request, count in
            if count == 2 { instrument.makeWay() }
            return (1...10).map { (.milliseconds(20 * $0), .input(Brake.frame("BS", speed: 25, force: 0, duty: 0))) }
        }
        let start = port.uptime
        try await instrument.perform(.brakeForce(Force(1125)))
        #expect(port.sent.count == 2, "it is not told again")
        #expect(port.uptime - start < .milliseconds(500), "nor is the time to confirm waited for")
        try await instrument.perform(.brakeForce(Force(1125)))
        #expect(port.sent.count == 2)
        instrument.wayIsClear()
        brake(port)
        try await instrument.perform(.brakeForce(Force(1125)))
        #expect(port.sent.count == 4)
    }

    @Test("Readings go on while a confirmation is waited for")
    func readingsGoOn() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        brake(port) { _ in false }
        let delivered = Mutex<[Duration]>([])
        instrument.startPolling(every: .zero) { report in
            if !report.readings.isEmpty { delivered.withLock { $0.append(port.uptime) } }
        }
        let start = port.uptime
        let error = await #expect(throws: InstrumentError.self) { try await instrument.perform(.brakeOff) }
        instrument.stopPolling()
        #expect(error?.reason == .notConfirmed(milliseconds: 500))
        let end = port.uptime
        // Time passes in the port only while the confirmation is waited for.
        #expect(delivered.withLock { $0 }.count { start < $0 && $0 < end } >= 20)
    }

    @Test("A force that is negative, too large or no number is never sent")
    func badForce() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        for force in [-1, 20_000, Double.nan, .infinity] {
            let error = await #expect(throws: InstrumentError.self) {
                try await instrument.perform(.brakeForce(Force(force)))
            }
            #expect(error?.message.code == .instrumentParameterOutOfRange)
            expectRendered(error?.message)
        }
        #expect(port.sent.isEmpty)
    }

    @Test("A stream that falls silent is lost, is no longer waited for, and is up again with its next frames")
    func silence() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        _ = await instrument.poll()
        _ = await instrument.poll(waitingForFresh: true)
        let silent = await instrument.poll(waitingForFresh: true)
        #expect(silent.lostFor?.reason == .streamSilent(milliseconds: 500))
        let before = port.uptime
        #expect(await instrument.poll(waitingForFresh: true).lostFor != nil)
        #expect(port.uptime == before)
        port.schedule(.input(Brake.idle))
        let back = await instrument.poll()
        #expect(back.link == .up)
        #expect(back.readings.count == 3)
        #expect(await instrument.counters.timeouts == 1)
    }

    @Test("A port that can be opened again does not count as up before a frame comes")
    func reopenedButSilent() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        port.schedule(.hangUp)
        #expect(await instrument.poll().lostFor?.reason == .hungUp)
        port.advance(.milliseconds(300))
        #expect(await instrument.poll().lostFor?.reason == .hungUp)
        #expect(port.opened == 2)
        for _ in 0..<2 { port.schedule(.input(Brake.idle)) }
        #expect(await instrument.poll().link == .up)
    }

    @Test("Unloading is tried at once, even while the port counts as lost")
    func urgentUnload() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        port.schedule(.hangUp)
        port.failOpening(.notFound)
        #expect(await instrument.poll().lostFor?.reason == .hungUp)
        let resting = await #expect(throws: InstrumentError.self) {
            try await instrument.perform(.brakeForce(Force(100)))
        }
        #expect(resting?.reason == .hungUp)
        #expect(port.opened == 1)
        port.failOpening(nil)
        brake(port)
        try await instrument.perform(.brakeOff)
        #expect(port.opened == 2)
        #expect(await instrument.isPseudoTerminal)
        #expect(port.sent == [bytes("58 42 51 00 00 00 00 EB 43")])
    }

    @Test("What nobody polls for is dropped after a while and counted")
    func overflow() async throws {
        let port = MemoryPort()
        let instrument = try await connectedBrake(port)
        for _ in 0..<60 { port.schedule(.input((0..<20).flatMap { _ in Brake.idle })) }
        let report = await instrument.poll()
        #expect(report.readings.count <= 3 * 1024)
        #expect(report.readings.count >= 3 * 700)
        #expect(await instrument.counters.overflows > 0)
    }
}
