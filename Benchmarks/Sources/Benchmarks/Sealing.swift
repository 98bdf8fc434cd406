import Evidence
import Foundation
import Journal
import Lane
import Standards

/// Seals a whole test's record and commits it, against the same bytes written through SQLite's C interface.
struct Sealing {
    private let vehicle: DirtyVehicle
    private let sealer: RecordSealer
    private let instruments: [InstrumentIdentity]

    private init() throws {
        vehicle = try DirtyVehicle()
        sealer = RecordSealer(
            lane: "BENCHMARK", station: "BENCHMARK", origin: .simulated,
            keys: try SignatureAlgorithm.allCases.map { try SigningKey(new: $0, origin: .simulated) })
        instruments = try FinishedTest.instruments()
    }

    static func run() async throws -> Findings {
        let space = try Workspace()
        let sealing = try Sealing()
        let journal = try await Journal.open(space.folder("ours"))
        let store = try PlainStore(path: "\(space.folder("reference"))/plain.sqlite")
        var ours = Samples()
        var building = Samples()
        var reference = Samples()
        var sizes = (envelope: 0, frames: 0)
        for round in 0..<64 {
            let (id, record) = try await sealing.begin(seed: UInt64(round), in: journal)
            let start = monotonicSeconds()
            let stored = try await sealing.sealer.seal(record, test: id, in: journal)
            let sealed = monotonicSeconds() - start
            let written = try await WrittenRecord(stored, in: journal)
            let committed = try store.commit(written)
            let built = try sealing.build(record, like: stored)
            // The first rounds fill caches and grow files.
            if round < 4 { continue }
            ours.add(sealed * 1000)
            reference.add(committed * 1000)
            building.add(built * 1000)
            sizes = (written.envelope.count, written.frames.count)
        }
        try journal.close()
        return Findings(
            lines: [
                Line(
                    name: "record, sealed and committed", unit: "ms", ours: ours, reference: reference,
                    requirement: .ratio(atMost: 2)),
                Line(name: "  of it, digests, payload and signature", unit: "ms", ours: building),
            ],
            notes: [
                "envelope \(sizes.envelope / 1000) kB, frames \(sizes.frames / 1000) kB, one transaction each; WAL,"
                    + " synchronised at every commit; in \(space.path)"
            ])
    }

    /// Runs a test in virtual time and begins it in the journal, as a session does.
    private func begin(seed: UInt64, in journal: Journal) async throws -> (id: String, record: TestRecord) {
        let test = try FinishedTest(vehicle, seed: seed, station: sealer.station, instruments: instruments)
        let prologue = TestPrologue(test.context)
        for attachment in prologue.attachments { _ = try await journal.storeArtifact(attachment.bytes) }
        try await journal.beginTest(
            id: test.context.testID, method: TestMethod.asm.rawValue, lane: sealer.lane,
            startedAt: test.context.started,
            order: try (prologue.members["order"] ?? .null).canonicalBytes(), context: try prologue.bytes(),
            at: Date())
        return (test.context.testID, try test.record())
    }

    /// Seconds for taking digests, making the payload and signing it, without storing anything.
    private func build(_ record: TestRecord, like stored: StoredRecord) throws -> Double {
        let start = monotonicSeconds()
        let references = record.attachments.map { $0.reference(signing: sealer.signing) }
        let payload = record.payload(
            lane: sealer.lane, station: sealer.station, counter: stored.counter,
            previous: stored.counter == 1 ? nil : stored.payloadDigest, audit: stored.payloadDigest,
            origin: sealer.origin, signing: sealer.signing, references: references)
        let signed = try SignedRecord(payload: payload, signedWith: sealer.keys)
        let took = monotonicSeconds() - start
        guard signed.header.attachments == references else { throw NotMeasured("the record has other attachments") }
        return took
    }
}
