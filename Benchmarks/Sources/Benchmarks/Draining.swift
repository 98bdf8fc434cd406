import Evidence
import Foundation
import Journal
import Uplink

/// What a backlog costs: start-up, queueing the next item, and delivering what has gathered, over the loopback address.
struct Draining {
    private static let lane = "BENCHMARK"
    /// How many items may be queued when the next one is.
    private static let curve = [1_000, 20_000, 200_000]
    /// How long a drain is watched, in seconds.
    private static let longest = 15.0
    /// What a drain may keep of memory and still be called flat, in MiB: the caches of SQLite and of the HTTP client.
    private static let mostMemory = 16.0

    static func run() async throws -> Findings {
        let space = try Workspace()
        var findings = Findings(notes: ["in \(space.path); items of tests with 97 of process data, and their records"])
        let empty = try await Journal.open(space.folder("empty"), reserve: 0)
        for count in curve {
            let folder = try space.folder("\(count)")
            try await queue(count, in: folder)
            let start = try await startUp(folder)
            findings.lines.append(
                Line(name: "start-up, \(count) queued", unit: "ms", ours: start, requirement: .below(1_000)))
            let journal = try await Journal.open(folder, reserve: 0)
            let (full, reference) = try await queueing(in: journal, beside: empty)
            findings.lines.append(
                Line(
                    name: "queueing the next, \(count) queued; reference: none queued", unit: "ms", ours: full,
                    reference: reference, requirement: .ratio(atMost: 1.1)))
            let drain = try await Drain(journal, seconds: longest)
            findings.lines.append(
                Line(
                    name: "delivering one of \(count) queued", unit: "ms", ours: drain.perItem,
                    requirement: .below(5)))
            findings.lines.append(
                Line(
                    name: "memory gained by delivering up to \(count)", unit: "MiB", ours: drain.memoryGained,
                    requirement: .below(Self.mostMemory)))
            findings.notes.append(
                "\(count) queued: \(drain.delivered) delivered in \(String(format: "%.1f", drain.seconds)) s, memory"
                    + " \(drain.memory.first >> 10) kB after the first hundred, \(drain.memory.last >> 10) kB at the end"
            )
            try journal.close()
        }
        let records = try await drainRecords(2_000, in: space.folder("records"))
        findings.lines.append(
            Line(name: "delivering one of 2000 records", unit: "ms", ours: records, requirement: .below(5)))
        try empty.close()
        return findings
    }

    /// Queues items as tests do: a beginning, process data, an end and a record for every hundred.
    private static func queue(_ count: Int, in folder: String) async throws {
        let journal = try await Journal.open(folder, reserve: 0)
        for test in 0..<count / 100 {
            try await begin("\(test)", in: journal, announcement: ["method": "asm"])
            let data = (0..<97).map { second -> JSONObject in
                ["second": .integer(Int64(second)), "speed": "25.1", "co": "0.08", "hc": "21", "no": "105"]
            }
            try await journal.appendFrames(
                test: "\(test)", [StoredFrame(tick: 1, bytes: [1])], processData: data, at: Date())
            try await journal.seal(test: "\(test)", at: Date(), build: build)
        }
        try journal.close()
    }

    private static func begin(_ id: String, in journal: Journal, announcement: JSONObject? = nil) async throws {
        try await journal.beginTest(
            id: id, method: "asm", lane: lane, startedAt: "", order: [], context: [], announcement: announcement,
            at: Date())
    }

    private static let key = SigningKey(origin: .simulated)

    @Sendable private static func build(_ place: SealContext) throws -> SealedRecord {
        let header = RecordHeader(
            lane: lane, counter: place.counter, previous: place.previousDigest, origin: .simulated, attachments: [])
        let envelope = try Envelope(payload: JSONValue.object(header.object).canonicalBytes(), signedWith: [key])
        return SealedRecord(envelope: envelope.bytes, attachments: [], verdict: "passed", summary: [])
    }

    /// Opening the journal, looking for tests that are not accounted for, and asking how delivery stands: what a lane
    /// does with its journal before it may begin a test.
    private static func startUp(_ folder: String) async throws -> Samples {
        var samples = Samples()
        for _ in 0..<5 {
            let start = monotonicSeconds()
            let journal = try await Journal.open(folder, reserve: 0)
            guard try await journal.openTests().isEmpty else { throw NotMeasured("tests are open") }
            _ = try await journal.outboxStatistics()
            samples.add((monotonicSeconds() - start) * 1_000)
            try journal.close()
        }
        return samples
    }

    /// The next item beside a backlog, and the same without one, in turns.
    private static func queueing(in full: Journal, beside empty: Journal) async throws -> (Samples, Samples) {
        var (ours, reference) = (Samples(), Samples())
        for round in 0..<220 {
            for (journal, isFull) in [(full, true), (empty, false)] {
                let start = monotonicSeconds()
                try await journal.queueLaneState(["round": .integer(Int64(round))], lane: lane, at: Date())
                let took = (monotonicSeconds() - start) * 1_000
                // The first rounds fill caches.
                guard round >= 20 else { continue }
                if isFull { ours.add(took) } else { reference.add(took) }
            }
        }
        return (ours, reference)
    }

    private static func drainRecords(_ count: Int, in folder: String) async throws -> Samples {
        let journal = try await Journal.open(folder, reserve: 0)
        for test in 0..<count {
            try await begin("\(test)", in: journal)
            try await journal.seal(test: "\(test)", at: Date(), build: build)
        }
        let drain = try await Drain(journal, seconds: 60)
        guard drain.delivered == count else { throw NotMeasured("\(drain.delivered) of \(count) were delivered") }
        try journal.close()
        return drain.perItem
    }
}

/// A pump at work on a backlog until that is gone or the time is over.
private struct Drain {
    let delivered: Int
    let seconds: Double
    /// Bytes in memory after the first hundred items and at the end.
    let memory: (first: Int, last: Int)
    /// Milliseconds for one item, over stretches of the time.
    let perItem: Samples

    /// What is in memory at the end and was not after the first hundred items, in MiB.
    var memoryGained: Samples {
        var samples = Samples()
        samples.add(max(0, Double(memory.last - memory.first)) / Double(1 << 20))
        return samples
    }

    init(_ journal: Journal, seconds longest: Double) async throws {
        let server = try ReceiptServer()
        defer { server.stop() }
        let transport = HTTPTransport(timeout: .seconds(10))
        let pump = Pump(
            journal: journal, transport: transport,
            configuration: Pump.Configuration(base: "http://127.0.0.1:\(server.port)"))
        let start = monotonicSeconds()
        let work = Task { await pump.run() }
        var (perItem, first, known) = (Samples(), 0, 0)
        var (now, before) = (start, start)
        var rest = try await journal.outboxStatistics()
        let already = rest.delivered
        while rest.pending > 0, now - start < longest {
            try await Task.sleep(for: .milliseconds(250))
            now = monotonicSeconds()
            rest = try await journal.outboxStatistics()
            let count = rest.delivered - already
            if count > known { perItem.add((now - before) * 1_000 / Double(count - known)) }
            (known, before) = (count, now)
            if first == 0, count >= 100 { first = Self.residentBytes() }
        }
        work.cancel()
        await work.value
        await transport.shutdown()
        guard rest.quarantined == 0, known > 0 else { throw NotMeasured("quarantined \(rest.quarantined)") }
        (delivered, seconds, self.perItem) = (known, now - start, perItem)
        memory = (first, Self.residentBytes())
    }

    private static func residentBytes() -> Int {
        let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4_096 : 0
    }
}
