import Evidence
import Foundation
import Glibc
import Journal
import Lane
import Messages
import Metrology
import Procedures
import Synchronization
import Testing
import Uplink

@Suite("The stream of a test", .serialized)
struct StreamTests {
    private static let terms = DeliveryTerms(isStreamed: true) { _ in .init() }

    /// Runs a test that the operator breaks off as soon as it measures.
    private func brokenOff(_ bench: SimulatedBench) async throws -> LaneSession.Result {
        try await bench.test { [panel = bench.lane.panel] _, status in
            if status.stage == .measure { panel.post(.operatorAbort) }
        }
    }

    private func content(_ item: Delivery, _ journal: Journal) async throws -> JSONValue {
        try #require(try JSONValue(parsing: try await journal.content(of: item.number))["content"])
    }

    @Test("tells the authority of beginning, each second, end and result, in this order, and of the lane")
    func order() async throws {
        let bench = try await SimulatedBench(delivery: Self.terms)
        let result = try await brokenOff(bench)
        let journal = bench.lane.journal
        let items = try await journal.outbox()
        let stream = items.filter { $0.test == result.record.test }
        #expect(stream.map(\.sequence) == Array(1...stream.count))
        let seconds = stream.count - 3
        #expect(seconds > 20)
        #expect(
            stream.map(\.kind) == [.start] + Array(repeating: DeliveryKind.process, count: seconds) + [.end, .record])
        let start = try await content(stream[0], journal)
        #expect(start["method"]?.text == "asm" && start["order"]?["vehicle"]?["vin"]?.text == "LSVAA4180E2100001")
        #expect(start["instruments"]?.elements?.count == 4)

        // What was told is what the sealed frames say, second by second, to twelve digits.
        let files = try await journal.attachments(of: result.record.counter)
        let frames = try FrameReader.frames(try #require(files.first { $0.name == TestRecord.framesName }).bytes)
        var told = 0
        for (index, item) in stream[1...seconds].enumerated() {
            let process = try await content(item, journal)
            #expect(process["second"]?.wholeNumber == index)
            let frame = try #require(frames.first { $0.time.nanoseconds / 1_000_000_000 == Int64(index) })
            for (channel, sample) in frame.samples where sample.validity == .valid {
                let digits = try #require(process["values"]?[channel.rawValue]?.text)
                let value = try #require(sample.value)
                #expect(abs((Double(digits) ?? .nan) - value) <= 1e-11 * abs(value), "\(channel) \(digits) \(value)")
                told += 1
            }
        }
        #expect(told > 10 * seconds)
        #expect(frames.last.map { Int($0.time.nanoseconds / 1_000_000_000) } == seconds - 1)
        let states = items.filter { $0.kind == .laneState }
        #expect(states.count == 1)
        let state = try await content(try #require(states.first), journal)
        #expect(state["methods"]?["asm"] == .boolean(true) && state["lockouts"]?.elements?.isEmpty == true)
        #expect(try await journal.check() == [])
        await bench.close()
    }

    @Test("is not begun where records go nowhere yet: they are queued alone")
    func recordsAlone() async throws {
        let bench = try await SimulatedBench()
        _ = try await brokenOff(bench)
        #expect(try await bench.lane.journal.outbox().map(\.kind) == [.record])
        await bench.close()
    }

    @Test("waits in the outbox while the authority stalls; the test does not")
    func stalledAuthority() async throws {
        let authority = try SilentAuthority()
        let bench = try await SimulatedBench(delivery: Self.terms)
        let journal = bench.lane.journal
        let delivery = try BackgroundDelivery(of: journal, to: authority.address, deadline: .seconds(300))
        delivery.start()
        let result = try await brokenOff(bench)
        // The test is over and sealed, and the very first exchange is still going on.
        #expect(result.outcome.verdict == .aborted(.operatorAbort))
        let status = await delivery.pump.status
        #expect(status.lastAnswer == nil && status.failures == 0)
        #expect(authority.received().hasPrefix("POST /v1/stream"))
        let statistics = try await journal.outboxStatistics()
        #expect(statistics.delivered == 0 && statistics.pending > 20)
        await delivery.stop()
        await bench.close()
    }
}

/// Takes connections and never says a word.
private final class SilentAuthority: Sendable {
    let address: String
    private let listener: Int32

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                // The system itself takes the connection as long as nobody accepts it.
                bind(listener, place, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, place, &length) == 0
            }
        }
        try #require(result)
        self.address = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }

    deinit { close(listener) }

    /// What the first connection has sent.
    func received() -> String {
        var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 10_000) == 1 else { return "" }
        let connection = accept(listener, nil, nil)
        defer { close(connection) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(connection, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
