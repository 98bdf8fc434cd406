import Assurance
import Evidence
import Foundation
import Journal
import Messages
import Testing

@Suite("People")
struct PeopleTests {
    /// RFC 7914, section 12, the vectors that do not take a gigabyte.
    @Test(
        "have passwords stretched as RFC 7914 does",
        arguments: [
            (
                "", "", 16, 1, 1,
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", 1024, 8, 16,
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
            (
                "pleaseletmein", "SodiumChloride", 16384, 8, 1,
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
            ),
        ])
    func scrypt(password: String, salt: String, n: Int, r: Int, p: Int, expected: String) async throws {
        let key = await PasswordHash.derive(
            Array(password.utf8), Array(salt.utf8), PasswordHash.Cost(n: n, r: r, p: p), length: 64)
        let digits = try #require(key).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(digits == expected)
    }

    @Test("cannot make the machine run out of memory by what their file asks for")
    func cost() async {
        for cost in [(1 << 25, 8, 1), (1000, 8, 1), (1024, 0, 1), (1024, 8, 99)] {
            let key = await PasswordHash.derive(
                [1], [2], PasswordHash.Cost(n: cost.0, r: cost.1, p: cost.2), length: 32)
            #expect(key == nil, "\(cost)")
        }
    }

    let start = Date(timeIntervalSince1970: Double(WholeLane.morning.seconds))

    func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    func enter(_ desk: SignInDesk) async throws -> SignedInPerson {
        try await desk.enter("Wang", .supervisor, password: Array("correct horse".utf8), by: nil, at: start)
        return try await desk.signIn("Wang", password: Array("correct horse".utf8), for: .people, at: start)
    }

    @Test("are told to the audit trail with the role they had and have, by whom and under whose account")
    func audited() async throws {
        let lane = try SealedLane()
        let told = try await lane.withJournal { journal in
            let desk = SignInDesk(journal: journal, rules: WholeLane.rules)
            let supervisor = try await enter(desk)
            for role in [PersonRole.operator, .technician] {
                try await desk.enter("Li", role, password: Array("password-1".utf8), by: supervisor, at: start)
            }
            return try await journal.auditEntries(of: [AssuranceEntry.people.rawValue]).map {
                try JSONValue(parsing: $0.detail)
            }
        }
        #expect(told.map { $0["name"]?.text } == ["Wang", "Li", "Li"])
        #expect(told.map { $0["was"]?.text } == [nil, nil, "operator"])
        #expect(told.map { $0["role"]?.text } == ["supervisor", "operator", "technician"])
        #expect(told.map { $0["by"]?.text } == [nil, "Wang", "Wang"])
        #expect(told.allSatisfy { $0["account"]?.text == SystemAccount.current.name })
    }

    @Test("do what their roles permit, and no more")
    func roles() async throws {
        let lane = try SealedLane()
        try await lane.withJournal { journal in
            let desk = SignInDesk(journal: journal, rules: WholeLane.rules)
            await #expect(throws: PeopleError.firstIsSupervisor) {
                try await desk.enter("Li", .operator, password: Array("password-1".utf8), by: nil, at: start)
            }
            let supervisor = try await enter(desk)
            try await desk.enter("Li", .operator, password: Array("password-1".utf8), by: supervisor, at: start)
            await #expect(throws: PeopleError.passwordShort(least: 8)) {
                try await desk.enter("Zhao", .operator, password: Array("short".utf8), by: supervisor, at: start)
            }
            let person = try await desk.signIn("Li", password: Array("password-1".utf8), for: .test, at: start)
            #expect(person.name == "Li" && person.role == .operator)
            await #expect(throws: PeopleError.notPermitted(name: "Li", role: .operator, task: .check)) {
                try await desk.signIn("Li", password: Array("password-1".utf8), for: .check, at: start)
            }
            await #expect(throws: PeopleError.supervisorNeeded) {
                try await desk.enter("Sun", .technician, password: Array("password-2".utf8), by: person, at: start)
            }
            let expected: [PersonRole: Set<LaneTask>] = [
                .operator: [.test], .technician: [.check], .supervisor: Set(LaneTask.allCases), .authority: [.order],
            ]
            for role in PersonRole.allCases {
                #expect(Set(LaneTask.allCases.filter(role.permits)) == expected[role])
            }
        }
    }

    @Test("wait longer after each wrong password, across restarts, and are locked out at last")
    func backOff() async throws {
        let lane = try SealedLane()
        let wrong = Array("wrong password".utf8)
        let right = Array("correct horse".utf8)
        _ = try await lane.withJournal { journal in
            try await enter(SignInDesk(journal: journal, rules: WholeLane.rules))
        }
        var time = 10.0
        for attempt in 0..<WholeLane.rules.passwordAttempts.count {
            // Each time by a program that was started anew.
            try await lane.withJournal { journal in
                let desk = SignInDesk(journal: journal, rules: WholeLane.rules)
                if attempt > 0 {
                    let pause = WholeLane.rules.passwordPause.count << (attempt - 1)
                    // Even the right password comes too early.
                    await #expect(throws: PeopleError.tooEarly(name: "Wang", seconds: 1)) {
                        try await desk.signIn("Wang", password: right, for: .test, at: at(time + Double(pause - 1)))
                    }
                    time += Double(pause)
                }
                await #expect(throws: PeopleError.refused(name: "Wang")) {
                    try await desk.signIn("Wang", password: wrong, for: .test, at: at(time))
                }
            }
        }
        try await lane.withJournal { journal in
            let desk = SignInDesk(journal: journal, rules: WholeLane.rules)
            let limit = WholeLane.rules.passwordAttempts.count
            await #expect(throws: PeopleError.lockedOut(name: "Wang", attempts: limit)) {
                try await desk.signIn("Wang", password: right, for: .test, at: at(1e6))
            }
        }
    }

    @Test("are forgiven wrong passwords by the right one")
    func forgiven() async throws {
        let lane = try SealedLane()
        try await lane.withJournal { journal in
            let desk = SignInDesk(journal: journal, rules: WholeLane.rules)
            _ = try await enter(desk)
            for round in 0..<3 {
                let time = 100.0 * Double(round)
                await #expect(throws: PeopleError.refused(name: "Wang")) {
                    try await desk.signIn("Wang", password: [1], for: .test, at: at(time))
                }
                _ = try await desk.signIn("Wang", password: Array("correct horse".utf8), for: .test, at: at(time + 2))
            }
        }
    }

    @Test("are kept without their passwords, and a list that was edited is noticed")
    func file() async throws {
        let lane = try SealedLane()
        try await lane.withJournal { journal in
            _ = try await enter(SignInDesk(journal: journal, rules: WholeLane.rules))
        }
        let path = "\(lane.directory)/\(PeopleFile.fileName)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains("correct horse") && text.contains("Wang"))
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let history = try await lane.history()
        #expect(try PeopleFile(in: lane.directory).digest == history.peopleDigest)
        try text.replacing("\"supervisor\"", with: "\"authority\"").write(
            toFile: path, atomically: true, encoding: .utf8)
        #expect(try PeopleFile(in: lane.directory).digest != history.peopleDigest)
        try "{}".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: PeopleError.unreadable(path: path)) { try PeopleFile(in: lane.directory) }
    }
}
