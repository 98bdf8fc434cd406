import Foundation
import GRDB
import Testing

@Suite("Kills", .serialized)
struct KillTests {
    /// The first journal is of the first schema, so that a migration is among what is killed.
    private static let firstSchema = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("JournalTests/Schemas/1-evidence.sql")

    @Test("Killed at every step and at random, with an authority that fails at random, a lane loses nothing")
    func kills() async throws {
        let seed = runSeed()
        print("crash seed \(seed)")
        try await withDirectory(inMemory: true) { directory in
            var drill = try await KillDrill(directory: directory, seed: seed)
            let queue = try DatabaseQueue(path: drill.data + "/journal.sqlite")
            try await queue.write { db in
                try db.execute(sql: try String(contentsOf: Self.firstSchema, encoding: .utf8))
            }
            try queue.close()
            try await drill.killTheFirstStart()
            try await drill.killEverywhere(tests: setting("CRASH_TESTS", 20))
            try await drill.check()
        }
    }
}
