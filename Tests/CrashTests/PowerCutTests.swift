import Authority
import Evidence
import Foundation
import Testing

@Suite("Power cuts", .serialized)
struct PowerCutTests {
    private static let cuts = setting("CRASH_PREFIXES", 200)
    /// A station's work, once for all tests here; the more cuts, the more there is to cut.
    private static let recording = Task {
        try await Recording(tests: cuts > 1_000 ? [4, 8, 12, 16, 20, 24, 28] : [3, 6, 9])
    }

    @Test("The log of writes misses nothing: replayed without a cut it gives the very files")
    func complete() async throws {
        let recording = try await Self.recording.value
        var disk = CutDisk(rootInode: recording.rootInode)
        for call in recording.calls { disk.apply(call) }
        let replayed = disk.withEverything()
        #expect(replayed.keys.sorted() == recording.files.keys.sorted())
        for (path, bytes) in recording.files { #expect(replayed[path] == bytes, "\(path)") }
        #expect(recording.files["journal.sqlite"]?.isEmpty == false)
    }

    @Test("Whatever was sealed or receipted is there after the power failed at any moment")
    func powerCuts() async throws {
        let seed = runSeed()
        print("power-cut seed \(seed)")
        var chance = SeededGenerator(seed: seed)
        let recording = try await Self.recording.value
        let calls = recording.calls
        let moments = Self.moments(calls, count: Self.cuts, &chance)
        // Each moment by itself: two at a time, whatever the computer, since a seed must give the same cuts everywhere.
        let shares = (0..<2).map { share in moments.filter { $0.key % 2 == share } }
        var account = PowerCutDrill.Account()
        try await withThrowingTaskGroup(of: PowerCutDrill.Account.self) { group in
            for (number, share) in shares.enumerated() {
                let chance = SeededGenerator(seed: seed &+ UInt64(number) &* 0x1_0000_0001)
                group.addTask { try await Self.drill(recording, share, chance) }
            }
            for try await part in group { account += part }
        }
        let (sealed, delivered) = Self.told(calls)
        print(
            """
            \(account.cuts) cuts at \(moments.count) of \(calls.count) calls; \
            records at the end \(sealed), receipts told \(delivered)
            writes not synchronised: kept \(account.tally.kept), dropped \(account.tally.dropped), \
            torn \(account.tally.torn), out of order \(account.tally.reordered); \
            names not synchronised but kept: \(account.tally.names)
            cuts with no journal yet: \(account.withoutJournal); with open tests: \(account.withOpenTests)
            time of both: rebuilding \(account.rebuilding), opening and closing \(account.opening), \
            reading everything \(account.reading), comparing \(account.comparing)
            """)
        #expect(account.cuts == Self.cuts)
        #expect(moments.count == min(Self.cuts, calls.count))
        #expect(sealed >= 9)
        #expect(delivered > sealed)
        #expect(account.tally.dropped > 0 && account.tally.torn > 0 && account.tally.reordered > 0)
        #expect(account.withOpenTests > 0)
    }

    /// Cuts the power at some moments.
    private static func drill(
        _ recording: Recording, _ moments: [Int: Int], _ chance: SeededGenerator
    ) async throws -> PowerCutDrill.Account {
        let (directory, remove) = try temporaryDirectory(inMemory: true)
        defer { remove() }
        var chance = chance
        var disk = CutDisk(rootInode: recording.rootInode)
        var drill = PowerCutDrill(directory: directory)
        for (index, call) in recording.calls.enumerated() {
            disk.apply(call)
            drill.listen(to: call)
            for _ in 0..<(moments[index] ?? 0) { try await drill.cut(disk, &chance, at: index) }
        }
        return drill.account
    }

    /// How many records and receipts the program told of by the end.
    private static func told(_ calls: [DiskCall]) -> (sealed: Int, delivered: Int) {
        var drill = PowerCutDrill(directory: "")
        for call in calls { drill.listen(to: call) }
        return (drill.sealed.count, drill.delivered.count)
    }

    @Test("A store that did not synchronise would be found out")
    func unsynchronised() async throws {
        // The same log without its synchronisations: if that passed, the test above would prove nothing.
        var chance = SeededGenerator(seed: 7)
        let recording = try await Self.recording.value
        try await withDirectory(inMemory: true) { directory in
            var disk = CutDisk(rootInode: recording.rootInode)
            var drill = PowerCutDrill(directory: directory)
            for call in recording.calls {
                if case .synchronise = call { continue }
                disk.apply(call)
                drill.listen(to: call)
            }
            drill.isExpectedToFail = true
            var failures = 0
            for _ in 0..<4 {
                do { try await drill.cut(disk, &chance, at: recording.calls.count) } catch { failures += 1 }
            }
            #expect(failures == 4)
        }
    }

    /// When the power fails: each moment once before any comes again, half of them around synchronisations, where the
    /// order of things matters most.
    private static func moments(_ calls: [DiskCall], count: Int, _ chance: inout SeededGenerator) -> [Int: Int] {
        let edges = calls.indices.filter {
            if case .synchronise = calls[$0] { return true }
            return false
        }.flatMap { [$0 - 1, $0] }.filter { $0 >= 0 }
        let first = Set(edges.shuffled(using: &chance).prefix(count / 2))
        let others = calls.indices.filter { !first.contains($0) }.shuffled(using: &chance)
        var moments: [Int: Int] = [:]
        for place in (Array(first) + others).prefix(count) { moments[place] = 1 }
        while moments.values.reduce(0, +) < count {
            moments[calls.indices.randomElement(using: &chance) ?? 0, default: 0] += 1
        }
        return moments
    }
}

/// A station at work, with starts and stops: every call that it made below its data directory, and what came of them.
private struct Recording: Sendable {
    let calls: [DiskCall]
    let rootInode: UInt64
    /// The files as the system shows them at the end, by path below the directory.
    let files: [String: [UInt8]]

    /// - Parameter tests: how many tests there are after each run of the program.
    init(tests: [Int]) async throws {
        let (directory, remove) = try temporaryDirectory(inMemory: true)
        defer { remove() }
        let data = directory + "/data"
        let log = directory + "/log"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        func run(_ authority: String, _ tests: Int) async throws {
            let ended = try await Station.run(
                ["run", data, authority, "\(tests)"], environment: ["DISK_LOG": log, "DISK_ROOT": data])
            try #require(ended.code == 0, "\(ended.errors)")
        }
        try await run("-", 0)
        let server = AuthorityServer(
            configuration: AuthorityConfiguration(
                storageDirectory: directory + "/authority",
                trustedKeys: try Authority.TrustedKey.readTrustFile(data + "/trust.json"), acceptsSimulated: true))
        let address = "http://\(try await server.start())"
        for count in tests { try await run(address, count) }
        await server.stop()
        calls = try DiskCall.read(log)
        let attributes = try FileManager.default.attributesOfItem(atPath: data)
        rootInode = try #require(attributes[.systemFileNumber] as? UInt64)
        var files: [String: [UInt8]] = [:]
        let paths = try #require(FileManager.default.enumerator(atPath: data)).compactMap { $0 as? String }
        for path in paths where !path.hasSuffix("-shm") {
            var isDirectory: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: "\(data)/\(path)", isDirectory: &isDirectory)
            if !isThere || isDirectory.boolValue { continue }
            files[path] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(data)/\(path)")))
        }
        self.files = files
    }
}
