import Assurance
import Evidence
import Foundation
import Journal
import Lane
import Messages
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Standards
import Synchronization
import Testing

@Suite("A lane with checks", .serialized)
struct LockedLaneTests {
    /// Expects that the lane refuses a test for these rules; for none, that a test may begin.
    func expect(
        _ lane: RunningLane, _ rules: Set<LockoutRule>, _ words: String = "",
        at location: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        var found: Set<LockoutRule> = []
        do {
            _ = try await lane.session(for: AssuredBench.order)
        } catch let locked as LaneLocked {
            found = Set(locked.lockouts.map(\.rule))
        }
        #expect(found == rules, "\(words)", sourceLocation: location)
    }

    @Test("begins no test before its checks are passed, and then does")
    func unlocking() async throws {
        let bench = try AssuredBench()
        try await bench.withLane { lane in
            let standings = lane.desk.standings()
            #expect(standings.count > 5 && standings.allSatisfy { $0.status == .missing })
            try await expect(lane, [.checkMissing])
            #expect(try await lane.journal.statistics().tests == 0)
            for (index, standing) in standings.enumerated() {
                try await expect(lane, [.checkMissing], "\(index) of \(standings.count) passed")
                let record = try await bench.check(standing.requirement.kind, on: lane)
                #expect(record.method == "check.\(standing.requirement.kind.rawValue)" && record.verdict == "passed")
            }
            #expect(lane.desk.standings().allSatisfy { $0.status == .good })
            let result = try await bench.test(lane)
            #expect(result.outcome.verdict == .passed)
            // What fails locks, and what passes afterwards unlocks.
            try await bench.check(.gasLeak, .failed, on: lane)
            try await expect(lane, [.checkFailed])
            try await bench.check(.gasLeak, .aborted(.operatorAbort), on: lane)
            try await expect(lane, [.checkFailed])
            try await bench.check(.gasLeak, on: lane)
            try await expect(lane, [])
        }
        // The same after a start: nothing is kept but what is sealed.
        try await bench.withLane { lane in
            #expect(lane.desk.standings().allSatisfy { $0.status == .good })
            try await expect(lane, [])
        }
    }

