extension Rule {
    /// Who sends the record, when and in what air the test was.
    static let circumstances = [
        Rule("lane.key") { record in
            guard let lane = record.payload.at("lane.id")?.text, lane != record.signer.lane else { return [] }
            return [Violation("lane.id", "the key \(record.signer.id) is enrolled for lane \(record.signer.lane)")]
        },
        Rule("origin.key") { record in
            guard let origin = record.payload.at("origin")?.text, origin != record.signer.origin else { return [] }
            return [Violation("origin", "the key \(record.signer.id) is enrolled for \(record.signer.origin) records")]
        },
        Rule("origin.simulated") { record in
            guard record.payload.at("origin")?.text == "simulated", !record.acceptsSimulated else { return [] }
            return [Violation("origin", "simulated records are not taken here")]
        },
        Rule("signing.algorithms") { record in
            guard let list = record.payload.at("signing")?.elements, list != [.string("ed25519")] else { return [] }
            return [Violation("signing", "must name ed25519 alone; nothing else can be verified here")]
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
                    return record.isJudged ? [Violation(path, "is missing")] : []
                }
                guard let value = written.text.flatMap(WrittenDecimal.init)?.value else {
                    return [Violation(path, "must be a decimal in a string")]
                }
                guard value < least || value > greatest else { return [] }
                return [Violation(path, "is not plausible: expected \(least) to \(greatest) \(unit)")]
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
