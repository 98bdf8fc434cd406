import Instruments
import Messages
import Metrology
import Testing

@Suite("A link that is lost")
struct LinkTests {
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
}
