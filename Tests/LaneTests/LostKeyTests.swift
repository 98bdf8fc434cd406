import Evidence
import Foundation
import Journal
import Lane
import Procedures
import Testing

@Suite("A lane whose keys are gone", .serialized)
struct LostKeyTests {
    private static let now = "2026-11-21T14:30:29Z"

    private func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test("is refused and given no new ones, until a person makes some on purpose")
    func lost() async throws {
        let bench = try await SimulatedBench()
        _ = try await bench.test { _, _ in bench.lane.panel.post(.operatorAbort) }
        await bench.lane.close()
        let (keys, trust) = ("\(bench.directory)/keys", bench.lane.trustFile)
        let believed = try TrustFile(contentsOf: trust)
        let refusal = KeyRegisterError.lost(
            directory: keys, lane: "BENCH", origin: "simulated", algorithms: ["ed25519", "sm2"])

        // The register alone can be made again from the lane's first keys.
        try FileManager.default.removeItem(atPath: "\(keys)/register.json")
        await (try await bench.reopen(bench.directory)).close()
        #expect(try TrustFile(contentsOf: trust) == believed)

        try FileManager.default.moveItem(atPath: keys, toPath: "\(keys).away")
        await #expect(throws: refusal) { try await bench.reopen(bench.directory) }
        #expect(try files(keys) == [])
        #expect(try TrustFile(contentsOf: trust) == believed)
        // Without the trust file the audit trail still knows.
        try FileManager.default.moveItem(atPath: trust, toPath: "\(trust).away")
        await #expect(throws: refusal) { try await bench.reopen(bench.directory) }
        try FileManager.default.moveItem(atPath: "\(trust).away", toPath: trust)
        // Another lane's first keys in their place are not the lane's.
        for algorithm in SignatureAlgorithm.allCases {
            _ = try SigningKey.loadOrCreate(in: keys, origin: .simulated, algorithm: algorithm)
        }
        await #expect(throws: refusal) { try await bench.reopen(bench.directory) }
        try FileManager.default.removeItem(atPath: keys)

        // From the backup.
        try FileManager.default.copyItem(atPath: "\(keys).away", toPath: keys)
        await (try await bench.reopen(bench.directory)).close()
        #expect(try TrustFile(contentsOf: trust) == believed)

        // On purpose, as `lane keys create` does.
        try FileManager.default.removeItem(atPath: keys)
        var register = try KeyRegister(directory: keys)
        try register.create(lane: "BENCH", origin: .simulated, .ed25519, at: Self.now)
        await #expect(
            throws: KeyRegisterError.lost(directory: keys, lane: "BENCH", origin: "simulated", algorithms: ["sm2"])
        ) { try await bench.reopen(bench.directory) }
        try register.create(lane: "BENCH", origin: .simulated, .sm2, at: Self.now)
        let lane = try await bench.reopen(bench.directory)
        #expect(Set(lane.sealer.keys.map(\.id)) == Set(register.entries.map(\.key.id)))
        await lane.close()
        await bench.close()
    }
}
