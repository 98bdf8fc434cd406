import Instruments
import Messages
import Metrology
import Synchronization
import Testing

@Suite("Replies on a faulty line")
struct ReplyFaultTests {
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
        port.advance(.milliseconds(1000))
        let report = await analyzer.poll()
        #expect(report.readings.contains { $0.channel == .hydrocarbons && $0.value == 123 })
        #expect(!report.readings.contains { $0.channel == .hydrocarbons && $0.value == 124 })
        #expect(report.wire.contains { $0.kind == .discarded && $0.bytes == late })
        #expect(await analyzer.counters.discardedBytes == 28)
    }

    @Test("A reply that is later than its time once more is not taken for the answer to the next request, either")
    func veryLateReply() async throws {
        let port = MemoryPort()
        port.answer { request, count in
            [(.milliseconds(count < 3 ? 40 : 1600), .input(Analyzer.reply(to: request)))]
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        var polls = 0
        while polls < 40 {
            let report = await analyzer.poll()
            #expect(report.readings.isEmpty, "every answer comes 1.6 s after its request, of which 1 s is waited")
            port.advance(.milliseconds(100))
            polls += 1
        }
        let counters = await analyzer.counters
        #expect(counters.timeouts >= 2 && counters.replies == 2)
        #expect(counters.discardedBytes >= 28)
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

    @Test("Noise after a reply is passed over, and the reply is not")
    func noiseAfterReply() async throws {
        let port = MemoryPort()
        let noise: [UInt8] = [0xFF, 0x00, 0x55]
        port.answer { request, count in
            [(.milliseconds(40), .input(Analyzer.reply(to: request) + (count == 3 ? noise : [])))]
        }
        let analyzer = try await connected(Analyzer.instrument(port))
        let report = await analyzer.poll()
        #expect(Set(report.readings) == Analyzer.readings(at: laneTime(port)))
        #expect(report.wire.suffix(3).map(\.kind) == [.sent, .discarded, .received])
        #expect(report.wire.suffix(2).map(\.bytes) == [noise, Analyzer.data])
        #expect(await analyzer.counters.discardedBytes == 3)
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
        let report = await analyzer.poll()
        #expect(report.link == .up)
        // The profile says how a refusal begins, not where it ends.
        #expect(report.wire.contains { $0.kind == .received && $0.bytes == [0x15] })
        #expect(await analyzer.counters.refusals == 2, "the profile asks for two tries")
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
}
