import Instruments
import Messages
import Metrology
import Synchronization
import Testing

@Suite("An instrument that is asked, on a faulty line")
struct FaultTests {
    @Test("A good line gives readings stamped when their last byte was read")
    func goodLine() async throws {
        let port = MemoryPort()
        port.answer { request, _ in
            let reply = Analyzer.reply(to: request)
            return [
                (.milliseconds(30), .input(Array(reply.prefix(2)))),
                (.milliseconds(60), .input(Array(reply.dropFirst(2)))),
            ]
        }
        let analyzer = try Analyzer.instrument(port)
        try await analyzer.connect()
        let report = await analyzer.poll()
        // Connecting asked for the status (0…60 ms), polling for the status (…120 ms) and the data (…180 ms).
        let at = LaneInstant(nanoseconds: 180_000_000)
        #expect(Set(report.readings) == Analyzer.readings(at: at))
        #expect(report.conditions?.conditions == [])
        #expect(report.conditions?.at == LaneInstant(nanoseconds: 120_000_000))
        #expect(report.link == .up)
        #expect(report.failures.isEmpty)
        #expect(report.wire.map(\.kind) == [.sent, .received, .sent, .received, .sent, .received])
        #expect(report.wire.last?.bytes == Analyzer.data)
        #expect(report.wire.last?.at == at)
        #expect(await analyzer.counters.replies == 3)
    }

