import Instruments
import Messages
import Metrology
import Synchronization
import Testing

@Suite("An instrument that is asked")
struct PollingTests {
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

    @Test("It polls by itself at its interval, on one thread, until it is told to stop", .timeLimit(.minutes(1)))
    func byItself() async throws {
        let port = MemoryPort()
        port.answer { request, _ in [(.milliseconds(1), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        let (reports, continuation) = AsyncStream.makeStream(of: (ContinuousClock.Instant, InstrumentReport).self)
        let start = ContinuousClock.now
        analyzer.startPolling(every: .milliseconds(20), after: .milliseconds(40)) {
            continuation.yield((.now, $0))
        }
        var times: [Duration] = []
        for await (at, report) in reports {
            #expect(report.readings.count == 9)
            #expect(report.link == .up)
            times.append(at - start)
            if times.count == 5 { break }
        }
        // The times count from the first one: however late one comes, none comes early.
        for (number, time) in times.enumerated() { #expect(time >= .milliseconds(40 + 20 * number)) }

        analyzer.stopPolling()
        // What was under way is over once the instrument's thread has time for a question.
        _ = await analyzer.counters
        let sent = port.sent.count
        // A job from outside takes its turn between polls, and nothing is polled any more.
        let answered = await analyzer.poll()
        #expect(answered.readings.count == 9)
        #expect(port.sent.count - sent <= 2)
    }

    @Test("Actions take their turn between the polls that it makes by itself", .timeLimit(.minutes(1)))
    func actionsBetween() async throws {
        let port = MemoryPort()
        port.answer { request, _ in [(.milliseconds(1), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        let polls = Mutex(0)
        analyzer.startPolling(every: .zero) { report in
            polls.withLock { $0 += report.link == .up ? 1 : 0 }
        }
        for _ in 0..<20 {
            let before = polls.withLock { $0 }
            try await analyzer.perform(.purge)
            while polls.withLock({ $0 }) == before, !Task.isCancelled { await Task.yield() }
        }
        analyzer.stopPolling()
        #expect(await analyzer.counters.refusals == 0)
        #expect(await analyzer.counters.timeouts == 0)
    }
}
