import Instruments
import Metrology
import Synchronization
import Testing

/// What a port was asked, for answers that depend on it.
private final class Asked: Sendable {
    private let requests = Mutex<[[UInt8]]>([])

    /// Notes a request; returns how often one like it has come.
    func note(_ request: [UInt8]) -> Int {
        requests.withLock { requests in
            requests.append(request)
            return requests.count { $0 == request }
        }
    }
}

@Suite("Instruments that take their time")
struct WaitingTests {
    private func instrument(_ id: String, _ port: MemoryPort) throws -> Instrument {
        try Instrument(profile: Devices.profile(id), port: PortAddress("/dev/some"), opener: port) { laneTime(port) }
    }

    private static let nhaData = bytes("06 00 7B 00 2D 05 48 00 7B 01 C8 09 C4 03 54 00 00 00 00 65 C8")
    private static let nhaRoom = bytes("06 00 FB 03 F0 01 C8 BD")

    /// The lane protocol of Nanhua: data, room and state are answered; a zero takes so many questions.
    private static func nanhua(_ request: [UInt8], zeroing: Int, count: Int, _ end: UInt8) -> [UInt8] {
        switch request {
        case [0x81]: nhaData
        case [0x02]: nhaRoom
        case [0x26]: [0x00]
        case [0x08]: [count < zeroing ? 0x05 : end]
        default: [0x06]
        }
    }

    @Test("A zero that is asked about until it is done shows as zeroing, and polls go on afterwards")
    func polledUntilDone() async throws {
        let port = MemoryPort()
        let asked = Asked()
        port.answer { request, _ in
            let asked = asked.note(request)
            return [(.milliseconds(30), .input(Self.nanhua(request, zeroing: 3, count: asked, 0x00)))]
        }
        let analyzer = try instrument("nha-503", port)
        try await analyzer.connect()
        try await analyzer.perform(.zero)
        var report = await analyzer.poll()
        #expect(report.conditions?.conditions == [.zeroing])
        #expect(report.underWay == "zero")
        #expect(report.readings.isEmpty)
        // Nothing is asked before it is time to.
        #expect(port.sent.count { $0 == [0x08] } == 1)
        port.advance(.seconds(1))
        report = await analyzer.poll()
        #expect(report.conditions?.conditions == [.zeroing])
        #expect(port.sent.count { $0 == [0x08] } == 2)
        port.advance(.seconds(1))
        report = await analyzer.poll()
        #expect(port.sent.count { $0 == [0x08] } == 3)
        #expect(report.underWay == nil)
        #expect(report.failures == [])
        #expect(report.readings.contains { $0.channel == .hydrocarbons && $0.value == 123 })
        #expect(report.conditions?.conditions == [])
    }

    @Test("A second copy of the byte that says it is not done is no part of the answer")
    func busyTwice() async throws {
        let port = MemoryPort()
        let asked = Asked()
        port.answer { request, _ in
            let answer = Self.nanhua(request, zeroing: 2, count: asked.note(request), 0x00)
            return [(.milliseconds(30), .input(answer == [0x05] ? [0x05, 0x05] : answer))]
        }
        let analyzer = try instrument("nha-503", port)
        try await analyzer.connect()
        try await analyzer.perform(.zero)
        let report = await analyzer.poll()
        #expect(report.underWay == "zero")
        let answers = report.wire.filter { $0.bytes == [0x05] }
        #expect(answers.map(\.kind) == [.discarded, .received])
        #expect(!report.wire.contains { $0.bytes == [0x05, 0x05] })
        #expect(await analyzer.counters.discardedBytes == 1)
    }

    @Test("A zero that fails is told once, and one that never ends is given up")
    func failedAndEndless() async throws {
        let port = MemoryPort()
        let asked = Asked()
        port.answer { request, _ in
            let asked = asked.note(request)
            return [(.milliseconds(30), .input(Self.nanhua(request, zeroing: 2, count: asked, 0x01)))]
        }
        let analyzer = try instrument("nha-503", port)
        try await analyzer.connect()
        try await analyzer.perform(.zero)
        port.advance(.seconds(1))
        let failed = await analyzer.poll()
        #expect(failed.failures.map(\.reason) == [.refused])
        #expect(failed.underWay == nil)
        #expect(await analyzer.poll().failures == [])

        port.answer { request, _ in
            [(.milliseconds(30), .input(Self.nanhua(request, zeroing: .max, count: 0, 0x00)))]
        }
        try await analyzer.perform(.zero)
        var last: [InstrumentError.Reason] = []
        for _ in 0..<62 {
            port.advance(.seconds(1))
            last += await analyzer.poll().failures.map(\.reason)
        }
        #expect(last == [.notDone(milliseconds: 60000)])
    }

