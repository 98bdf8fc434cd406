/// What a member of a record must be.
enum Form: Sendable {
    /// Exactly this text.
    case exactly(String)
    /// One of these texts.
    case oneOf([String])
    /// Text that is not empty.
    case text
    /// An integer not below a least value.
    case integer(atLeast: Int)
    /// A decimal in a string, or an integer.
    case decimal
    /// `sha256:` and 64 lower-case hexadecimal digits.
    case digest
    /// A date and time with an offset from UTC.
    case timestamp
    /// An object.
    case object
    /// A list, each of whose elements has these members.
    case list(atLeast: Int, of: [(member: String, form: Form)])
    /// Anything, null too.
    case present

    /// What is wrong with a value, or nothing.
    func violations(_ value: JSON, at path: String) -> [Rule.Violation] {
        func unless(_ isRight: Bool, _ problem: String) -> [Rule.Violation] {
            isRight ? [] : [Rule.Violation(path, problem)]
        }
        switch self {
        case .exactly(let text): return unless(value == .string(text), "must be \"\(text)\"")
        case .oneOf(let texts):
            return unless(value.text.map(texts.contains) == true, "must be one of \(texts.joined(separator: ", "))")
        case .text: return unless(value.text?.isEmpty == false, "must be text")
        case .integer(let least):
            return unless(value.integer.map { $0 >= least } == true, "must be an integer of at least \(least)")
        case .decimal:
            let isDecimal = value.integer != nil || value.text.flatMap(WrittenDecimal.init) != nil
            return unless(isDecimal, "must be a decimal in a string")
        case .digest: return unless(isDigest(value), "must be sha256: and 64 lower-case hexadecimal digits")
        case .timestamp:
            let isTime = value.text.flatMap(Timestamp.init) != nil
            return unless(isTime, "must be a date and time of ISO 8601 with an offset")
        case .object: return unless(value.members != nil, "must be an object")
        case .present: return []
        case .list(let least, let members):
            guard let elements = value.elements, elements.count >= least else {
                return [Rule.Violation(path, "must be a list with at least \(least) elements")]
            }
            return elements.enumerated().flatMap { index, element in
                members.flatMap { name, form in form.violations(of: name, in: element, at: "\(path)[\(index)]") }
            }
        }
    }

    /// What is wrong with a member, which must be there.
    func violations(of member: String, in value: JSON, at path: String? = nil) -> [Rule.Violation] {
        let place = path.map { "\($0).\(member)" } ?? member
        guard let found = value.at(member) else { return [Rule.Violation(place, "is missing")] }
        return violations(found, at: place)
    }
}

func isDigest(_ value: JSON?) -> Bool {
    guard let text = value?.text else { return false }
    return text.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil
}

extension Rule {
    /// The outline of a record: what must be there, and in which form.
    static let outline = [
        Rule("outline.member") { record in
            // A test that ended before its tailpipe has nothing of its method.
            (members + (record.endsAtChecks ? [] : record.method?.members ?? [])).flatMap { path, form in
                form.violations(of: path, in: record.payload)
            }
        },
        previous,
        Rule("outline.complete") { record in
            guard record.isJudged, !record.endsAtChecks else { return [] }
            return completeLists.flatMap { path -> [Violation] in
                guard let elements = record.payload.at(path)?.elements, elements.isEmpty else { return [] }
                return [Violation(path, "must not be empty in a test with a verdict")]
            }
        },
        Rule("outline.second") { record in
            record.seconds.flatMap { second in
                second.malformed.map { Violation("\(second.path).\($0)", "must be a decimal in a string, or null") }
            }
        },
    ]

    /// The place in the lane's chain.
    static let previous = Rule("outline.previous") { record in
        guard let previous = record.payload.at("previous") else { return [Violation("previous", "is missing")] }
        if record.payload.at("counter")?.integer == 1 {
            return previous == .null ? [] : [Violation("previous", "must be null: there is no record before")]
        }
        guard !isDigest(previous) else { return [] }
        return [Violation("previous", "must be the digest of the record before this one")]
    }

    private static let members: [(path: String, form: Form)] = [
        ("schema", .exactly("laneagent.record/1")),
        ("kind", .exactly("test")),
        ("lane.id", .text),
        ("lane.station", .text),
        ("counter", .integer(atLeast: 1)),
        ("origin", .text),
        ("signing", .list(atLeast: 1, of: [])),
        ("software", .object),
        ("time.started", .timestamp),
        ("time.ended", .timestamp),
        ("test.id", .text),
        ("test.method", .oneOf(RecordedMethod.all.map(\.name))),
        ("test.algorithm", .text),
        ("order.vehicle.plate", .text),
        ("order.vehicle.vin", .text),
        ("packs", .list(atLeast: 1, of: [("id", .text), ("sha256", .digest)])),
        ("instruments", .list(atLeast: 0, of: [])),
        ("environment", .present),
        ("result.verdict", .oneOf(["passed", "failed", "aborted"])),
        ("result.preTest", .present),
        ("timing", .object),
        (
            "attachments",
            .list(atLeast: 0, of: [("name", .text), ("sha256", .digest), ("size", .integer(atLeast: 0))])
        ),
    ]

    /// Lists that a test with a verdict cannot do without.
    private static let completeLists = ["instruments", "result.items", "result.seconds"]
}
