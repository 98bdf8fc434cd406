import Evidence
import Foundation
import Journal
import Lane
import Messages
import Procedures
import SimulatedInstruments
import Testing

@Suite("A backup of a lane", .serialized)
struct BackupTests {
    private static let passphrase = Array("carried away".utf8)
    private static let now = Date(timeIntervalSince1970: 1_795_000_000)
    private static let moment = "2026-11-21T14:30:29Z"

    /// A lane with one sealed test and a test under way, as a killed program leaves it.
    private func withLane(_ body: (SimulatedBench, String) async throws -> Void) async throws {
        let bench = try await SimulatedBench()
        _ = try await bench.test { [panel = bench.lane.panel] frame, _ in
            if frame.tick >= 20 { panel.post(.operatorAbort) }
        }
        let away = "\(bench.directory)-away"
        try FileManager.default.createDirectory(atPath: away, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: away) }
        try await body(bench, away)
        await bench.close()
    }

    private func backup(
        _ bench: SimulatedBench, to target: String, keys: [UInt8]? = passphrase, configuration: [String] = []
    ) async throws -> BackupManifest {
        let reader = try await Journal.open(bench.directory, as: .reading)
        defer { try? reader.close() }
        return try await LaneBackup(of: bench.directory).write(
            to: target, journal: reader, keyPassphrase: keys, configuration: configuration, at: Self.moment
        ).manifest
    }

    private func restore(
        _ source: String, to target: String, keys: [UInt8]? = passphrase
    ) async throws -> LaneRestore.Outcome {
        try await LaneRestore(from: source, to: target).run(
            keyPassphrase: keys, passphrase: nil, reason: "new computer", at: Self.now, permit: { _, _ in })
    }

    @Test(
        "made while the lane is open restores everything into a new epoch, and the lane goes on",
        arguments: ["b", "b.tar"])
    func goesOn(name: String) async throws {
        try await withLane { bench, away in
            let file = "\(away)/references.yaml"
            try "bottles: []\n".write(toFile: file, atomically: true, encoding: .utf8)
            let manifest = try await backup(bench, to: "\(away)/\(name)", configuration: [file])
            #expect(manifest.counter == 1 && manifest.epoch == 1 && manifest.holdsKeys)
            // What the old computer seals after it is lost with it.
            let lost = try await bench.test { [panel = bench.lane.panel] frame, _ in
                if frame.tick >= 20 { panel.post(.operatorAbort) }
            }.record
            #expect(lost.counter == 2)
            let ids = bench.lane.sealer.keys.map(\.id)
            await bench.lane.close()

            let data = "\(away)/data"
            let outcome = try await restore("\(away)/\(name)", to: data)
            #expect(outcome.epoch.epoch == 2 && outcome.epoch.after == 1 && !outcome.madeKeys)
            #expect(FileManager.default.fileExists(atPath: "\(data)/configuration/references.yaml"))
            // The authority has the record that is not here, and knows of no epoch yet.
            let received = ReceivedRecord(counter: lost.counter, digest: lost.payloadDigest)
            let lane = try await bench.reopen(data) { _ in ReceivedChain(newest: received) }
            #expect(lane.sealer.keys.map(\.id) == ids)
            let again = try await bench.test(on: lane) { frame, _ in
                if frame.tick >= 20 { lane.panel.post(.operatorAbort) }
            }.record
            #expect(again.counter == 2 && again.payloadDigest != lost.payloadDigest)
            let kinds = try await lane.journal.outbox().map(\.kind)
            #expect(kinds == [.record, .epoch, .record])
            let verifier = Verifier(
                trust: try TrustFile(contentsOf: lane.trustFile), allowSimulated: true, requiring: [.ed25519, .sm2])
            #expect(try await verifier.verifyChain(of: lane.journal).findings == [])
            #expect(try await lane.journal.check() == [])
            let statement = Array(try #require(FileManager.default.contents(atPath: "\(data)/epoch-2.json")))
            #expect(verifier.verifyEpochOpening(statement).isValid)
            await lane.close()

            // The old computer is told once the authority has the statement.
            await #expect(throws: LaneError.self) {
                try await bench.reopen(bench.directory) { _ in
                    ReceivedChain(newest: received, epoch: ReceivedEpoch(epoch: 2, after: 1))
                }
            }
        }
    }

    @Test("without keys brings new ones, and the old records are still believed")
    func withoutKeys() async throws {
        try await withLane { bench, away in
            let manifest = try await backup(bench, to: "\(away)/b", keys: nil)
            #expect(!manifest.holdsKeys && !manifest.files.contains { $0.name.hasSuffix(".key") })
            await bench.lane.close()
            let outcome = try await restore("\(away)/b", to: "\(away)/data", keys: nil)
            #expect(outcome.madeKeys)
            let lane = try await bench.reopen("\(away)/data")
            #expect(Set(lane.sealer.keys.map(\.id)).isDisjoint(with: bench.lane.sealer.keys.map(\.id)))
            let verifier = Verifier(trust: try TrustFile(contentsOf: lane.trustFile), allowSimulated: true)
            #expect(try await verifier.verifyChain(of: lane.journal).findings == [])
            await lane.close()
        }
    }

    @Test("whose keys leave the computer has them encrypted, and a wrong passphrase restores nothing")
    func encrypted() async throws {
        try await withLane { bench, away in
            _ = try await backup(bench, to: "\(away)/b")
            let keys = try FileManager.default.contentsOfDirectory(atPath: "\(away)/b/keys").filter {
                $0.hasSuffix(".key")
            }
            #expect(keys.count == 2)
            for key in keys {
                let text = try String(contentsOfFile: "\(away)/b/keys/\(key)", encoding: .utf8)
                #expect(text.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
            }
            await #expect(throws: SigningKeyError.self) {
                try await restore("\(away)/b", to: "\(away)/data", keys: Array("wrong".utf8))
            }
            await #expect(throws: BackupError.passphraseNeeded) {
                try await restore("\(away)/b", to: "\(away)/data", keys: nil)
            }
            // Neither a data directory nor a part of one is left.
            #expect(try FileManager.default.contentsOfDirectory(atPath: away) == ["b"])
        }
    }

    @Test("with a changed, missing or added file is refused by name, in the folder and in the tar file")
    func damaged() async throws {
        try await withLane { bench, away in
            let files = FileManager.default
            let manifest = try await backup(bench, to: "\(away)/b")
            _ = try await backup(bench, to: "\(away)/b.tar")
            func findings(_ source: String) async throws -> [String] {
                do {
                    _ = try await restore(source, to: "\(away)/data")
                    return []
                } catch let error as BackupError {
                    return (error.details.isEmpty ? [error.message] : error.details).map {
                        "\($0.code.rawValue) \($0.arguments["name"]?.description ?? "–")"
                    }
                }
            }
            for file in manifest.files {
                let path = "\(away)/b/\(file.name)"
                let good = try #require(files.contents(atPath: path))
                var bad = good
                bad[bad.count / 2] ^= 1
                try bad.write(to: URL(fileURLWithPath: path))
                #expect(try await findings("\(away)/b") == ["backup.file-changed \(file.name)"])
                try files.removeItem(atPath: path)
                #expect(try await findings("\(away)/b") == ["backup.file-missing \(file.name)"])
                try good.write(to: URL(fileURLWithPath: path))
            }
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(away)/b/people.json"))
            #expect(try await findings("\(away)/b") == ["backup.file-unknown people.json"])
            try files.removeItem(atPath: "\(away)/b/people.json")

            var tar = try #require(files.contents(atPath: "\(away)/b.tar"))
            for place in stride(from: 256, to: tar.count, by: tar.count / 7) {
                let good = tar
                tar[place] ^= 1
                try tar.write(to: URL(fileURLWithPath: "\(away)/bad.tar"))
                let found = try await findings("\(away)/bad.tar")
                // Padding between files is nobody's.
                if tar[place] != 1 { #expect(!found.isEmpty, "byte \(place)") }
                tar = good
            }
            try tar.prefix(tar.count / 2).write(to: URL(fileURLWithPath: "\(away)/bad.tar"))
            #expect(try await findings("\(away)/bad.tar") == ["backup.unreadable –"])
            #expect(!files.fileExists(atPath: "\(away)/data"))
            // Nothing is written over.
            await #expect(throws: BackupError.targetExists(path: "\(away)/b")) {
                try await backup(bench, to: "\(away)/b")
            }
            await #expect(throws: BackupError.targetExists(path: bench.directory)) {
                try await restore("\(away)/b", to: bench.directory)
            }
        }
    }

    @Test("of a lane in the middle of a test has the test, with what was on the wires, and the restored lane seals it")
    func underWay() async throws {
        let bench = try await SimulatedBench()
        let away = "\(bench.directory)-away"
        try FileManager.default.createDirectory(atPath: away, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: away) }
        let backedUp = AsyncStream.makeStream(of: Void.self)
        async let copy: Void = {
            for await _ in backedUp.stream { _ = try await backup(bench, to: "\(away)/b") }
        }()
        _ = try await bench.test { [panel = bench.lane.panel] frame, _ in
            if frame.tick == 60 {
                backedUp.continuation.yield()
                backedUp.continuation.finish()
            }
            if frame.tick >= 600 { panel.post(.operatorAbort) }
        }
        try await copy
        await bench.lane.close()
        let outcome = try await restore("\(away)/b", to: "\(away)/data")
        #expect(outcome.epoch.after == 0)
        let lane = try await bench.reopen("\(away)/data")
        let record = try #require(lane.recovered.first)
        #expect(record.verdict == "aborted" && record.counter == 1)
        let envelope = try Envelope(parsing: try await lane.journal.envelope(of: 1))
        let payload = try JSONValue(parsing: envelope.payload)
        let attachments = try await lane.journal.attachments(of: 1)
        let wire = WireRecomputation(of: payload) { name in attachments.first { $0.name == name }?.bytes }
        #expect(wire.findings == [])
        print("a test under way: \(wire.frameCount) frames again from \(wire.decodedCount) replies")
        #expect(wire.frameCount > 20 && wire.decodedCount > wire.frameCount)
        await lane.close()
        bench.simulated.stop()
    }
}