    @Test("seals its checks as signed records with the order and the pack, for delivery like tests")
    func records() async throws {
        let bench = try AssuredBench()
        try await bench.withLane { lane in
            let loss = ParasiticLoss(quadratic: 0.0003, linear: 0.01, constant: 0.2)
            let record = try await bench.check(.parasiticLoss, parameters: [.parasiticLoss(loss)], on: lane)
            let trust = try TrustFile(contentsOf: lane.trustFile)
            let files = try await lane.journal.attachments(of: record.counter)
            let report = Verifier(trust: trust, allowSimulated: true).verify(
                try await lane.journal.envelope(of: record.counter),
                attachments: { name in files.first { $0.name == name }?.bytes })
            #expect(report.isValid, "\(report.findings)")
            let payload = try #require(report.payload)
            #expect(payload["kind"] == "check" && payload["result"]?["kind"] == "parasitic-loss")
            #expect(payload["order"]?["kind"] == "parasitic-loss")
            #expect(files.map(\.name).contains("pack-HJ1237-2021-checks.yaml"))
            #expect(files.map(\.name).contains("frames.jsonl"))
            #expect(record.delivery == .pending)
            // What was found is what the lane measures with from now on.
            #expect(lane.desk.parameters.parasiticLoss == loss)
            #expect(lane.configuration.parameters.parasiticLoss != loss)
            // The audit trail tells it at once, with the record that it is from.
            let told = try #require(
                try await lane.journal.auditEntries(of: [AssuranceEntry.parameters.rawValue]).last.map {
                    try JSONValue(parsing: $0.detail)
                })
            #expect(told["counter"]?.wholeNumber == record.counter && told["check"]?.text == "parasitic-loss")
            let change = try #require(told["changes"]?.elements?.first)
            #expect(change["part"]?.text == "measured-with.parasitic-loss")
            #expect(change["old"]?.text?.contains("\"constant\":\"0.1\"") == true)
            #expect(change["new"]?.text?.contains("\"constant\":\"0.2\"") == true)
        }
        let kept = try await bench.withLane { $0.desk.parameters.parasiticLoss.constant }
        #expect(kept == 0.2)
        // An instrument that was exchanged has not been checked, and brings nothing along.
        let own = try await bench.withLane([("serial: S-dynamometer", "serial: S-2")]) {
            $0.desk.parameters.parasiticLoss.constant
        }
        #expect(own == 0.1)
    }

    @Test("breaks a test off when the clock is set, and stays locked until it is checked", arguments: [7, -3600.0])
    func clock(seconds: Double) async throws {
        let bench = try AssuredBench()
        try await bench.withLane { lane in
            try await bench.checkEverything(on: lane)
            // A correction that the pack allows is none.
            bench.shift.withLock { $0 = 4900 }
            var isSet = false
            let result = try await bench.test(lane) { status in
                guard !isSet, status.stage == .measure else { return }
                isSet = true
                bench.shift.withLock { $0 += Int64(seconds * 1000) }
            }
            #expect(isSet && result.outcome.verdict == .aborted(.laneLocked))
            #expect(result.diagnosis?.code == .lockClockStep)
            #expect(bench.simulated.snapshot().plant.brakeForce < 200)
            try await expect(lane, [.clock])
        }
        try await bench.withLane { lane in
            try await expect(lane, [.clock])
            try await bench.check(.clock, on: lane)
            try await expect(lane, [])
        }
        // Set while nobody looked: noticed at the start, by the time since boot.
        bench.shift.withLock { $0 += Int64(seconds * 1000) }
        try await bench.withLane { lane in
            try await expect(lane, [.clock])
            let told = try await lane.journal.auditEntries(of: [AssuranceEntry.clockStep.rawValue]).map {
                try JSONValue(parsing: $0.detail)
            }
            // In the test, at the start after it by the time since boot, and now.
            #expect(told.count == 3)
            for detail in told {
                let old = try #require(detail["old"]?.text.flatMap { Timestamp($0) })
                let new = try #require(detail["new"]?.text.flatMap { Timestamp($0) })
                // The first two begin before the correction that was none.
                #expect(abs(Double(new.seconds - old.seconds) - seconds) <= 6, "\(detail)")
            }
        }
    }

    @Test("has many small steps of its clock add up")
    func smallSteps() async throws {
        let bench = try AssuredBench()
        try await bench.withLane { lane in
            try await bench.checkEverything(on: lane)
            try await expect(lane, [])
        }
        for step in 1...2 {
            bench.shift.withLock { $0 += 3000 }
            try await bench.withLane { lane in
                try await expect(lane, step < 2 ? [] : [.clock], "step \(step)")
            }
        }
    }

    @Test("is locked by another program, another lane file, another number of an instrument")
    func identity() async throws {
        let bench = try AssuredBench()
        try await bench.withLane { lane in try await bench.checkEverything(on: lane) }
        try await bench.withLane(executable: "b") { lane in try await expect(lane, [.software]) }
        try await bench.withLane([("constant: 0.1", "constant: 0.0")]) { lane in
            try await expect(lane, [.software])
        }
        try await bench.withLane([("serial: S-gas-analyzer", "serial: S-9")]) { lane in
            try await expect(lane, [.software, .checkMissing])
        }
        // What it was is what it may be.
        try await bench.withLane { lane in try await expect(lane, []) }
    }

    @Test("does not count a check whose program was killed")
    func killed() async throws {
        let bench = try AssuredBench()
        try await bench.withLane { lane in
            try await bench.checkEverything(on: lane)
            try await bench.check(.gasLeak, .failed, on: lane)
            // A check that was begun and not sealed, as a kill leaves it.
            let context = CheckContext(
                checkID: "killed", order: CheckOrder(kind: .gasLeak), person: nil,
                started: lane.time.wallTime(), isClockSynchronised: nil, rate: 50,
                software: SoftwareIdentity(version: "test", executable: Digest(of: []), isSimulationBuild: true),
                instruments: [], lane: lane.desk.parameters,
                requirements: PackReference(id: "p", bytes: []))
            let prologue = TestPrologue(context)
            for attachment in prologue.attachments { try await lane.journal.storeArtifact(attachment.bytes) }
            try await lane.journal.beginTest(
                id: "killed", method: prologue.method, lane: "BENCH", startedAt: lane.time.wallTime(), order: [],
                context: try prologue.bytes(), at: Date())
        }
        try await bench.withLane { lane in
            #expect(lane.recovered.map(\.verdict) == ["aborted"])
            #expect(lane.desk.checks.results.last?.verdict == "aborted")
            try await expect(lane, [.checkFailed])
        }
    }

    @Test("is told by a signed state, with what checks found, and every byte of it counts")
    func attestation() async throws {
        let bench = try AssuredBench()
        try await bench.withLane { lane in
            let loss = ParasiticLoss(quadratic: 0.0003, linear: 0.01, constant: 0.2)
            let first = try await bench.check(
                .parasiticLoss, parameters: [.parasiticLoss(ParasiticLoss(quadratic: 0, linear: 0, constant: 1))],
                on: lane)
            let record = try await bench.check(.parasiticLoss, parameters: [.parasiticLoss(loss)], on: lane)
            let bytes = try await lane.desk.attestation(lane.sealer).bytes
            let verifier = Verifier(trust: try TrustFile(contentsOf: lane.trustFile), allowSimulated: true)
            let report = LaneState.verify(bytes, with: verifier)
            #expect(report.isValid && LaneState.isClaimed(by: bytes), "\(report.findings)")
            let state = try #require(report.content)
            #expect(state.parts["software.executable"] == Digest(of: Array("a".utf8)).description)
            #expect(state.parts["instrument.dynamometer.serial"] == "S-dynamometer")
            #expect(state.parts["assurance.checks"] != nil && state.parts["pack.asm.limits"] != nil)
            #expect(state.parts["instrument.gas-analyzer.profile"] != nil)
            #expect(state.head == record.payloadDigest && state.size == record.counter)
            #expect(state.keys == lane.sealer.keys.map(\.id) && !state.keys.isEmpty)
            // The newest of its name, with the record that it is from.
            #expect(state.parameters.map(\.name) == ["parasitic-loss"])
            #expect(state.parameters.first?.record == record.payloadDigest && record.counter > first.counter)
            #expect(state.parameters.first?.value.contains("\"constant\":\"0.2\"") == true)

            for index in bytes.indices {
                var changed = bytes
                changed[index] ^= 1 << UInt8(index % 7)
                #expect(!LaneState.verify(changed, with: verifier).isValid, "byte \(index)")
            }
            // A simulated lane's state is no state of a lane, nor is one that a stranger signed.
            let strict = Verifier(trust: try TrustFile(contentsOf: lane.trustFile), allowSimulated: false)
            #expect(!LaneState.verify(bytes, with: strict).isValid)
            #expect(!LaneState.verify(bytes, with: Verifier(trust: .empty, allowSimulated: true)).isValid)
        }
    }
}
