public import Messages
public import Metrology
public import Procedures

/// A line in which a person states what reference instruments show (标准器示值录入行).
///
/// Numbers stand in the order in which they are asked for, or with their channels, as `air-temperature=22.5`; between
/// them blanks, commas or semicolons, those of Chinese writing too. `-` stands for a value that is left out.
public enum EntryLine: Equatable {
    /// What was entered; what may be left out may be missing.
    case values([ChannelID: RoundedDecimal])
    /// Everything that is wrong with the line.
    case problems([Message])

    /// Reads a line.
    ///
    /// - Parameter entries: what is asked for.
    public init(_ line: some StringProtocol, for entries: [ReferenceEntry]) {
        var values: [ChannelID: RoundedDecimal] = [:]
        var problems: [Message] = []
        var told: Set<ChannelID> = []
        var misread: Set<ChannelID> = []
        let names = entries.map(\.channel.rawValue).joined(separator: ", ")
        let words = line.split { $0.isWhitespace || ",;，；、".contains($0) }
        for word in words {
            let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let entry =
                halves.count == 2
                ? entries.first { $0.channel.rawValue == halves[0] } : entries.first { !told.contains($0.channel) }
            guard let entry else {
                problems.append(
                    halves.count == 2
                        ? Message(.entryUnasked, ["channel": .text(String(halves[0])), "expected": .text(names)])
                        : Message(.entrySuperfluous, ["found": .text(String(word)), "expected": .text(names)]))
                continue
            }
            guard told.insert(entry.channel).inserted else {
                problems.append(Message(.entryTwice, ["channel": .text(entry.channel.rawValue)]))
                continue
            }
            let text = String(halves[halves.count - 1])
            if text == "-" { continue }
            guard let value = RoundedDecimal(text) else {
                misread.insert(entry.channel)
                problems.append(
                    Message(
                        .entryNotANumber,
                        [
                            "found": .text(text), "name": .message(entry.name),
                            "unit": .text(entry.channel.unit.symbol),
                        ]))
                continue
            }
            values[entry.channel] = value
        }
        // What was not understood is told once, and not as missing besides.
        let understood = entries.filter { !misread.contains($0.channel) }
        problems += ReferenceEntry.problems(in: values, for: understood).map(\.message)
        self = problems.isEmpty ? .values(values) : .problems(problems)
    }
}
