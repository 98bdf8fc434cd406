import Evidence
public import Foundation
public import Journal
import Messages

/// Lets people sign in (登录), slower after each wrong password and at last not at all.
///
/// What happened before is read from the audit trail, so that starting the program anew forgives nothing.
public struct SignInDesk: Sendable {
    private let journal: Journal
    private let rules: AssuranceRules

    /// A desk for a lane.
    public init(journal: Journal, rules: AssuranceRules) {
        self.journal = journal
        self.rules = rules
    }

    /// Signs a person in for a task.
    ///
    /// - Throws: ``PeopleError`` for a person who is unknown, locked out, too early, wrong, or may not do that;
    ///   `JournalError`.
    public func signIn(
        _ name: String, password: [UInt8], for task: LaneTask, at now: Date
    ) async throws -> SignedInPerson {
        let refusals = try await refusals(of: name)
        if refusals.count >= rules.passwordAttempts.count {
            throw PeopleError.lockedOut(name: name, attempts: refusals.count)
        }
        if let last = refusals.last {
            let pause = Int64(rules.passwordPause.count) << Int64(refusals.count - 1)
            let wait = last.seconds + pause - Int64(now.timeIntervalSince1970.rounded(.down))
            if wait > 0 { throw PeopleError.tooEarly(name: name, seconds: Int(wait)) }
        }
        let people = try PeopleFile(in: journal.directory)
        // Somebody unknown takes as long as a wrong password: the list of names is nobody's business.
        let person = people[name]
        let decoy = PasswordHash(salt: Array(name.utf8), key: [UInt8](repeating: 0, count: 32), cost: .interactive)
        let matches = await (person?.password ?? decoy).matches(password)
        guard let person, matches else {
            try await journal.audit(AssuranceEntry.signInFailed.rawValue, ["name": .string(name)], at: now)
            throw PeopleError.refused(name: name)
        }
        guard person.role.permits(task) else {
            throw PeopleError.notPermitted(name: name, role: person.role, task: task)
        }
        try await journal.audit(
            AssuranceEntry.signedIn.rawValue,
            ["name": .string(name), "role": .string(person.role.rawValue), "task": .string(task.rawValue)], at: now)
        return SignedInPerson(person)
    }

    /// Adds a person, changes a password or role, and lets someone in again who was locked out.
    ///
    /// - Parameter supervisor: who does it; nil only while the lane has never had anybody.
    /// - Throws: ``PeopleError``, `JournalError`.
    public func enter(
        _ name: String, _ role: PersonRole, password: [UInt8], by supervisor: SignedInPerson?, at now: Date
    ) async throws {
        let isFirst = try await journal.auditEntries(of: [AssuranceEntry.people.rawValue]).isEmpty
        guard supervisor?.role == .supervisor || isFirst else { throw PeopleError.supervisorNeeded }
        if isFirst, role != .supervisor { throw PeopleError.firstIsSupervisor }
        guard password.count >= 8 else { throw PeopleError.passwordShort(least: 8) }
        guard !name.isEmpty, let hash = await PasswordHash(password) else { throw PeopleError.refused(name: name) }
        var people = isFirst ? PeopleFile() : try PeopleFile(in: journal.directory)
        let former = people[name]?.role
        people.set(Person(name: name, role: role, password: hash))
        // First what is to be believed, then the file: a crash between the two locks the lane instead of opening it.
        try await journal.audit(
            AssuranceEntry.people.rawValue,
            SystemAccount.current.noted(in: [
                "digest": .string(people.digest.description), "name": .string(name), "role": .string(role.rawValue),
                "was": former.map { .string($0.rawValue) } ?? .null,
                "by": supervisor.map { .string($0.name) } ?? .null,
            ]), at: now)
        try people.write(in: journal.directory)
    }

    /// The moments of wrong passwords since the person last got in or was entered.
    private func refusals(of name: String) async throws(JournalError) -> [Timestamp] {
        let kinds: [AssuranceEntry] = [.signedIn, .signInFailed, .people]
        var moments: [Timestamp] = []
        for entry in try await journal.auditEntries(of: kinds.map(\.rawValue)) {
            guard let detail = try? JSONValue(parsing: entry.detail), detail["name"]?.text == name else { continue }
            if entry.kind == AssuranceEntry.signInFailed.rawValue {
                if let at = Timestamp(entry.at) { moments.append(at) }
            } else {
                moments = []
            }
        }
        return moments
    }
}
