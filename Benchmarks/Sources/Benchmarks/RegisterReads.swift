import CReference
import Documents
import Foundation
import Instruments
import Lane
import Metrology
import Synchronization

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
        /// Polling by itself, as in a lane that runs at life's pace.
        var own = Usage()
        /// Polled from a task of the common pool, as in a lane that runs faster.
        var task = Usage()
        /// libmodbus in a loop.
        var reference = Usage()

        /// The requirement is on what a lane does.
        func lines(_ name: String, requirement: Requirement) -> [Line] {
            [
                Line(
                    name: name, unit: "µs", ours: own.processor, reference: reference.processor,
                    requirement: requirement),
                Line(
                    name: "\(name), from a task", unit: "µs", ours: task.processor, reference: reference.processor),
                Line(name: "\(name), rate", unit: "/s", ours: own.rate, reference: reference.rate),
            ]
        }
    }

    private let server: RegisterServer

    static func run() async throws -> Findings {
        let server = try RegisterServer()
        defer { server.stop() }
        let reads = RegisterReads(server: server)
        let unpaused = try profile(replacing: "pause-after-ms: 5 ", by: "pause-after-ms: 0 ")
        guard unpaused.timing.pauseAfter == .zero else {
            throw NotMeasured("the profile's pause is not the 5 ms that this benchmark knows")
        }
        let continuous = try await reads.compare(unpaused, every: .zero, Rounds(count: 11, reads: 2000))
        let python = reads.comparePymodbus(continuous.own)
        let regular = try await reads.compare(unpaused, every: .milliseconds(10), Rounds(count: 7, reads: 100))
        return Findings(
            lines: continuous.lines("register read, without a pause", requirement: .ratio(atMost: 1.3))
                + python.lines + regular.lines("register read, every 10 ms", requirement: .none),
            notes: [
                "processor time of this process per read, the server's not counted; rounds of 2000 reads without a"
                    + " pause and of 100 every 10 ms; every read's values are checked",
                "the instrument polls by itself on its own thread, as in a lane at life's pace; “from a task” it is"
                    + " asked by another thread, as in a lane that runs faster",
            ] + python.notes)
    }

    /// Ours beside pymodbus, over the same server.
    private func comparePymodbus(_ own: Usage) -> Findings {
        var usage = Usage()
        do {
            let pymodbus = try PymodbusReads()
            for _ in 0..<5 {
                let round = try pymodbus.round(server.path, reads: 500)
                usage.add(reads: 500, processor: round.processor, time: round.time)
            }
        } catch {
            return Findings(notes: ["beside pymodbus: not measured: \(error)"])
        }
        return Findings(
            lines: [
                Line(
                    name: "register read, beside pymodbus", unit: "µs", ours: own.processor,
                    reference: usage.processor, requirement: .ratio(atMost: 0.2)),
                Line(name: "register read, beside pymodbus, rate", unit: "/s", ours: own.rate, reference: usage.rate),
            ])
    }

    /// The profile of the weather station, with one piece of its text replaced.
    private static func profile(replacing piece: String, by other: String) throws -> DeviceProfile {
        let file = "\(Sources.root)/Devices/weather-stations/dwsp-t5.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let changed = text.replacingOccurrences(of: piece, with: other)
        return try DeviceProfile(document: try Document(bytes: Array(changed.utf8), name: file))
    }

    private func compare(
        _ profile: DeviceProfile, every interval: Duration, _ rounds: Rounds
    ) async throws -> Usages {
        let time = SystemLaneTime()
        let instrument = Instrument(profile: profile, port: try PortAddress(server.path)) { time.now() }
        let pause = Int64(interval / .nanoseconds(1))
        var usages = Usages()
        for _ in 0..<rounds.count {
            try await readOurs(instrument, rounds.reads, &usages.own) {
                await Self.goodPolls(by: $0, every: interval, $1)
            }
            try readReference(rounds.reads, pause: pause, &usages.reference)
            try await readOurs(instrument, rounds.reads, &usages.task) {
                await Self.goodPolls(of: $0, every: interval, $1)
            }
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
        guard good == count else { throw NotMeasured("\(count - good) of \(count) reads of ours failed") }
    }

    /// Lets the instrument poll by itself and counts the reports that hold what was served.
    private static func goodPolls(by instrument: Instrument, every interval: Duration, _ count: Int) async -> Int {
        return await withCheckedContinuation { continuation in
            let tally = Tally(count)
            instrument.startPolling(every: interval) { report in
                guard let good = tally.take(isGood(report)) else { return }
                // Stopped first: whoever is resumed may start again at once.
                instrument.stopPolling()
                continuation.resume(returning: good)
            }
        }
    }

    /// Polls from the common pool and counts the reports that hold what was served.
    private static func goodPolls(of instrument: Instrument, every interval: Duration, _ count: Int) async -> Int {
        var good = 0
        let start = ContinuousClock.now
        for number in 0..<count {
            if interval > .zero { try? await ContinuousClock().sleep(until: start + interval * number) }
            good += isGood(await instrument.poll()) ? 1 : 0
        }
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

/// Counts reports until there are enough of them.
private final class Tally: Sendable {
    private let counts: Mutex<(good: Int, left: Int)>

    init(_ count: Int) { counts = Mutex((0, count)) }

    /// Counts a report; the last one brings the number of good ones. Further ones are not counted.
    func take(_ isGood: Bool) -> Int? {
        counts.withLock { counts in
            counts.left -= 1
            if isGood, counts.left >= 0 { counts.good += 1 }
            return counts.left == 0 ? counts.good : nil
        }
    }
}
