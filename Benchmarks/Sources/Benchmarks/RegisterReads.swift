import CReference
import Documents
import Foundation
import Instruments
import Lane
import Metrology

/// Reads three input registers over and over: our instrument and bus against a loop around libmodbus, over one
/// pseudo-terminal and one server.
struct RegisterReads {
    /// How long a round is.
    struct Rounds {
        let count: Int
        let reads: Int
    }

    /// What one contestant used, by round.
    private struct Usage {
        /// Microseconds of processor time for one read.
        var processor = Samples()
        /// Reads in a second.
        var rate = Samples()

        mutating func add(reads: Int, processor: Double, time: Double) {
            self.processor.add(processor / Double(reads) * 1e6)
            rate.add(Double(reads) / time)
        }
    }

    /// What all of them used.
    private struct Usages {
        /// Polled from a task of the common pool, as a lane does.
        var task = Usage()
        /// Polled by a loop on the instrument's own thread.
        var thread = Usage()
        /// libmodbus in a loop.
        var reference = Usage()

        /// The requirement is on what a lane does.
        func lines(_ name: String, requirement: Requirement) -> [Line] {
            [
                Line(
                    name: "\(name): from a task", unit: "µs", ours: task.processor, reference: reference.processor,
                    requirement: requirement),
                Line(
                    name: "\(name): own thread", unit: "µs", ours: thread.processor, reference: reference.processor),
                Line(name: "\(name): rate, from a task", unit: "/s", ours: task.rate, reference: reference.rate),
                Line(name: "\(name): rate, own thread", unit: "/s", ours: thread.rate, reference: reference.rate),
            ]
        }
    }

    private let server: RegisterServer

    static func run() async throws -> Findings {
        let server = try RegisterServer()
        defer { server.stop() }
        let reads = RegisterReads(server: server)
        let delivered = try profile()
        let unpaused = try profile(replacing: "pause-after-ms: 5 ", by: "pause-after-ms: 0 ")
        guard delivered.timing.pauseAfter == .milliseconds(5), unpaused.timing.pauseAfter == .zero else {
            throw NotMeasured("the profile's pause is not the 5 ms that this benchmark knows")
        }
        let unhurried = try await reads.compare(unpaused, Rounds(count: 11, reads: 2000))
        let paused = try await reads.compare(delivered, Rounds(count: 7, reads: 100))
        return Findings(
            lines: unhurried.lines("register read, no pause", requirement: .ratio(atMost: 1.5))
                + paused.lines("register read, 5 ms pause", requirement: .none),
            notes: [
                "processor time of this process per read, the server's not counted; rounds of 2000 reads without and"
                    + " 100 with the pause; every read's values are checked",
                "“from a task” is how a lane polls, with two changes of thread for each read; “own thread” does"
                    + " without them",
            ])
    }

    /// The profile of the weather station, with one piece of its text replaced.
    private static func profile(replacing piece: String = "", by other: String = "") throws -> DeviceProfile {
        let file = "\(Sources.root)/Devices/weather-stations/dwsp-t5.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let changed = piece.isEmpty ? text : text.replacingOccurrences(of: piece, with: other)
        return try DeviceProfile(document: try Document(bytes: Array(changed.utf8), name: file))
    }

    private func compare(_ profile: DeviceProfile, _ rounds: Rounds) async throws -> Usages {
        let time = SystemLaneTime()
        let instrument = Instrument(profile: profile, port: try PortAddress(server.path)) { time.now() }
        let pause = Int64(profile.timing.pauseAfter / .nanoseconds(1))
        var usages = Usages()
        for _ in 0..<rounds.count {
            try await readOurs(instrument, rounds.reads, &usages.task) { await Self.goodPolls(of: $0, $1) }
            try readReference(rounds.reads, pause: pause, &usages.reference)
            try await readOurs(instrument, rounds.reads, &usages.thread) { await Self.goodPolls(on: $0, $1) }
            try readReference(rounds.reads, pause: pause, &usages.reference)
        }
        return usages
    }

    private func readOurs(
        _ instrument: Instrument, _ count: Int, _ usage: inout Usage,
        goodPolls: @Sendable (Instrument, Int) async -> Int
    ) async throws {
        try await instrument.connect()
        _ = await goodPolls(instrument, count / 10)
        let (processor, start) = (processorSeconds(), monotonicSeconds())
        let good = await goodPolls(instrument, count)
        usage.add(reads: count, processor: processorSeconds() - processor, time: monotonicSeconds() - start)
        await instrument.close()
        server.release()
        guard good == count else { throw NotMeasured("\(count - good) of \(count) reads of ours failed") }
    }

    /// Polls from the common pool and counts the reports that hold what was served.
    private static func goodPolls(of instrument: Instrument, _ count: Int) async -> Int {
        var good = 0
        for _ in 0..<count { good += isGood(await instrument.poll()) ? 1 : 0 }
        return good
    }

    /// The same on the instrument's own thread.
    private static func goodPolls(on instrument: isolated Instrument, _ count: Int) async -> Int {
        var good = 0
        for _ in 0..<count { good += isGood(await instrument.poll()) ? 1 : 0 }
        return good
    }

    private static func isGood(_ report: InstrumentReport) -> Bool {
        report.readings.count == RegisterServer.values.count
            && zip(report.readings, RegisterServer.values).allSatisfy { abs(($0.value ?? .nan) - $1) < 1e-9 }
    }

    private func readReference(_ count: Int, pause: Int64, _ usage: inout Usage) throws {
        guard let client = reference_client_open(server.path) else {
            throw NotMeasured("libmodbus: \(String(cString: strerror(errno)))")
        }
        defer { reference_client_close(client) }
        _ = reference_client_read(client, Int32(count / 10), pause, RegisterServer.registers)
        let (processor, start) = (processorSeconds(), monotonicSeconds())
        let good = Int(reference_client_read(client, Int32(count), pause, RegisterServer.registers))
        usage.add(reads: count, processor: processorSeconds() - processor, time: monotonicSeconds() - start)
        guard good == count else { throw NotMeasured("\(count - good) of \(count) reads of libmodbus failed") }
    }
}
