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
        let (ours, reference) = try await reads.compare(unpaused, Rounds(count: 11, reads: 2000))
        let (oursPaused, referencePaused) = try await reads.compare(delivered, Rounds(count: 7, reads: 100))
        return Findings(
            lines: [
                Line(
                    name: "register read, no pause: processor", unit: "µs", ours: ours.processor,
                    reference: reference.processor, requirement: .ratio(atMost: 1.5)),
                Line(
                    name: "register read, no pause: rate", unit: "/s", ours: ours.rate, reference: reference.rate),
                Line(
                    name: "register read, 5 ms pause: processor", unit: "µs", ours: oursPaused.processor,
                    reference: referencePaused.processor),
                Line(
                    name: "register read, 5 ms pause: rate", unit: "/s", ours: oursPaused.rate,
                    reference: referencePaused.rate),
            ],
            notes: ["rounds of 2000 reads without and 100 with the pause; every read's values are checked"])
    }

    /// The profile of the weather station, with one piece of its text replaced.
    private static func profile(replacing piece: String = "", by other: String = "") throws -> DeviceProfile {
        let file = "\(Sources.root)/Devices/weather-stations/dwsp-t5.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let changed = piece.isEmpty ? text : text.replacingOccurrences(of: piece, with: other)
        return try DeviceProfile(document: try Document(bytes: Array(changed.utf8), name: file))
    }

    private func compare(_ profile: DeviceProfile, _ rounds: Rounds) async throws -> (ours: Usage, reference: Usage) {
        let time = SystemLaneTime()
        let instrument = Instrument(profile: profile, port: try PortAddress(server.path)) { time.now() }
        let pause = Int64(profile.timing.pauseAfter / .nanoseconds(1))
        var ours = Usage()
        var reference = Usage()
        for _ in 0..<rounds.count {
            try await readOurs(instrument, rounds.reads, &ours)
            try readReference(rounds.reads, pause: pause, &reference)
        }
        return (ours, reference)
    }

    private func readOurs(_ instrument: Instrument, _ count: Int, _ usage: inout Usage) async throws {
        try await instrument.connect()
        _ = await Self.goodPolls(instrument, count / 10)
        let (processor, start) = (processorSeconds(), monotonicSeconds())
        let good = await Self.goodPolls(instrument, count)
        usage.add(reads: count, processor: processorSeconds() - processor, time: monotonicSeconds() - start)
        await instrument.close()
        server.release()
        guard good == count else { throw NotMeasured("\(count - good) of \(count) reads of ours failed") }
    }

    /// Polls as a lane does, from a task of the common pool, and counts the reports that hold what was served.
    private static func goodPolls(_ instrument: Instrument, _ count: Int) async -> Int {
        var good = 0
        for _ in 0..<count {
            let readings = await instrument.poll().readings
            let isGood =
                readings.count == RegisterServer.values.count
                && zip(readings, RegisterServer.values).allSatisfy { abs(($0.value ?? .nan) - $1) < 1e-9 }
            good += isGood ? 1 : 0
        }
        return good
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
