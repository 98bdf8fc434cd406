public import Messages
public import Metrology
import Standards

/// One value that a person reads off a reference instrument during a check (标准器示值).
public struct ReferenceEntry: Hashable, Sendable {
    /// The channel that should read the same, in whose unit the value is.
    public let channel: ChannelID
    /// What is taken if nothing is entered: what the instruction asks to set; nil where nothing is known before.
    public let nominal: RoundedDecimal?
    /// Whether the reference instrument may do without it; what is not entered is not compared.
    public let isOptional: Bool
    /// What it can be; anything else was mistyped.
    public let range: Bound

    /// Creates an entry.
    public init(_ channel: ChannelID, nominal: RoundedDecimal? = nil, isOptional: Bool = false, range: Bound) {
        self.channel = channel
        self.nominal = nominal
        self.isOptional = isOptional
        self.range = range
    }

    /// Whether the step goes on without it.
    public var mayBeLeftOut: Bool { nominal != nil || isOptional }

    /// The value's name as a person reads it, such as “air temperature”.
    public var name: Message { Message(nameCode, ["channel": .text(channel.rawValue)]) }

    private var nameCode: MessageCode {
        switch channel {
        case .airTemperature: .entryAirTemperature
        case .relativeHumidity: .entryRelativeHumidity
        case .airPressure: .entryAirPressure
        case .oilTemperature: .entryOilTemperature
        case .exhaustFlow: .entryFlow
        case .flowTemperature: .entryFlowTemperature
        case .flowPressure: .entryFlowPressure
        case .engineSpeed: .entryEngineSpeed
        case .rollerSpeed: .entryRollerSpeed
        default: .entryOther
        }
    }

    /// Everything that is wrong with what was entered, with the channel that it is about: what is missing, what cannot be,
    /// what was not asked for.
    public static func problems(
        in values: [ChannelID: RoundedDecimal], for entries: [ReferenceEntry]
    ) -> [(channel: ChannelID, message: Message)] {
        var problems: [(channel: ChannelID, message: Message)] = []
        for entry in entries {
            guard let value = values[entry.channel] else {
                if !entry.mayBeLeftOut {
                    problems.append((entry.channel, Message(.entryMissing, entry.words)))
                }
                continue
            }
            guard !entry.range.contains(value) else { continue }
            let words = entry.words.merging(["found": .decimal(value.description)]) { $1 }
            problems.append((entry.channel, Message(.entryOutOfRange, words)))
        }
        let expected = entries.map(\.channel.rawValue).joined(separator: ", ")
        for channel in values.keys.filter({ key in !entries.contains { $0.channel == key } }).sorted(by: {
            $0.rawValue < $1.rawValue
        }) {
            let words: [String: MessageArgument] = [
                "channel": .text(channel.rawValue), "expected": .text(expected),
            ]
            problems.append((channel, Message(.entryUnasked, words)))
        }
        return problems
    }

    private var words: [String: MessageArgument] {
        [
            "name": .message(name), "channel": .text(channel.rawValue), "unit": .text(channel.unit.symbol),
            "low": .decimal(range.low?.decimal.description ?? "–"),
            "high": .decimal(range.high?.decimal.description ?? "–"),
        ]
    }
}

extension CheckBasis {
    /// What a person enters for a channel, where nothing is known before; nil after the pack's lack of a range was noted.
    mutating func entry(_ channel: ChannelID, isOptional: Bool = false) -> ReferenceEntry? {
        need(requirements.others.entryRanges[channel], "entry-ranges.\(channel.rawValue)").map { range in
            ReferenceEntry(channel, isOptional: isOptional, range: .between(range.low, range.high))
        }
    }

    /// What a person enters for a channel that the instruction asks to bring to a value.
    func entry(_ channel: ChannelID, near nominal: PackValue) -> ReferenceEntry {
        let share = requirements.others.entryDeviation.value / 100
        func limit(_ sign: Double) -> PackValue {
            // A pack's value with a share of it is far from what no decimal can hold.
            let value = try? RoundedDecimal(nominal.value * (1 + sign * share), places: 3)
            return .derived(value ?? nominal.decimal, unit: nominal.unit)
        }
        return ReferenceEntry(channel, nominal: nominal.decimal, range: .between(limit(-1), limit(1)))
    }
}
