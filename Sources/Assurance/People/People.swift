public import Evidence
import Glibc

/// What a person may do on a lane (角色).
public enum PersonRole: String, CaseIterable, Sendable {
    /// Tests vehicles (检验员).
    case `operator`
    /// Checks and adjusts instruments (校准人员).
    case technician
    /// Answers for the lane (技术负责人).
    case supervisor
    /// The authority's inspector (主管部门人员).
    case authority

    /// Whether the role permits a task.
    public func permits(_ task: LaneTask) -> Bool {
        switch task {
        case .test: self == .operator || self == .supervisor
        case .check: self == .technician || self == .supervisor
        case .people, .restore: self == .supervisor
        case .order: self == .supervisor || self == .authority
        }
    }
}

/// What a person has to be signed in for.
public enum LaneTask: String, CaseIterable, Sendable {
    /// Testing a vehicle.
    case test
    /// Checking or adjusting an instrument.
    case check
    /// Changing the list of people.
    case people
    /// Handing in an order of the authority.
    case order
    /// Restoring a backup.
    case restore
}

/// Someone who may sign in.
public struct Person: Hashable, Sendable {
    /// The name in records.
    public let name: String
    /// What the person may do.
    public let role: PersonRole
    /// The password.
    public let password: PasswordHash

    /// Creates a person.
    public init(name: String, role: PersonRole, password: PasswordHash) {
        self.name = name
        self.role = role
        self.password = password
    }
}

/// Someone who has signed in; only ``SignInDesk`` makes one.
public struct SignedInPerson: Hashable, Sendable {
    /// The name in records.
    public let name: String
    /// What the person may do.
    public let role: PersonRole

    init(_ person: Person) {
        name = person.name
        role = person.role
    }
}

/// The people of a lane (人员名单), a file in the data directory that only the lane itself writes.
///
/// The audit trail holds the digest of the file as the lane wrote it last, so that a list that was edited from outside
/// is noticed and locks the lane.
public struct PeopleFile: Hashable, Sendable {
    /// The name of the file in a data directory.
    public static let fileName = "people.json"

    /// The people, distinct by name.
    public private(set) var people: [Person] = []

    /// Nobody.
    public init() {}

    /// Reads the list of a data directory; nobody if there is none.
    ///
    /// - Throws: ``PeopleError/unreadable(path:)``.
    public init(in directory: String) throws(PeopleError) {
        let path = "\(directory)/\(Self.fileName)"
        let bytes: [UInt8]
        do throws(DurableFile.Failure) { bytes = try DurableFile.read(path).bytes } catch {
            if error.code == ENOENT { return }
            throw .unreadable(path: path)
        }
        guard let value = try? JSONValue(parsing: bytes), let entries = value["people"]?.elements else {
            throw .unreadable(path: path)
        }
        for entry in entries {
            guard let person = Person(entry) else { throw .unreadable(path: path) }
            people.append(person)
        }
    }

    /// The person of a name.
    public subscript(name: String) -> Person? { people.first { $0.name == name } }

    /// Adds a person, or puts one in the place of the one of that name.
    public mutating func set(_ person: Person) {
        if let index = people.firstIndex(where: { $0.name == person.name }) {
            people[index] = person
        } else {
            people.append(person)
        }
    }

    /// The file's bytes.
    public var bytes: [UInt8] {
        // Names, words and hexadecimal digits: canonical JSON holds them all.
        (try? JSONValue.object(["people": .array(people.map(\.json))]).canonicalBytes()) ?? []
    }

    /// The digest of the file.
    public var digest: Digest { Digest(of: bytes) }

    /// Writes the list into a data directory.
    ///
    /// - Throws: ``PeopleError/unwritable(path:detail:)``.
    func write(in directory: String) throws(PeopleError) {
        let path = "\(directory)/\(Self.fileName)"
        do throws(DurableFile.Failure) {
            try DurableFile.replace(bytes, at: path, mode: 0o600)
        } catch {
            throw .unwritable(path: path, detail: error.words)
        }
    }
}

extension Person {
    init?(_ value: JSONValue) {
        guard let name = value["name"]?.text, let role = value["role"]?.text.flatMap({ PersonRole(rawValue: $0) }),
            let salt = value["salt"]?.text.flatMap(bytes(hexadecimal:)),
            let key = value["key"]?.text.flatMap(bytes(hexadecimal:)), key.count >= 16,
            let n = value["n"]?.wholeNumber, let r = value["r"]?.wholeNumber, let p = value["p"]?.wholeNumber
        else { return nil }
        self.init(
            name: name, role: role,
            password: PasswordHash(salt: salt, key: key, cost: PasswordHash.Cost(n: n, r: r, p: p)))
    }

    var json: JSONValue {
        [
            "name": .string(name), "role": .string(role.rawValue), "salt": .string(hexadecimalDigits(password.salt)),
            "key": .string(hexadecimalDigits(password.key)), "n": .integer(Int64(password.cost.n)),
            "r": .integer(Int64(password.cost.r)), "p": .integer(Int64(password.cost.p)),
        ]
    }
}

private func hexadecimalDigits(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2), digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
        return nil
    }
    return stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
    }
}
