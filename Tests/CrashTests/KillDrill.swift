import Authority
import Evidence
import Foundation
import Testing

/// Kills a station again and again, and counts.
struct KillDrill {
    let data: String
    let store: String
    private var chance: SeededGenerator
    private(set) var server: AuthorityServer?
    private var address = ""
    private var port = 0
    private(set) var killsAtPoint: [String: Int] = [:]
    private(set) var killsAtRandom = 0
    private(set) var runs = 0
    private(set) var restarts = 0
    /// How long the last run took that came to its end.
    private var lastRun = Duration.milliseconds(300)
    private(set) var begun: Set<String> = []
    private(set) var sealed: [Int: String] = [:]
    /// What the authority has counted, over all its starts.
    private(set) var received = (total: 0, duplicates: 0, accepted: 0)
    /// How often it failed on purpose, by kind.
    private(set) var failures: [String: Int] = [:]

    private static let kinds: [Behaviour.Kind] = [
        .unavailable, .slow, .dropConnection, .loseReceipt, .garbage, .wrongReceipt, .serverFault, .unauthorised,
        .redirect, .truncated, .reset, .duplicate, .skewed, .reject, .outOfOrder,
    ]

    /// Points that a lane passes before it has a key, and so before there can be an authority that knows it.
    private static let first: [FailPoint] = [.migrationBackedUp, .journalOpened, .fileWritten, .fileSynchronised]

    init(directory: String, seed: UInt64) async throws {
        data = directory + "/data"
        store = directory + "/authority"
        chance = SeededGenerator(seed: seed)
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    }

    /// The first start of a lane: migration and keys.
    mutating func killTheFirstStart() async throws {
        for point in Self.first { try await run(["run", data, "-", "0"], at: point, pass: 1) }
        try await run(["run", data, "-", "0"])
        #expect(FileManager.default.fileExists(atPath: data + "/trust.json"))
    }

    /// Kills the station at every point, and as often at random times, until it has begun so many tests.
    mutating func killEverywhere(tests: Int) async throws {
        try await startAuthority()
        var waiting = FailPoint.allCases.filter { $0 != .migrationBackedUp }
        var target = 0
        while target < tests || !waiting.isEmpty {
            target += 1
            if runs % 12 == 11 { try await restartAuthority() }
            if !waiting.isEmpty, target % 3 != 0 {
                let point = waiting.removeFirst()
                try await provoke(point)
                let pass = killsAtPoint["\(point)"] == nil ? Int.random(in: 1...2, using: &chance) : 1
                let isHit = try await run(["run", data, address, "\(target)"], at: point, pass: pass)
                if !isHit { waiting.append(point) }
                await server?.behave(.proper)
            } else {
                // At any moment of a run; most of what a run does is at its end.
                let share = Double.random(in: 0.2...0.95, using: &chance)
                try await run(["run", data, address, "\(target)"], killAfter: lastRun * share)
                if target >= tests / 2, waiting.isEmpty, target < tests {
                    // Each point again, until there are tests enough.
                    waiting = FailPoint.allCases.filter { $0 != .migrationBackedUp }
                }
            }
            try #require(runs < tests * 10 + 200, "points that were never passed: \(waiting)")
        }
        await server?.behaveErratically(percent: 0, kinds: [], seed: 0)
        let last = try await run(["run", data, address, "\(target)"])
        #expect(!last)
    }

    /// What has to happen for a point to be passed.
    private func provoke(_ point: FailPoint) async throws {
        switch point {
        case .retryWritten: await server?.behave(Behaviour(.unavailable, count: 3))
        case .quarantineWritten, .requeueWritten: await server?.behave(Behaviour(.reject, count: 3))
        default: break
        }
    }

    /// Runs the station once.
    ///
    /// - Returns: whether it was killed.
    @discardableResult
    private mutating func run(
        _ arguments: [String], at point: FailPoint? = nil, pass: Int = 1, killAfter limit: Duration? = nil
    ) async throws -> Bool {
        runs += 1
        let began = ContinuousClock.now
        let environment = point.map { ["LANE_FAIL_POINT": "\($0)@\(pass)"] } ?? [:]
        let ended = try await Station.run(arguments, environment: environment, killAfter: limit)
        for line in ended.lines {
            let words = line.split(separator: " ")
            if words.first == "begun" { begun.insert(String(words[1])) }
            if words.first == "sealed", let counter = Int(words[1]) { sealed[counter] = String(words[2]) }
        }
        if ended.code == -SIGKILL {
            if let point { killsAtPoint["\(point)", default: 0] += 1 } else { killsAtRandom += 1 }
            return true
        }
        try #require(ended.code == 0, "\(ended.code) \(ended.errors)")
        lastRun = ContinuousClock.now - began
        return false
    }

    mutating func startAuthority() async throws {
        let keys = try Authority.TrustedKey.readTrustFile(data + "/trust.json")
        let server = AuthorityServer(
            configuration: AuthorityConfiguration(
                storageDirectory: store, trustedKeys: keys, acceptsSimulated: true, port: port))
        let bound = try await server.start()
        (port, address) = (bound.port, "http://\(bound)")
        await server.behaveErratically(percent: 25, kinds: Self.kinds, seed: chance.next())
        self.server = server
    }

    /// What the authority had not stored is forgotten.
    private mutating func restartAuthority() async throws {
        await stopAuthority()
        restarts += 1
        try await startAuthority()
    }

    mutating func stopAuthority() async {
        guard let server else { return }
        let report = await server.report
        received.total += report.received
        received.duplicates += report.duplicates + report.streamDuplicates
        received.accepted += report.accepted + report.streamAccepted
        for (kind, count) in report.misbehaved { failures["\(kind)", default: 0] += count }
        await server.stop()
        self.server = nil
    }
}
