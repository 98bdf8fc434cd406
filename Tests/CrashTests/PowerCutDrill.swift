import Evidence
import Foundation
import Journal
import Testing

/// Rebuilds a directory as a power cut leaves it, opens it, and looks for what was promised.
struct PowerCutDrill {
    let directory: String
    /// What has happened.
    struct Account: Sendable {
        var cuts = 0
        var withoutJournal = 0
        var withOpenTests = 0
        var tally = CutDisk.Tally()
        /// What the time went to.
        var (rebuilding, opening, reading, comparing) = (Duration.zero, Duration.zero, Duration.zero, Duration.zero)

        static func += (sum: inout Account, other: Account) {
            sum.cuts += other.cuts
            sum.withoutJournal += other.withoutJournal
            sum.withOpenTests += other.withOpenTests
            sum.tally += other.tally
            sum.rebuilding += other.rebuilding
            sum.opening += other.opening
            sum.reading += other.reading
            sum.comparing += other.comparing
        }
    }

    var isExpectedToFail = false
    private(set) var account = Account()
    private let rebuilt: RebuiltDirectory
    /// What the program had told the world before the cut.
    private(set) var sealed: [Int: String] = [:]
    private(set) var delivered: Set<Int> = []
    private var begun: Set<String> = []
    private var verified: [[UInt8]] = []

    init(directory: String) {
        self.directory = directory
        rebuilt = RebuiltDirectory(directory)
    }

    mutating func listen(to call: DiskCall) {
        guard case .note(let text) = call else { return }
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "begun": begun.insert(words[1])
        case "sealed": sealed[Int(words[1]) ?? 0] = words[2]
        case "delivered": delivered.insert(Int(words[1]) ?? 0)
        default: break
        }
    }

    /// One cut: makes what is left of the files, and checks it.
    mutating func cut(_ disk: CutDisk, _ chance: inout SeededGenerator, at moment: Int) async throws {
        account.cuts += 1
        var watch = Stopwatch()
        try rebuilt.become(disk.afterPowerCut(&chance, &account.tally))
        account.rebuilding += watch.lap()
        guard FileManager.default.fileExists(atPath: directory + "/journal.sqlite") else {
            account.withoutJournal += 1
            try require(sealed.isEmpty && begun.isEmpty, "no journal at call \(moment)")
            return
        }
        let journal: Journal
        do {
            journal = try await Journal.open(directory, reserve: 0)
        } catch {
            return try require(false, "\(error) at call \(moment)")
        }
        account.opening += watch.lap()
        do {
            let findings = try await journal.check()
            try require(findings.isEmpty, "\(findings) at call \(moment)")
            account.reading += watch.lap()
            try await compare(journal, at: moment)
            account.comparing += watch.lap()
            try journal.close()
            account.opening += watch.lap()
        } catch {
            try? journal.close()
            throw error
        }
    }

    private struct Stopwatch {
        private var last = ContinuousClock.now

        /// The time since the last lap.
        mutating func lap() -> Duration {
            let now = ContinuousClock.now
            defer { last = now }
            return now - last
        }
    }

    private mutating func compare(_ journal: Journal, at moment: Int) async throws {
        let records = try await journal.records(limit: .max)
        try require(
            records.map(\.counter).reversed() == Array(1..<records.count + 1), "numbers at call \(moment)")
        for (counter, digest) in sealed {
            let found = records.first { $0.counter == counter }?.payloadDigest.description
            try require(found == digest, "record \(counter) at call \(moment): \(found ?? "none")")
        }
        let open = try await journal.openTests()
        if !open.isEmpty { account.withOpenTests += 1 }
        let known = Set(records.map(\.test)).union(open.map(\.id))
        try require(begun.isSubset(of: known), "tests at call \(moment)")
        let receipted = Set(try await journal.outbox(.delivered).filter { $0.receipt != nil }.map(\.number))
        try require(delivered.isSubset(of: receipted), "\(delivered.subtracting(receipted)) at call \(moment)")
        guard !records.isEmpty else { return }
        var envelopes: [[UInt8]] = []
        for counter in 1...records.count { envelopes.append(try await journal.envelope(of: counter)) }
        let trust = try TrustFile(contentsOf: directory + "/trust.json")
        // The very bytes of a chain that was verified before need no second look.
        if verified.count < envelopes.count || Array(verified.prefix(envelopes.count)) != envelopes {
            let chain = Verifier(trust: trust, allowSimulated: true).verifyChain(envelopes, through: records.count)
            try require(chain.isValid, "\(chain.findings) at call \(moment)")
            verified = envelopes
        }
        // The key is there, too, or the next record could not follow.
        try require(
            FileManager.default.fileExists(atPath: directory + "/keys/\(SigningKey.fileName(for: .simulated))"),
            "the key at call \(moment)")
    }

    private func require(_ condition: Bool, _ words: String) throws {
        if condition { return }
        if !isExpectedToFail { Issue.record("\(words)") }
        throw Lost(what: words)
    }

    struct Lost: Error {
        let what: String
    }
}
