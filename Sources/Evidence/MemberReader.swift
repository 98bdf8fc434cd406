import Messages

/// Reads the members of a document that programs write, and notes everything that is wrong, each with its place.
struct MemberReader {
    /// The document.
    let value: JSONValue
    /// Where it stands, such as `payload`.
    let place: String
    /// What is wrong so far.
    private(set) var findings: [Finding] = []

    init(_ value: JSONValue, at place: String) {
        self.value = value
        self.place = place
    }

    /// Refuses what is no object and members that are not among these.
    mutating func expect(only names: Set<String>) {
        guard let members = value.members else {
            findings.append(Finding(.evidenceNotAnObject, at: place))
            return
        }
        for member in members.all where !names.contains(where: { $0.utf8.elementsEqual(member.name.utf8) }) {
            findings.append(Finding(.evidenceMemberUnknown, ["name": .text(member.name)], at: place))
        }
    }

    /// A text that is not empty.
    mutating func text(_ name: String) -> String? {
        if let text = value[name]?.text, !text.isEmpty { return text }
        note(name, .expectedText)
        return nil
    }

    /// A whole number from a least one on.
    mutating func count(_ name: String, from least: Int = 1) -> Int? {
        if let number = value[name]?.wholeNumber, number >= least { return number }
        note(name, least == 1 ? .evidenceExpectedCounter : .expectedInteger)
        return nil
    }

    /// A SHA-256 digest.
    mutating func digest(_ name: String) -> Digest? {
        if let digest = value[name]?.text.flatMap({ Digest($0) }) { return digest }
        note(name, .evidenceExpectedDigest)
        return nil
    }

    /// A moment, in the spelling it has.
    mutating func moment(_ name: String) -> String? {
        if let text = value[name]?.text, Timestamp(text) != nil { return text }
        note(name, .evidenceExpectedMoment)
        return nil
    }

    /// A key's fingerprint.
    mutating func fingerprint(_ name: String) -> String? {
        if let text = value[name]?.text, isFingerprint(text) { return text }
        note(name, .evidenceExpectedKeyID)
        return nil
    }

    /// One of the words of an enumeration.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) -> Choice?
    where Choice.RawValue == String {
        if let choice = value[name]?.text.flatMap({ Choice(rawValue: $0) }) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        note(name, .evidenceExpectedOneOf, ["known": .text(known)])
        return nil
    }

    /// A sequence of words of an enumeration, at least one, none twice.
    mutating func choices<Choice: RawRepresentable & CaseIterable & Equatable>(_ name: String) -> [Choice]
    where Choice.RawValue == String {
        guard let elements = value[name]?.elements, !elements.isEmpty else {
            note(name, .expectedSequence)
            return []
        }
        var choices: [Choice] = []
        for (index, element) in elements.enumerated() {
            guard let choice = element.text.flatMap({ Choice(rawValue: $0) }), !choices.contains(choice) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                note("\(name)[\(index)]", .evidenceExpectedOneOf, ["known": .text(known)])
                continue
            }
            choices.append(choice)
        }
        return choices
    }

    /// A member that may be absent; `read` reads it where it is there.
    mutating func optional<Value>(_ name: String, _ read: (inout MemberReader, String) -> Value?) -> Value? {
        value[name] == nil ? nil : read(&self, name)
    }

    /// Takes over what another reader found.
    mutating func adopt(_ findings: [Finding]) { self.findings += findings }

    /// Notes a member that is not as it must be.
    mutating func note(_ name: String, _ expected: MessageCode, _ arguments: [String: MessageArgument] = [:]) {
        findings.append(
            Finding(
                .evidenceMemberInvalid, ["expected": .message(Message(expected, arguments))],
                at: place.isEmpty ? name : "\(place).\(name)"))
    }
}