    @Test(
        "A leak check or zero that ends badly or never shows as failed with every state, until it is done well",
        arguments: [
            (InstrumentAction.leakCheck, [UInt8(0x07)], InstrumentCondition.leak), (.zero, [0x08], .zeroFailed),
        ])
    func failureShows(action: InstrumentAction, code: [UInt8], condition: InstrumentCondition) async throws {
        let port = MemoryPort()
        let end = Mutex<UInt8>(0x01)
        let begun = Mutex(false)
        port.answer { request, _ in
            guard request == code else {
                return [(.milliseconds(30), .input(Self.nanhua(request, zeroing: 0, count: 0, 0x00)))]
            }
            // The first answer to each is that it goes on.
            let goesOn = begun.withLock { begun in
                begun.toggle()
                return begun
            }
            return [(.milliseconds(30), .input([goesOn ? 0x05 : end.withLock { $0 }]))]
        }
        let analyzer = try instrument("nha-503", port)
        try await analyzer.connect()
        for (answer, expected) in [(UInt8(0x01), Set([condition])), (0x00, [])] {
            end.withLock { $0 = answer }
            try await analyzer.perform(action)
            // While it is under way, what came of the one before says nothing.
            #expect(await analyzer.poll().conditions?.conditions.contains(condition) == false)
            port.advance(.seconds(1))
            _ = await analyzer.poll()
            for _ in 0..<2 {
                port.advance(.seconds(1))
                let report = await analyzer.poll()
                #expect(report.conditions?.conditions == expected)
                #expect(report.conditions?.failed == expected)
            }
        }
    }

    @Test("An instrument that has started anew, and refuses, is told again what it was told at its start")
    func rebooted() async throws {
        let port = MemoryPort()
        let isFlowMeter = Mutex(false)
        let mode = bytes("32 00 01 00 01 00 34 00")
        let live = bytes(
            """
            37 06 1A 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 \
            00 00 00 00 00 00 22 08 1E 08 FB 00 60 27 2C 01 00 00 00 00 56 02
            """)
        port.answer { request, _ in
            let reply =
                isFlowMeter.withLock { isOn in
                    if request == mode {
                        isOn = true
                        return bytes("32 06 00 00 38 00")
                    }
                    return isOn ? live : bytes("37 15 00 00 4C 00")
                }
            return [(.milliseconds(20), .input(reply))]
        }
        let meter = try instrument("amb-vmas", port)
        try await meter.connect()
        #expect(await meter.poll().readings.contains { $0.channel == .dilutedOxygen && $0.value == 20.8 })
        isFlowMeter.withLock { $0 = false }
        port.advance(.seconds(1))
        #expect(await meter.poll().failures.map(\.reason) == [.refused])
        port.advance(.seconds(1))
        #expect(await meter.poll().readings.contains { $0.channel == .dilutedOxygen && $0.value == 20.8 })
        #expect(port.sent.count { $0 == mode } == 2)
    }

    @Test("Taking the load off waits for the line to settle after a missing reply, but for no late one")
    func unloadSoon() async throws {
        let port = MemoryPort()
        let dynamometer = try instrument("nhc-03", port)
        port.answer { _, _ in [] }
        await #expect(throws: InstrumentError.self) { try await dynamometer.connect() }
        let missed = port.uptime
        port.answer { _, _ in [(.milliseconds(20), .input([0x06]))] }
        try await dynamometer.perform(.brakeOff)
        #expect(port.uptime - missed < .milliseconds(400), "300 ms, where a late reply may come for 1000")
    }

    @Test("A busy bench is asked for its state, and its result fetched by another request")
    func busyThenFetched() async throws {
        let port = MemoryPort()
        let busy = bytes("03 05 00 00 08 00")
        let result = bytes("03 06 0A 00 00 00 7B 00 2D 00 87 00 7B 00 C8 01 C4 09 55 00 19 00 F0 03 B4 04")
        let state = bytes("04 06 0A 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 14 00")
        let asked = Asked()
        port.answer { request, _ in
            let asked = asked.note(request)
            let reply =
                switch request {
                case bytes("03 00 02 00 00 00 00 00 05 00"): busy
                case bytes("0B 00 00 00 0B 00"): asked < 2 ? bytes("0B 05 00 00 10 00") : bytes("0B 06 00 00 11 00")
                case bytes("03 01 00 00 04 00"): result
                default: state
                }
            return [(.milliseconds(20), .input(reply))]
        }
        let bench = try instrument("amb-ii", port)
        try await bench.connect()
        #expect(await bench.poll().readings.isEmpty)
        var found: [TimedReading] = []
        for _ in 0..<6 where found.isEmpty {
            port.advance(.milliseconds(250))
            let report = await bench.poll()
            #expect(report.failures == [])
            found = report.readings
        }
        #expect(found.contains { $0.channel == .hydrocarbons && $0.value == 123 })
        #expect(port.sent.contains(bytes("03 01 00 00 04 00")))
        #expect(await bench.counters.busyAnswers >= 2)
    }

