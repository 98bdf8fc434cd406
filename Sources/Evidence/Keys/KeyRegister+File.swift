public import Messages

extension KeyRegister {
    /// Writes the register in place of the one that is there.
    func write() throws {
        let keys = entries.map { entry -> JSONValue in
            var object: JSONObject = [
                "key": .object(entry.key.object), "generation": .integer(Int64(entry.generation)),
                "created": .string(entry.created),
            ]
            object["file"] = entry.file.map(JSONValue.string)
            return .object(object)
        }
        try write(try JSONValue.object(["keys": .array(keys)]).canonicalBytes() + [0x0A], to: Self.fileName)
    }

    /// Writes a file for its owner only.
    func write(_ bytes: [UInt8], to name: String) throws(SigningKeyError) {
        let path = "\(directory)/\(name)"
        do { try DurableFile.replace(bytes, at: path, mode: 0o600) } catch {
            throw SigningKeyError(writing: error, to: path)
        }
    }

    static func read(_ bytes: [UInt8], _ path: String) throws(KeyRegisterError) -> [Entry] {
        func refuse(_ finding: Finding) -> KeyRegisterError {
            .malformed(path: path, place: finding.place, reason: finding.message)
        }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw .malformed(path: path, place: "–", reason: error.message)
        }
        var whole = MemberReader(value, at: "register")
        whole.expect(only: ["keys"])
        guard whole.findings.isEmpty, let elements = value["keys"]?.elements else {
            throw refuse(whole.findings.first ?? Finding(.evidenceMemberMissing, ["name": "keys"], at: "register"))
        }
        var entries: [Entry] = []
        for (index, element) in elements.enumerated() {
            var reader = MemberReader(element, at: "keys[\(index)]")
            reader.expect(only: ["key", "generation", "created", "file"])
            let (key, findings) = TrustedKey.read(element["key"] ?? .null, at: "keys[\(index)].key")
            reader.adopt(findings)
            let (generation, created) = (reader.count("generation"), reader.moment("created"))
            let file = reader.optional("file") { $0.text($1) }
            if let file, !AttachmentReference.isPlain(file) { reader.note("file", .evidenceExpectedFileName) }
            guard let key, let generation, let created, reader.findings.isEmpty,
                !entries.contains(where: { $0.key.id == key.id })
            else {
                throw refuse(
                    reader.findings.first
                        ?? Finding(.trustEnrolledTwice, ["id": .text(key?.id ?? "–")], at: "keys[\(index)]"))
            }
            entries.append(Entry(key: key, generation: generation, created: created, file: file))
        }
        return entries
    }
}

/// Why a key register cannot do what it was asked.
public enum KeyRegisterError: MessageError, Equatable {
    /// Something in the file is not as it must be.
    case malformed(path: String, place: String, reason: Message)
    /// There is no key of this fingerprint.
    case unknown(id: String)
    /// Several fingerprints begin so.
    case ambiguous(id: String)
    /// The private key was destroyed, by rotation or revocation.
    case notActive(id: String)
    /// There is an active key already.
    case exists(lane: String, algorithm: String)
    /// There is no active key.
    case noActive(lane: String, origin: String, algorithm: String)
    /// The lane has signed before, and the directory lacks the key that it signs with now; none was made.
    case lost(directory: String, lane: String, origin: String, algorithms: [String])

    /// What to tell a person.
    public var message: Message {
        switch self {
        case .malformed(let path, let place, let reason):
            Message(.keyRegisterMalformed, ["path": .text(path), "place": .text(place), "reason": .message(reason)])
        case .unknown(let id): Message(.keyUnknown, ["id": .text(id)])
        case .ambiguous(let id): Message(.keyAmbiguous, ["id": .text(id)])
        case .notActive(let id): Message(.keyNotActive, ["id": .text(id)])
        case .exists(let lane, let algorithm):
            Message(.keyExists, ["lane": .text(lane), "algorithm": .text(algorithm)])
        case .lost(let directory, let lane, let origin, let algorithms):
            Message(
                .keyLost,
                [
                    "path": .text(directory), "lane": .text(lane), "origin": .text(origin),
                    "algorithms": .text(algorithms.joined(separator: ", ")),
                    "options": .text(algorithms.map { "--algorithm \($0)" }.joined(separator: " ")),
                ])
        case .noActive(let lane, let origin, let algorithm):
            Message(
                .keyNoActive, ["lane": .text(lane), "origin": .text(origin), "algorithm": .text(algorithm)])
        }
    }
}