    @Test("The status is asked for at its own interval, the data at every poll")
    func pollIntervals() async throws {
        let port = MemoryPort()
        port.answer { request, _ in [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        for _ in 0..<4 {
            _ = await analyzer.poll()
            port.advance(.milliseconds(440))
        }
        let codes = port.sent.dropFirst().map { $0[1] }
        #expect(codes == [0x61, 0x60, 0x60, 0x61, 0x60, 0x60])
    }

    @Test("A missing reply names device, port, command and what was expected, and gives no readings")
    func missingReply() async throws {
        let port = MemoryPort()
        port.answer { request, count in count < 3 ? [(.milliseconds(40), .input(Analyzer.reply(to: request)))] : [] }
        let analyzer = try await connected(Analyzer.instrument(port))
        let report = await analyzer.poll()
        #expect(report.readings.isEmpty)
        #expect(report.link == .up, "one missing reply does not lose the link")
        let error = try #require(report.failures.first)
        #expect(error.reason == .noReply(milliseconds: 1000))
        #expect(error.device == "mqw-50a")
        #expect(error.port == "/dev/analyzer")
        #expect(error.command == "data")
        #expect(error.received.isEmpty)
        #expect(error.expected?.hasPrefix("06 60 1B ·· ··") == true)
        #expect(error.message.code == .instrumentNoReply)
        let text = Catalogue(.english).text(error.message)
        for part in ["mqw-50a", "/dev/analyzer", "data", "06 60 1B", "1000"] { #expect(text.contains(part), "\(text)") }
        #expect(!text.contains("{"), "\(text)")
        #expect(await analyzer.counters.timeouts == 1)
    }

    @Test("A part of a reply is not waited for longer than the pause between bytes, and is named in the error")
    func truncatedReply() async throws {
        let port = MemoryPort()
        port.answer { request, count in
            let reply = Analyzer.reply(to: request)
            return [(.milliseconds(40), .input(count == 3 ? Array(reply.prefix(9)) : reply))]
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        let before = port.uptime
        let report = await analyzer.poll()
        #expect(report.failures.first?.received == Array(Analyzer.data.prefix(9)))
        #expect(report.readings.isEmpty)
        #expect(port.uptime - before < .milliseconds(300))
    }

    @Test("A late reply is counted, thrown away, and never taken for the answer to the next request")
    func lateReply() async throws {
        let port = MemoryPort()
        var old = Analyzer.data
        // Another HC, 124 ppm, with its check byte.
        old[8] += 1
        old[27] -= 1
        let late = old
        port.answer { request, count in
            switch count {
            case 3: [(.milliseconds(1150), .input(late))]
            default: [(.milliseconds(40), .input(Analyzer.reply(to: request)))]
            }
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        #expect(await analyzer.poll().failures.first?.reason == .noReply(milliseconds: 1000))
        // While the line settles nothing is asked.
        let resting = await analyzer.poll()
        #expect(resting.failures.isEmpty && resting.readings.isEmpty)
        #expect(port.sent.count == 3)
        port.advance(.milliseconds(300))
        let report = await analyzer.poll()
        #expect(report.readings.contains { $0.channel == .hydrocarbons && $0.value == 123 })
        #expect(!report.readings.contains { $0.channel == .hydrocarbons && $0.value == 124 })
        #expect(report.wire.contains { $0.kind == .discarded && $0.bytes == late })
        #expect(await analyzer.counters.discardedBytes == 28)
    }

    @Test("A whole reply that lies there before the request is sent does not answer it")
    func staleReply() async throws {
        let port = MemoryPort()
        port.answer { request, _ in [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        _ = await analyzer.poll()
        // 124 ppm instead of 123; the status is not due, so that the data are asked for next.
        var stale = Analyzer.data
        stale[8] += 1
        stale[27] -= 1
        port.schedule(.input(stale))
        let report = await analyzer.poll()
        #expect(report.wire.map(\.kind) == [.discarded, .sent, .received])
        #expect(Set(report.readings) == Analyzer.readings(at: laneTime(port)))
    }

    @Test("A reply to another command is passed over while the right one is awaited")
    func foreignReply() async throws {
        let port = MemoryPort()
        port.answer { request, _ in
            [
                (.milliseconds(10), .input([0x06, 0x67, 0x03, 0x90])),
                (.milliseconds(40), .input(Analyzer.reply(to: request))),
            ]
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        #expect(Set(await analyzer.poll().readings.map(\.channel)).count == 9)
        #expect(await analyzer.counters.discardedBytes == 12)
    }

    @Test("A damaged byte anywhere in a reply never gives a reading", arguments: 0..<28)
    func damagedReply(position: Int) async throws {
        let port = MemoryPort()
        port.answer { request, _ in
            var reply = Analyzer.reply(to: request)
            if reply.count == 28 { reply[position] ^= 0x10 }
            return [(.milliseconds(40), .input(reply))]
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        let report = await analyzer.poll()
        #expect(report.readings.isEmpty)
        #expect(report.failures.count == 1)
        expectRendered(report.failures.first?.message)
        let counters = await analyzer.counters
        #expect(counters.checksumErrors + counters.timeouts + counters.refusals == 1)
        #expect(counters.checksumErrors == (position > 2 ? 1 : 0))
    }

    @Test("A negative answer is an error of its own and does not lose the link")
    func refusal() async throws {
        let port = MemoryPort()
        port.answer { request, _ in
            [(.milliseconds(40), .input(request[1] == 0x67 ? [0x15, 0x67, 0x03, 0x81] : Analyzer.reply(to: request)))]
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        let error = await #expect(throws: InstrumentError.self) { try await analyzer.perform(.zero) }
        #expect(error?.reason == .refused)
        expectRendered(error?.message)
        #expect(error?.command == "zero")
        #expect(error?.received == [0x15, 0x67, 0x03, 0x81])
        #expect(await analyzer.poll().link == .up)
        #expect(await analyzer.counters.refusals == 2, "the profile asks for two tries")
    }

    @Test("Every action of the analyzer is preceded by a stop and acknowledged")
    func actions() async throws {
        let port = MemoryPort()
        port.answer { request, _ in [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        for action in [InstrumentAction.zero, .sampleExhaust, .sampleAmbient, .purge, .stopSampling] {
            try await analyzer.perform(action)
        }
        let stop = bytes("02 78 03 83")
        #expect(
            Array(port.sent.dropFirst()) == [
                stop, bytes("02 67 03 94"), stop, bytes("02 7B 03 80"), stop, bytes("02 7C 03 7F"), stop,
                bytes("02 80 03 7B"), stop,
            ])
        let error = await #expect(throws: InstrumentError.self) { try await analyzer.perform(.brakeOff) }
        #expect(error?.reason == .unsupportedAction)
        expectRendered(error?.message)
    }

    @Test("An action whose acknowledgement is lost once is tried again")
    func actionTriedAgain() async throws {
        let port = MemoryPort()
        port.answer { request, count in count == 2 ? [] : [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        try await analyzer.perform(.purge)
        #expect(port.sent.dropFirst().map { $0[1] } == [0x78, 0x78, 0x80])
    }

    @Test("Three missing replies lose the link; polls then return at once and try again at growing intervals")
    func backOff() async throws {
        let port = MemoryPort()
        port.answer { request, count in count == 1 ? [(.milliseconds(40), .input(Analyzer.reply(to: request)))] : [] }
        let analyzer = try await connected(Analyzer.instrument(port))
        var attempts: [Duration] = []
        var lostAt: Duration?
        for _ in 0..<100 {
            let sent = port.sent.count
            let before = port.uptime
            let report = await analyzer.poll()
            if port.sent.count > sent { attempts.append(before) } else { #expect(port.uptime == before) }
            if lostAt == nil, report.lostFor != nil { lostAt = port.uptime }
            port.advance(.milliseconds(100))
        }
        let error = try #require(await analyzer.poll().lostFor)
        #expect(error.reason == .noReply(milliseconds: 1000))
        #expect(lostAt != nil)
        // Each attempt waits 1 s; between them pass 0.3 s of settling, then 0.25 s and more of backing off.
        let gaps = zip(attempts, attempts.dropFirst()).map { $1 - $0 - .seconds(1) }
        #expect(attempts.count >= 6)
        #expect(gaps.last.map { $0 >= .seconds(2) } == true, "\(gaps)")

        // As soon as it answers again, the link is up.
        port.answer { request, _ in [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        port.advance(.seconds(3))
        let report = await analyzer.poll()
        #expect(report.link == .up)
        #expect(report.readings.count == 9)
    }

    @Test("A port that goes away is lost at once, looked for again, and opened when it is back")
    func unplugged() async throws {
        let port = MemoryPort()
        port.answer { request, count in
            [(.milliseconds(40), count == 3 ? .hangUp : .input(Analyzer.reply(to: request)))]
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        port.failOpening(.notFound)
        let report = await analyzer.poll()
        #expect(report.lostFor?.reason == .hungUp)
        expectRendered(report.lostFor?.message)
        #expect(report.lostFor?.port == "/dev/analyzer")

        let resting = await analyzer.poll()
        #expect(port.opened == 1, "not before the interval is over")
        #expect(resting.lostFor?.reason == .hungUp)
        port.advance(.milliseconds(300))
        #expect(await analyzer.poll().lostFor?.reason == .portNotFound)
        #expect(port.opened == 2)

        port.failOpening(nil)
        port.advance(.seconds(2))
        let back = await analyzer.poll()
        #expect(back.link == .up)
        #expect(back.readings.count == 9)
        #expect(await analyzer.counters.reopens == 1)
    }

    @Test("A port that cannot be opened says why, and is tried again by polling")
    func cannotOpen() async throws {
        for (failure, code) in [
            (PortFailure.notFound, MessageCode.instrumentPortNotFound), (.busy, .instrumentPortBusy),
            (.denied, .instrumentPortDenied), (.failed("x"), .instrumentPortFailed),
            (.pseudoTerminalRefused, .instrumentPseudoTerminalRefused),
        ] {
            let port = MemoryPort()
            port.failOpening(failure)
            port.answer { request, _ in [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
            let analyzer = try Analyzer.instrument(port)
            let error = await #expect(throws: InstrumentError.self) { try await analyzer.connect() }
            #expect(error?.message.code == code)
            expectRendered(error?.message)
            #expect(error?.message.arguments["port"] == "/dev/analyzer")
            port.failOpening(nil)
            port.advance(.seconds(1))
            #expect(await analyzer.poll().link == .up)
        }
    }

    @Test("An instrument that was never connected, or was closed, reports so and opens nothing")
    func notConnected() async throws {
        let port = MemoryPort()
        port.answer { request, _ in [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        let analyzer = try Analyzer.instrument(port)
        #expect(await analyzer.poll().lostFor?.reason == .notConnected)
        #expect(port.opened == 0)
        try await analyzer.connect()
        await analyzer.close()
        #expect(await analyzer.poll().lostFor?.reason == .notConnected)
        let error = await #expect(throws: InstrumentError.self) { try await analyzer.perform(.zero) }
        #expect(error?.reason == .notConnected)
        expectRendered(error?.message)
        #expect(port.opened == 1)
    }

    @Test("Random damage to checksummed replies never gives a reading that was not sent, and never crashes")
    func randomReplies() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("reply property seed \(seed)")
        var random = Seeded(seed)
        var good = 0
        for _ in 0..<60 {
            let port = MemoryPort()
            var scripts: [[(after: Duration, event: MemoryPort.Event)]] = []
            for _ in 0..<20 { scripts.append(Self.damaged(Analyzer.data, &random)) }
            let queue = scripts
            let count = Mutex(0)
            port.answer { request, _ in
                guard request[1] == 0x60 else { return [(.milliseconds(5), .input(Analyzer.reply(to: request)))] }
                return queue[
                    count.withLock { count in
                        defer { count += 1 }
                        return min(count, queue.count - 1)
                    }]
            }
            let analyzer = try await connected(Analyzer.instrument(port))
            while count.withLock({ $0 }) < queue.count {
                let report = await analyzer.poll()
                if let at = report.readings.first?.acquiredAt {
                    #expect(Set(report.readings) == Analyzer.readings(at: at))
                    good += 1
                }
                port.advance(.seconds(3))
            }
            let counters = await analyzer.counters
            #expect(
                counters.requests == counters.replies + counters.timeouts + counters.checksumErrors + counters.refusals)
        }
        #expect(good > 300, "whole replies among the damaged ones are read: \(good)")
    }

    /// A reply as a bad line delivers it: in pieces, cut short, twice, after noise, or with one byte changed.
    private static func damaged(
        _ reply: [UInt8], _ random: inout Seeded
    ) -> [(after: Duration, event: MemoryPort.Event)] {
        var bytes = reply
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes = Array(bytes.prefix(.random(in: 0..<28, using: &random)))
        case 1: bytes += reply
        case 2: bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) } + bytes
        case 3: bytes[.random(in: 0..<28, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        case 4: bytes = Array(bytes.dropFirst(.random(in: 1..<28, using: &random)))
        default: break
        }
        var pieces: [(after: Duration, event: MemoryPort.Event)] = []
        var delay = Duration.milliseconds(10)
        while !bytes.isEmpty {
            let size = Int.random(in: 1...28, using: &random)
            pieces.append((delay, .input(Array(bytes.prefix(size)))))
            bytes = Array(bytes.dropFirst(size))
            delay += .milliseconds(Int.random(in: 1...60, using: &random))
        }
        return pieces
    }

    @Test("The pause that an instrument needs is kept between a reply and the next request")
    func pause() async throws {
        let port = MemoryPort()
        port.answer { _, _ in [(.milliseconds(30), .input(bytes("01 04 06 27 60 00 FB 01 C8 97 BB")))] }
        let station = try Instrument(
            profile: Devices.profile("dwsp-t5"), port: PortAddress("/dev/weather"), opener: port
        ) { laneTime(port) }
        let wire = try await connected(station).poll().wire
        #expect(wire.map(\.kind) == [.sent, .received, .sent, .received])
        #expect(wire.map(\.at.nanoseconds) == [0, 30_000_000, 35_000_000, 65_000_000])
    }

    @Test("A Modbus exception is a refusal, a reply of another unit is damage, and silence is no reply")
    func modbus() async throws {
        let port = MemoryPort()
        let station = try Instrument(
            profile: Devices.profile("dwsp-t5"), port: PortAddress("/dev/weather"), opener: port
        ) { laneTime(port) }
        let answers = [
            "01 04 06 27 60 00 FB 01 C8 97 BB",
            "01 04 06 27 60 00 FB 01 C8 97 BB",
            "01 84 02 C2 C1",
            "02 04 06 27 60 00 FB 01 C8 83 4B",
            "",
            "01 04 06 27 60 00 FB 01 C8 97 BB",
        ]
        port.answer { _, count in
            answers[count - 1].isEmpty ? [] : [(.milliseconds(30), .input(bytes(answers[count - 1])))]
        }
        try await station.connect()
        #expect(await station.poll().readings.count == 3)
        var reasons: [InstrumentError.Reason?] = []
        for _ in 0..<3 {
            port.advance(.seconds(1))
            let report = await station.poll()
            #expect(report.readings.isEmpty)
            reasons.append(report.failures.first?.reason)
        }
        #expect(reasons == [.refused, .damagedReply, .noReply(milliseconds: 1000)])
        port.advance(.seconds(1))
        #expect(await station.poll().readings.map(\.value) == [100.8, 25.1, 45.6])
    }
}

/// The instrument, connected.
func connected(_ instrument: Instrument) async throws -> Instrument {
    try await instrument.connect()
    return instrument
}
