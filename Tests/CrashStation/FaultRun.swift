import CDiskLog
import Evidence
import Foundation
import Glibc
import Journal
import Lane
import Messages
import Uplink

/// Tests in which one call after the other that writes, synchronises or names a file fails: once with an I/O error, once
/// with a full disk, once with every call failing from there on until somebody mends it.
struct FaultRun {
    let directory: String

    private enum Fault: String, CaseIterable {
        case inputOutput
        case diskFull
        case fullUntilMended
        case readOnlyUntilMended

        var code: Int32 {
            switch self {
            case .inputOutput: EIO
            case .diskFull, .fullUntilMended: ENOSPC
            case .readOnlyUntilMended: EROFS
            }
        }

        /// From one place of the fault to the next: a disk that can only be read fails as one that is full.
        var stride: Int { self == .readOnlyUntilMended ? 5 : 1 }

        var isLasting: Bool { self == .fullUntilMended || self == .readOnlyUntilMended }
    }

    /// Runs the faults and tells how often what came of them.
    func run() async throws {
        let sealer = try CrashStation.sealer(directory)
        let journal = try await Journal.open(directory, reserve: 0)
        let ledger = Ledger()
        let authority = ObedientAuthority()
        var table: [String: Int] = [:]
        for fault in Fault.allCases {
            var place = 0
            while true {
                disk_log_fail(Int32(place), fault.isLasting ? 0 : 1, fault.code)
                for words in await attempt(journal, sealer, authority, ledger) {
                    table["\(fault.rawValue) \(words)", default: 0] += 1
                }
                let failures = disk_log_mend()
                if fault.isLasting { try await requireLock(fault, journal, &table) }
                // Nobody has to do anything but mend the disk: the same journal accounts for what is open, and delivers.
                for record in try await Recovery.sealOpenTests(
                    in: journal, with: sealer, at: SyntheticTest.wallTime())
                {
                    ledger.sealed[record.counter] = record.payloadDigest
                }
                try await deliver(journal, authority, ledger)
                try await ledger.compare(with: journal)
                if failures == 0 { break }
                place += fault.stride
                table["\(fault.rawValue) places", default: 0] += 1
            }
        }
        let findings = try await journal.check()
        guard findings.isEmpty else { throw CrashError.impossible("\(findings)") }
        let outbox = try await journal.outbox()
        guard authority.digests == Set(outbox.map(\.payloadDigest)) else { throw CrashError.impossible("authority") }
        for (name, count) in table.sorted(by: { $0.key < $1.key }) { tell("\(count) \(name)") }
        tell("\(ledger.sealed.count) records")
        tell("\(ledger.delivered.count) receipts")
        tell("\(authority.repeated) sent again")
        try journal.close()
    }

    /// Runs a test, exports its record and delivers; says what came of it.
    private func attempt(
        _ journal: Journal, _ sealer: RecordSealer, _ authority: ObedientAuthority, _ ledger: Ledger
    ) async -> [String] {
        var words: [String] = []
        do {
            let test = try SyntheticTest(id: UUID().uuidString, isWhole: false)
            let record = try await test.run(in: journal, sealer, parts: 2) {
                if $0.hasPrefix("begun") { ledger.begun.insert(test.id) }
            }
            ledger.sealed[record.counter] = record.payloadDigest
            words.append("sealed")
            do { try await journal.export(record.counter, to: "\(directory)/export-\(record.counter)") } catch {
                words.append(error.message.code.rawValue)
            }
        } catch {
            words.append((error as? any MessageError)?.message.code.rawValue ?? "\(error)")
        }
        do { try await deliver(journal, authority, ledger) } catch {
            words.append((error as? any MessageError)?.message.code.rawValue ?? "\(error)")
        }
        return words
    }

    /// While nothing can be stored no test begins, and the reason is a sentence.
    private func requireLock(_ fault: Fault, _ journal: Journal, _ table: inout [String: Int]) async throws {
        disk_log_fail(0, 0, fault.code)
        defer { _ = disk_log_mend() }
        do {
            try await journal.beginTest(
                id: UUID().uuidString, method: "asm", lane: SyntheticTest.lane, startedAt: "", order: [], context: [],
                at: Date())
        } catch {
            table["\(fault.rawValue) locked: \(error.message.code.rawValue)", default: 0] += 1
            return
        }
        throw CrashError.impossible("a test began on a disk that takes nothing")
    }

    private func deliver(_ journal: Journal, _ authority: ObedientAuthority, _ ledger: Ledger) async throws {
        let pump = Pump(
            journal: journal, transport: authority, configuration: Pump.Configuration(base: "http://authority.example"))
        for item in try await pump.drain(until: Date(timeIntervalSinceNow: 60)) where item.state == .delivered {
            ledger.delivered.insert(item.number)
        }
    }
}

/// What the program has told the world, and must be able to show.
final class Ledger {
    var begun: Set<String> = []
    var sealed: [Int: Digest] = [:]
    var delivered: Set<Int> = []

    /// - Throws: what is missing.
    func compare(with journal: Journal) async throws {
        let records = try await journal.records(limit: .max)
        let counters = records.map(\.counter)
        guard counters.reversed() == Array(1..<counters.count + 1) else { throw CrashError.impossible("\(counters)") }
        let found = Dictionary(records.map { ($0.counter, $0.payloadDigest) }) { first, _ in first }
        for (counter, digest) in sealed where found[counter] != digest {
            throw CrashError.impossible("record \(counter)")
        }
        guard begun.isSubset(of: Set(records.map(\.test))) else { throw CrashError.impossible("a test") }
        let outbox = try await journal.outboxStatistics()
        guard outbox.pending == 0, outbox.quarantined == 0, outbox.delivered >= delivered.count else {
            throw CrashError.impossible("outbox: \(outbox)")
        }
    }
}
