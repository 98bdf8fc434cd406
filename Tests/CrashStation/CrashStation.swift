import CDiskLog
import Evidence
import Foundation
import Glibc
import Journal
import Lane
import Procedures
import Uplink

/// A lane without instruments, to be killed: it recovers, runs tests made of numbers, seals and delivers them, and says
/// on its standard output what it has told the world by then.
///
///     crash-station run DIRECTORY AUTHORITY TESTS     tests until so many were begun, then delivers everything
///     crash-station faults DIRECTORY                  tests with every single write or synchronisation failing once
@main
struct CrashStation {
    static func main() async {
        let arguments = CommandLine.arguments
        do {
            switch (arguments.count, arguments.dropFirst().first) {
            case (5, "run"):
                guard let tests = Int(arguments[4]) else { throw CrashError.usage }
                try await CrashStation(directory: arguments[2], authority: arguments[3]).run(tests)
            case (3, "faults"): try await FaultRun(directory: arguments[2]).run()
            default: throw CrashError.usage
            }
        } catch {
            FileHandle.standardError.write(Data("crash-station: \(error)\n".utf8))
            exit(70)
        }
    }

    let directory: String
    let authority: String

    func run(_ tests: Int) async throws {
        let journal = try await Journal.open(directory, reserve: 0)
        let sealer = try Self.sealer(directory)
        for record in try await Recovery.sealOpenTests(in: journal, with: sealer, at: SyntheticTest.wallTime()) {
            tell("sealed \(record.counter) \(record.payloadDigest)")
        }
        guard authority != "-" else { return try journal.close() }
        let policy = RetryPolicy(base: 0.02, cap: 0.1, longestRequested: 0.1)
        let delivery = try BackgroundDelivery(of: journal, to: authority, deadline: .seconds(2), policy: policy)
        delivery.start()
        var begun = try await journal.statistics().tests
        while begun < tests {
            begun += 1
            try await test(number: begun, in: journal, sealer)
        }
        await delivery.stop()
        try await deliverRest(journal, policy)
        try journal.close()
    }

    /// The lane's key and the file that says so, as a lane makes them at its first start.
    static func sealer(_ directory: String) throws -> RecordSealer {
        let key = try SigningKey.loadOrCreate(in: "\(directory)/keys", origin: .simulated)
        let path = "\(directory)/\(RunningLane.trustFileName)"
        var trust = access(path, F_OK) == 0 ? try TrustFile(contentsOf: path) : try TrustFile()
        if trust.key(id: key.id) == nil {
            try trust.enrol(Evidence.TrustedKey(key, lane: SyntheticTest.lane))
            try trust.write(to: path)
        }
        return RecordSealer(
            lane: SyntheticTest.lane, station: SyntheticTest.station, origin: .simulated, keys: [key])
    }

    /// One test: every eighth to its end, the others broken off after a few seconds.
    private func test(number: Int, in journal: Journal, _ sealer: RecordSealer) async throws {
        let synthetic = try SyntheticTest(id: UUID().uuidString, isWhole: number % 8 == 0)
        let record = try await synthetic.run(in: journal, sealer) { tell($0) }
        tell("sealed \(record.counter) \(record.payloadDigest)")
        let folder = "\(directory)/records"
        if mkdir(folder, 0o755) != 0, errno != EEXIST { throw CrashError.impossible(folder) }
        try await journal.export(record.counter, to: journal.exportDirectory(of: record.counter))
        if number % 4 == 0 {
            let copy = "\(directory)/copy-\(number).sqlite"
            unlink(copy)
            try await journal.backup(to: copy)
            unlink(copy)
        }
        if number % 5 == 0 {
            try await journal.queueLaneState(
                ["check": .string("leak"), "after": .integer(Int64(number))], lane: SyntheticTest.lane, at: Date())
        }
    }

    /// Delivers until everything has its receipt; what was rejected is tried again, as a person would have it.
    private func deliverRest(_ journal: Journal, _ policy: RetryPolicy) async throws {
        let transport = HTTPTransport(timeout: .seconds(2))
        let pump = Pump(
            journal: journal, transport: transport, configuration: Pump.Configuration(base: authority, policy: policy))
        let end = Date(timeIntervalSinceNow: 60)
        var rest = try await journal.outboxStatistics()
        for _ in 0..<20 where rest.pending + rest.quarantined > 0 && Date() < end {
            for item in try await journal.outbox(.quarantined) { try await journal.retry(item.number, at: Date()) }
            for item in try await pump.drain(until: end) where item.state == .delivered {
                tell("delivered \(item.number)")
            }
            rest = try await journal.outboxStatistics()
        }
        if rest.pending + rest.quarantined > 0 {
            let first = try await journal.outbox().first { $0.state != .delivered }
            throw CrashError.impossible("not delivered: \(first.map { "\($0)" } ?? "?")")
        }
        await transport.shutdown()
    }
}

/// Says something to whoever runs this program, and notes it between the writes to the disk.
func tell(_ words: String) {
    disk_log_note(words)
    FileHandle.standardOutput.write(Data((words + "\n").utf8))
}

extension SyntheticTest {
    /// Keeps the test in a journal as a session does: begins it, appends frames part by part, seals it.
    func run(
        in journal: Journal, _ sealer: RecordSealer, parts: Int = 8, tell: (String) -> Void = { _ in }
    ) async throws -> StoredRecord {
        for attachment in prologue.attachments { _ = try await journal.storeArtifact(attachment.bytes) }
        try await journal.beginTest(
            id: id, method: "asm", lane: Self.lane, startedAt: prologue.members["time"]?["started"]?.text ?? "",
            order: try (prologue.members["order"] ?? .null).canonicalBytes(), context: try prologue.bytes(),
            announcement: ["method": "asm"], at: Date())
        tell("begun \(id)")
        let lines = course.frames
        let stride = max(10, lines.count / parts)
        for start in Swift.stride(from: 0, to: lines.count, by: stride) {
            let part = lines[start..<min(start + stride, lines.count)]
            try await journal.appendFrames(
                test: id, part.map { StoredFrame(tick: $0.frame.tick, bytes: $0.line) },
                processData: [["from": .integer(Int64(start)), "frames": .integer(Int64(part.count))]])
        }
        let record = try TestRecord(
            prologue, outcome: course.outcome, ended: Self.wallTime(), frameFile: GrowingFile(lines.flatMap(\.line)),
            sampling: SamplingStatistics(lines.map(\.frame)), diagnosis: nil)
        return try await sealer.seal(record, test: id, in: journal)
    }
}