    @Test("A whole span writes the bottle's gas in two steps and waits for the calibration")
    func span() async throws {
        let port = MemoryPort()
        let asked = Asked()
        port.answer { request, _ in
            let asked = asked.note(request)
            let reply: [UInt8] =
                switch request {
                case bytes("0C 80 01 5E 04 B0 05 DC 80"): [0x00]
                case [0x0A]:
                    asked < 2
                        ? bytes("05 0C 85 01 5E 04 B0 00 00 05 E1 01 FC 8C") : [0x00]
                default: Self.nanhua(request, zeroing: 0, count: 0, 0)
                }
            return [(.milliseconds(20), .input(reply))]
        }
        let analyzer = try instrument("nha-503", port)
        try await analyzer.connect()
        try await analyzer.perform(
            .span([.hydrocarbons: 3200, .carbonMonoxide: 3.5, .carbonDioxide: 12, .nitricOxide: 1500]))
        #expect(await analyzer.poll().conditions?.conditions == [.busy])
        port.advance(.seconds(1))
        let report = await analyzer.poll()
        #expect(report.underWay == nil && report.failures == [])
        #expect(port.sent.filter { [[0x09], [0x0A]].contains($0) || $0.count == 9 }.count == 4)
        await #expect(throws: InstrumentError.self) { try await analyzer.perform(.span([.hydrocarbons: 3200])) }
    }

    @Test("An instrument that names itself otherwise is refused by name")
    func wrongInstrument() async throws {
        let port = MemoryPort()
        port.answer { request, _ in
            let text = request.starts(with: Array("ATI".utf8)) ? "STN1110 v4.0\r\r>" : "OK\r\r>"
            return [(.milliseconds(20), .input(Array(text.utf8)))]
        }
        let adapter = try instrument("elm327", port)
        await #expect {
            try await adapter.connect()
        } throws: { error in
            expectRendered((error as? InstrumentError)?.message)
            return (error as? InstrumentError)?.reason == .wrongInstrument(found: "STN1110")
        }
    }

    @Test("An adapter without a vehicle is there, and has nothing")
    func noVehicle() async throws {
        let port = MemoryPort()
        port.answer { request, _ in
            let text =
                switch String(decoding: request, as: UTF8.self) {
                case "ATI\r": "ELM327 v1.5\r\r>"
                case let word where word.hasPrefix("AT"): "OK\r\r>"
                default: "SEARCHING...\rUNABLE TO CONNECT\r\r>"
                }
            return [(.milliseconds(20), .input(Array(text.utf8)))]
        }
        let adapter = try instrument("elm327", port)
        try await adapter.connect()
        let report = await adapter.poll()
        #expect(report.link == .up)
        #expect(Set(report.failures.map(\.reason)) == [.unavailable])
        #expect(report.readings.isEmpty)
    }

    @Test("What each command needed is counted: how often, how fast, what went wrong")
    func statistics() async throws {
        let port = MemoryPort()
        port.answer { request, count in
            let reply = Analyzer.reply(to: request)
            return count % 10 == 0 ? [] : [(.milliseconds(count % 10 == 9 ? 200 : 40), .input(reply))]
        }
        let analyzer = try Analyzer.instrument(port)
        try await analyzer.connect()
        for _ in 0..<100 {
            port.advance(.seconds(1))
            _ = await analyzer.poll()
        }
        let data = try #require(await analyzer.statistics["data"])
        let status = try #require(await analyzer.statistics["status"])
        let lost = (data.failures[.timeout] ?? 0) + (status.failures[.timeout] ?? 0)
        #expect(lost == (data.count + status.count) / 10)
        let median = try #require(data.latency(0.5))
        #expect((.milliseconds(38)...(.milliseconds(43))).contains(median))
        #expect(max(data.slowest ?? .zero, status.slowest ?? .zero) == .milliseconds(200))
        #expect(CommandStatistics().latency(0.5) == nil)
    }

    @Test("Parameters that cannot be sent are not sent at all")
    func parameters() async throws {
        let port = MemoryPort()
        port.answer { _, _ in [(.milliseconds(5), .input([0x06]))] }
        let profile = try Devices.profile("nhc-03")
        let dynamometer = try Instrument(profile: profile, port: PortAddress("/dev/some"), opener: port) {
            laneTime(port)
        }
        _ = try? await dynamometer.connect()
        let before = port.sent.count
        for force in [-1, 10_001, Double.nan, .infinity] {
            await #expect(throws: InstrumentError.self) { try await dynamometer.perform(.brakeForce(Force(force))) }
        }
        #expect(port.sent.count == before)
        port.advance(.seconds(5))
        try await dynamometer.perform(.brakeSpeed(Speed(40)))
        #expect(Array(port.sent.suffix(2)) == [bytes("08 46 07 C8 0F A0 CC"), bytes("08 31 07 00 00 00 40")])
    }
}
