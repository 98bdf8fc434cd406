import Evidence
import Foundation
import Journal
import Testing

/// Rebuilds a directory as a power cut leaves it, opens it, and looks for what was promised.
struct PowerCutDrill {
    let directory: String
    private let rebuilt: RebuiltDirectory
    /// What the time went to.
    private(set) var (rebuilding, checking) = (Duration.zero, Duration.zero)
    var isExpectedToFail = false
    private(set) var cuts = 0
    private(set) var withoutJournal = 0
    private(set) var withOpenTests = 0
    private(set) var tally = CutDisk.Tally()
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

    /// One cut: writes what is left of the files, and checks it.
    mutating func cut(_ disk: CutDisk, _ chance: inout SeededGenerator, at moment: Int) async throws {
        cuts += 1
        let began = ContinuousClock.now
        try rebuilt.become(disk.afterPowerCut(&chance, &tally))
        let rebuiltAt = ContinuousClock.now
        defer {
            rebuilding += rebuiltAt - began
            checking += ContinuousClock.now - rebuiltAt
        }
        guard FileManager.default.fileExists(atPath: directory + "/journal.sqlite") else {
            withoutJournal += 1
            try require(sealed.isEmpty && begun.isEmpty, "no journal at call \(moment)")
            return
        }
        let journal: Journal
        do {
            journal = try await Journal.open(directory, reserve: 0)
        } catch {
            return try require(false, "\(error) at call \(moment)")
        }
        do {
            try await check(journal, at: moment)
            try journal.close()
        } catch {
            try? journal.close()
            throw error
        }
    }

    private mutating func check(_ journal: Journal, at moment: Int) async throws {
        let findings = try await journal.check()
        try require(findings.isEmpty, "\(findings) at call \(moment)")
        let records = try await journal.records(limit: .max)
        try require(
            records.map(\.counter).reversed() == Array(1..<records.count + 1), "numbers at call \(moment)")
        for (counter, digest) in sealed {
            let found = records.first { $0.counter == counter }?.payloadDigest.description
            try require(found == digest, "record \(counter) at call \(moment): \(found ?? "none")")
        }
        let open = try await journal.openTests()
        if !open.isEmpty { withOpenTests += 1 }
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
