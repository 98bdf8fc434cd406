extension Rule {
    /// Who sends the record, when and in what air the test was.
    static let circumstances = [
        Rule("lane.key") { record in
            guard let lane = record.payload.at("lane.id")?.text else { return [] }
            return record.signers.filter { $0.lane != lane }.map {
                Violation("lane.id", "the key \($0.id) is enrolled for lane \($0.lane)")
            }
        },
        Rule("origin.key") { record in
            guard let origin = record.payload.at("origin")?.text else { return [] }
            return record.signers.filter { $0.origin != origin }.map {
                Violation("origin", "the key \($0.id) is enrolled for \($0.origin) records")
            }
        },
        Rule("origin.simulated") { record in
            guard record.payload.at("origin")?.text == "simulated", !record.acceptsSimulated else { return [] }
            return [Violation("origin", "simulated records are not taken here")]
        },
        Rule("signing.algorithms") { record in
            // No signature that the record names may be missing, and none may be there that it does not name.
            guard let list = record.payload.at("signing")?.elements else { return [] }
            let signed = record.signers.map(\.algorithm.rawValue).sorted()
            guard list.compactMap(\.text).sorted() != signed || list.contains(where: { $0.text == nil }) else {
                return []
            }
            return [Violation("signing", "must name the algorithms that signed: \(signed.joined(separator: ", "))")]
        },
        Rule("signing.bounds") { record in
            guard let counter = record.payload.at("counter")?.integer, counter >= 1 else { return [] }
            return record.signers.compactMap { key in
                key.objection(to: counter).map { Violation("counter", "the key \(key.id) \($0)") }
            }
        },
        Rule("attachments.sm3") { record in
            // Chinese cryptography throughout: what SM2 signs names its files by SM3, too.
            let wanted = record.signers.contains { $0.algorithm == .sm2 }
            return (record.payload.at("attachments")?.elements ?? []).enumerated().compactMap { index, element in
                let path = "attachments[\(index)].sm3"
                guard wanted else { return element.at("sm3") == nil ? nil : Violation(path, "must not be there") }
                let isThere = element.at("sm3")?.text?.wholeMatch(of: /sm3:[0-9a-f]{64}/) != nil
                return isThere ? nil : Violation(path, "must be sm3: and 64 lower-case hexadecimal digits")
            }
        },
        Rule("order.retest") { record in
            // A retest (复检) names the record that it follows, a first test (初检) none.
            guard let attempt = record.payload.at("order.attempt")?.integer else { return [] }
            let follows = record.payload.at("order.follows")
            if attempt > 1 {
                return isDigest(follows)
                    ? [] : [Violation("order.follows", "must be the digest of the record before this attempt")]
            }
            guard attempt == 1 else { return [Violation("order.attempt", "must be at least 1")] }
            return follows == nil ? [] : [Violation("order.follows", "must not be there at the first attempt")]
        },
        Rule("time.order") { record in
            guard let started = record.payload.at("time.started")?.text.flatMap(Timestamp.init),
                let ended = record.payload.at("time.ended")?.text.flatMap(Timestamp.init), ended < started
            else { return [] }
            return [Violation("time.ended", "lies before time.started")]
        },
        Rule("environment.plausible") { record in
            air.flatMap { member, least, greatest, unit -> [Violation] in
                let path = "environment.\(member)"
                guard let written = record.payload.at(path), written != .null else {
                    let isNeeded = record.isJudged && record.method?.needsAir == true && !record.endsAtChecks
                    return isNeeded ? [Violation(path, "is missing")] : []
                }
                guard let value = written.text.flatMap(WrittenDecimal.init)?.value else {
                    return [Violation(path, "must be a decimal in a string")]
                }
                guard value < least || value > greatest else { return [] }
                return [Violation(path, "is not plausible: expected \(least) to \(greatest) \(unit)")]
            }
        },
        Rule("abort.reason") { record in
            guard record.verdict == "aborted" else { return [] }
            switch record.payload.at("result.reason") {
            case .string(let text) where !text.isEmpty: return []
            case .object(let members) where !members.isEmpty: return []
            default: return [Violation("result.reason", "an aborted test needs its reason")]
            }
        },
        Rule("attachments.names") { record in
            let names = (record.payload.at("attachments")?.elements ?? []).map { $0.at("name")?.text }
            return names.enumerated().compactMap { index, name in
                guard let name, names[..<index].contains(name) else { return nil }
                return Violation("attachments[\(index)].name", "another attachment has this name")
            }
        },
    ]

    /// Air that a test room can have: the dynamometer's working range of −5…45 °C (GB 18285-2018, from memory), any
    /// humidity, and pressures from the highest towns to a winter high at sea level.
    private static let air: [(member: String, least: Double, greatest: Double, unit: String)] = [
        ("temperature", -5, 45, "°C"),
        ("relativeHumidity", 0, 100, "%"),
        ("pressure", 50, 110, "kPa"),
    ]
}
