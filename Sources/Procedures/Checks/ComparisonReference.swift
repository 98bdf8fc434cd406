import Messages
import Metrology

/// Where the value that an instrument is compared with comes from.
enum ComparisonReference: Sendable {
    /// The order states it.
    case given(RoundedDecimal)
    /// A person enters it at the step that asks for it.
    case entered(ReferenceEntry)

    /// Whether there may be none.
    var mayBeLeftOut: Bool { if case .entered(let entry) = self { entry.isOptional } else { false } }

    /// The value, once the step with the name is over; nil for one that may be left out and was.
    func value(_ channel: ChannelID, at step: String, _ findings: CheckFindings) -> RoundedDecimal? {
        switch self {
        case .given(let value): value
        case .entered(let entry): findings.entered[step]?[channel] ?? entry.nominal
        }
    }
}

extension CheckBasis {
    /// Where the values of a point come from: from the order's reading of that point, or, where it has none, from a person
    /// during the check. What is wrong with the order's reading is noted.
    ///
    /// - Parameters:
    ///   - wanted: what there is to compare, in the order in which it is asked for.
    ///   - index: the point's place among the order's readings.
    ///   - member: how problems name the point.
    mutating func references(
        _ wanted: [ReferenceEntry?], reading index: Int, of member: String
    ) -> [ChannelID: ComparisonReference] {
        let entries = wanted.compactMap { $0 }
        let readings = order.references.readings
        let given = index < readings.count ? readings[index].values : [:]
        if given.isEmpty {
            // What is read during the check is read off an instrument that the record names.
            if readings.isEmpty {
                for entry in entries where !entry.mayBeLeftOut {
                    _ = need(RoundedDecimal?.none, "\(member).\(entry.channel.rawValue)")
                }
            }
            return Dictionary(uniqueKeysWithValues: entries.map { ($0.channel, .entered($0)) })
        }
        for problem in ReferenceEntry.problems(in: given, for: entries) {
            refuse("\(member).\(problem.channel.rawValue)", problem.message)
        }
        return given.mapValues(ComparisonReference.given)
    }

    /// Notes that the order states readings for more points than the check has.
    mutating func expectReadings(atMost count: Int) {
        guard order.references.readings.count > count else { return }
        refuse(
            "reference",
            Message(
                .entryTooMany,
                [
                    "found": .integer(order.references.readings.count), "count": .integer(count),
                    "check": .message(order.kind.message),
                ]))
    }
}
