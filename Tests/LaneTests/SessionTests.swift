import Evidence
import Foundation
import Instruments
import Journal
import Lane
import Messages
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Testing

/// Something that goes wrong in the middle of a mode, and the reasons with which the test may end.
struct Trouble: Sendable, CustomTestStringConvertible {
    let fault: Fault
    let role: InstrumentRole
    let reasons: Set<String>
    var testDescription: String { "\(fault.kind.rawValue) on \(role.rawValue)" }

    init(_ kind: Fault.Kind, _ role: InstrumentRole, _ reasons: Set<String>) {
        self.init(Fault(kind), role, reasons)
    }

    init(_ fault: Fault, _ role: InstrumentRole, _ reasons: Set<String> = []) {
        self.fault = fault
        self.role = role
        self.reasons = reasons
    }

    // Faster than life, the wire's real pauses are long in lane time: values may be stale before a link is lost.
    static let ofWires: [Trouble] = [
        Trouble(.silent, .gasAnalyzer, ["device-lost", "stale-data"]),
        Trouble(.truncated, .gasAnalyzer, ["device-lost", "stale-data"]),
        Trouble(.corruptedChecksum, .gasAnalyzer, ["device-lost", "stale-data"]),
        Trouble(.hangUp, .gasAnalyzer, ["device-lost", "stale-data"]),
        Trouble(.hangUp, .dynamometer, ["device-lost", "device-fault"]),
        Trouble(.silent, .dynamometer, ["device-lost", "stale-data", "device-fault"]),
        Trouble(.silent, .tachometer, ["device-lost", "stale-data"]),
        Trouble(.hangUp, .weatherStation, ["device-lost", "stale-data"]),
    ]

    static let ofTheLane: [Trouble] = [
        Trouble(.lowFlow, .gasAnalyzer, ["low-flow"]), Trouble(.dilution, .gasAnalyzer, ["dilution"]),
        Trouble(.stall, .gasAnalyzer, ["stall"]),
    ]
}

@Suite("A session")
struct SessionTests {
    @Test("ends with a sealed record that verifies and replays")
    func passes() async throws {
        let bench = try await SimulatedBench()
        let result = try await bench.test()
        #expect(result.outcome.verdict == .passed)
        #expect(result.record.counter == 1 && result.record.verdict == "passed")
        try await check(bench, result)
        #expect(bench.simulated.snapshot().plant.brakeForce < 200)
        await bench.close()
    }

    @Test("names port and device when a wire fails, keeps its frames, and unloads", arguments: Trouble.ofWires)
    func wires(_ trouble: Trouble) async throws {
        let (bench, result) = try await run(trouble)
        let reason = try #require(result.outcome.verdict.abortReason)
        #expect(trouble.reasons.contains(reason.code), "\(reason)")
        let diagnosis = try #require(result.diagnosis)
        let port = try #require(bench.lane.configuration.instruments.first { $0.role == trouble.role }?.port)
        #expect(diagnosis.arguments["port"] == .text(port), "\(diagnosis)")
        try await check(bench, result)
        await bench.close()
    }

    @Test("is broken off by what goes wrong in the lane", arguments: Trouble.ofTheLane)
    func lane(_ trouble: Trouble) async throws {
        let (bench, result) = try await run(trouble)
        #expect(trouble.reasons.contains(try #require(result.outcome.verdict.abortReason).code))
        try await check(bench, result)
        #expect(bench.simulated.snapshot().plant.brakeForce < 200)
        await bench.close()
    }

    @Test(
        "rides through noise, slow replies and a damaged reply now and then",
        arguments: [Fault(.garbage), Fault(.slowReply, amount: 60), Fault(.corruptedChecksum, amount: 12)])
    func ridesThrough(_ fault: Fault) async throws {
        let (bench, result) = try await run(Trouble(fault, .gasAnalyzer), vehicle: "clean")
        #expect(result.outcome.verdict == .passed)
        await bench.close()
    }

    @Test("takes at life's pace what the instruments ask by themselves, and waits for none", .timeLimit(.minutes(2)))
    func atLifesPace() async throws {
        let bench = try await SimulatedBench(rate: 1)
        var frames: [Frame] = []
        let result = try await bench.test { [panel = bench.lane.panel] frame, _ in
            frames.append(frame)
            if frame.tick >= 40 { panel.post(.operatorAbort) }
        }
        #expect(result.outcome.verdict == .aborted(.operatorAbort))
        #expect(result.duration >= .seconds(4))
        // After the first second every channel of every instrument is there and fresh.
        for frame in frames where frame.tick >= 15 {
            #expect(frame.lost.isEmpty)
            for channel in [ChannelID.carbonMonoxide, .rollerSpeed, .engineSpeed, .airTemperature] {
                #expect(frame.samples[channel]?.validity == .valid, "\(channel) at tick \(frame.tick)")
            }
        }
        // A stream hands over right before a tick: what it sent last is not from the tick before.
        let ages = frames.filter { $0.tick >= 15 }.compactMap { frame in
            frame.samples[.rollerSpeed].map { frame.time - $0.acquiredAt }
        }.sorted()
        #expect(try #require(ages.dropFirst(ages.count / 2).first) < .milliseconds(120))
        try await check(bench, result)
        await bench.close()
    }

