import Documents
import Foundation
import Glibc
import Journal
import Messages
import Standards
import Testing
import Uplink

@Suite("Back-pressure")
struct DeliveryGateTests {
    private func codes(_ gate: DeliveryGate, _ now: Date) async -> [MessageCode] {
        await gate.reasons(at: now).all.map(\.code)
    }

    @Test("A lane is locked past the hours of its pack, and free by itself once the authority has everything")
    func offline() async throws {
        try await withJournal(records: 2) { journal, _ in
            let gate = DeliveryGate(journal, DeliveryAllowance(hours: 24))
            #expect(await codes(gate, noon.addingTimeInterval(24 * 3_600)) == [])
            let late = noon.addingTimeInterval(24 * 3_600 + 1)
            #expect(await codes(gate, late) == [.uplinkPressureOffline])
            let clock = ManualClock()
            clock.advance(late.timeIntervalSince(noon))
            let pump = Pump(
                journal: journal, transport: ScriptedTransport(.accept),
                configuration: .init(base: "http://authority.example"), clock: clock)
            let done = try await pump.drain(until: late)
            #expect(done.count == 2)
            #expect(await codes(gate, late) == [])
        }
    }

    @Test("A lane is locked above the items of its pack, not at them; what waits for a person does not count")
    func backlog() async throws {
        try await withJournal(records: 3) { journal, _ in
            #expect(await codes(DeliveryGate(journal, DeliveryAllowance(items: 3)), noon) == [])
            let gate = DeliveryGate(journal, DeliveryAllowance(items: 2))
            #expect(await codes(gate, noon) == [.uplinkPressureBacklog])
            try await journal.quarantine(2, reason: Message(.uplinkTimeout, ["seconds": 1]), at: noon)
            #expect(await codes(gate, noon) == [])
        }
    }

    @Test("Too little room, too many items and too long a wait are told at once, as sentences with their numbers")
    func together() async throws {
        try await withJournal(records: 3) { journal, _ in
            let free = try #require(journal.freeBytes)
            let allowance = DeliveryAllowance(hours: 1, items: 1, freeBytes: free + (1 << 40))
            let reasons = await DeliveryGate(journal, allowance).reasons(at: noon.addingTimeInterval(7_200.5)).all
            #expect(reasons.map(\.code) == [.uplinkPressureStorage, .uplinkPressureOffline, .uplinkPressureBacklog])
            for language in Language.allCases {
                let texts = reasons.map { Catalogue(language).text($0) }
                #expect(texts[1].contains("2") && texts[2].contains("3") && texts[0].contains("\(free + (1 << 40))"))
                #expect(texts.allSatisfy { $0.firstMatch(of: /[{}]/) == nil })
            }
        }
    }

    @Test("A directory that is taken away locks the lane, and unlocks it when it is back")
    func vanished() async throws {
        try await withJournal(records: 1) { journal, directory in
            let gate = DeliveryGate(journal, DeliveryAllowance())
            #expect(rename(directory, directory + ".away") == 0)
            #expect(await codes(gate, noon) == [.journalVanished])
            #expect(rename(directory + ".away", directory) == 0)
            #expect(await codes(gate, noon) == [])
        }
    }

    @Test("The built-in pack reads; each wrong value in a pack is told with its line, all at once")
    func pack() throws {
        let rules = try DeliveryRules.builtIn()
        #expect([rules.offline, rules.backlog, rules.storage].map(\.unit) == ["h", "items", "MiB"])
        #expect([rules.offline, rules.backlog, rules.storage].allSatisfy { $0.grade == "own" && $0.note != nil })
        let text = String(decoding: rules.bytes, as: UTF8.self).replacing(#"value: "24""#, with: #"value: "0""#)
            .replacing("unit: items", with: "unit: pieces")
            .replacing("unit: MiB, source: own", with: "unit: MiB, source: law")
        let problems = #expect(throws: Problems.self) {
            try DeliveryRules(document: Document(bytes: bytes(text), name: "mine.yaml"))
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let expected = ["offline:", "backlog:", "storage:"].map { key in
            (lines.firstIndex { $0.hasPrefix(key) } ?? -1) + 1
        }
        #expect(problems?.all.compactMap(\.location.line) == expected)
    }
}