    @Test("fails a vehicle by its OBD check, without its tailpipe, and seals that")
    func failedByChecks() async throws {
        let bench = try await SimulatedBench()
        let signature = CheckSignature(by: "A", at: "2026-03-01T10:05:00+08:00")
        let result = try await bench.test(
            checks: VehicleChecks(obd: OBDCheck(signature: signature, communication: false)))
        #expect(result.outcome.verdict == .failed)
        #expect(result.sampling.ticks == 1)
        #expect(result.record.verdict == "failed" && result.record.delivery == .pending)
        let payload = try await payload(result.record.counter, of: bench)
        #expect(payload["result"]?["reason"]?["detail"]?.text == "no-communication")
        #expect(payload["order"]?["vehicleChecks"]?["obd"]?["by"]?.text == "A")
        try await check(bench, result, isMeasured: false)
        // The lane goes on with its next vehicle.
        let next = try await bench.test { [panel = bench.lane.panel] _, _ in panel.post(.operatorAbort) }
        #expect(next.record.counter == 2)
        await bench.close()
    }

    @Test("ends at once at the emergency stop")
    func emergencyStop() async throws {
        let bench = try await SimulatedBench(vehicle: "dirty")
        let result = try await bench.test { [panel = bench.lane.panel] _, status in
            if status.stage == .measure { panel.post(.emergencyStop) }
        }
        #expect(result.outcome.verdict == .aborted(.emergencyStop))
        #expect(bench.simulated.snapshot().plant.brakeForce < 200)
        await bench.close()
    }

    @Test("seals what an earlier run left open, with the frames that were stored")
    func recovery() async throws {
        let bench = try await SimulatedBench(vehicle: "dirty")
        let first = try await bench.test { [panel = bench.lane.panel] _, status in
            if status.stage == .measure { panel.post(.operatorAbort) }
        }
        // A test that was begun, got the frames of the first one up to the rollers, and was never sealed.
        let journal = bench.lane.journal
        let attachments = try await journal.attachments(of: first.record.counter)
        let frames = try #require(attachments.first { $0.name == TestRecord.framesName }).bytes
            .split(separator: 0x0A).prefix(900).map { Array($0) + [0x0A] }
        let stored = try await journal.test(first.record.test)
        try await journal.beginTest(
            id: "killed", method: "asm", lane: "BENCH", startedAt: stored.startedAt, order: stored.order,
            context: stored.context, at: Date())
        try await journal.appendFrames(
            test: "killed", frames.enumerated().map { StoredFrame(tick: $0.offset, bytes: $0.element) })
        let sealed = try await Recovery.sealOpenTests(in: journal, with: bench.lane.sealer, at: stored.startedAt)
        #expect(sealed.map(\.counter) == [2])
        #expect(sealed.map(\.verdict) == ["aborted"])
        let payload = try await payload(2, of: bench)
        #expect(payload["result"]?["reason"]?["code"]?.text == "interrupted")
        #expect(payload["timing"]?["ticks"]?.wholeNumber == frames.count)
        #expect(try await journal.openTests().isEmpty)
        await bench.close()
    }

    private func run(
        _ trouble: Trouble, vehicle: String = "dirty"
    ) async throws -> (SimulatedBench, LaneSession.Result) {
        let bench = try await SimulatedBench(vehicle: vehicle)
        var isInjected = false
        let result = try await bench.test { [simulated = bench.simulated] _, status in
            guard status.stage == .measure, !isInjected else { return }
            isInjected = true
            try simulated.inject(trouble.fault, on: trouble.role)
        }
        #expect(isInjected)
        return (bench, result)
    }

    /// The record verifies from the trust file, holds every frame, and is reproduced by a replay.
    private func check(
        _ bench: SimulatedBench, _ result: LaneSession.Result, isMeasured: Bool = true
    ) async throws {
        let journal = bench.lane.journal
        let files = try await journal.attachments(of: result.record.counter)
        let bytes = try await journal.envelope(of: result.record.counter)
        let attachment: (String) -> [UInt8]? = { name in files.first { $0.name == name }?.bytes }
        let trust = try TrustFile(contentsOf: bench.lane.trustFile)
        // Signed with all that there is, by its own account and by the verifier's.
        let report = Verifier(trust: trust, allowSimulated: true, requiring: SignatureAlgorithm.allCases)
            .verify(bytes, attachments: attachment)
        #expect(report.findings == [])
        #expect(report.header?.signing == SignatureAlgorithm.allCases)
        #expect(Set(report.signers.map(\.algorithm)) == Set(SignatureAlgorithm.allCases))
        let strict = Verifier(trust: trust, allowSimulated: false).verify(bytes, attachments: attachment)
        #expect(strict.findings.map(\.place) == ["payload.origin"])
        let recomputation = Recomputation(of: try #require(report.payload), attachments: attachment)
        #expect(recomputation.findings == [])
        #expect(recomputation.frameCount == result.sampling.ticks)
        // Bytes, decoded again with the recorded profiles, give the very frames.
        let wire = WireRecomputation(of: try #require(report.payload), attachments: attachment)
        #expect(wire.findings == [])
        #expect(wire.frameCount == result.sampling.ticks)
        if isMeasured { #expect(wire.decodedCount > result.sampling.ticks) }
    }

    private func payload(_ counter: Int, of bench: SimulatedBench) async throws -> JSONValue {
        let envelope = try Envelope(parsing: try await bench.lane.journal.envelope(of: counter))
        return try JSONValue(parsing: envelope.payload)
    }
}

extension Verdict {
    var abortReason: AbortReason? { if case .aborted(let reason) = self { reason } else { nil } }
}
