public import Metrology
public import Standards

/// A certified value with its uncertainty, as a certificate states it (标准值).
public struct CertifiedValue: Hashable, Sendable {
    /// The value, with the certificate's digits.
    public let value: RoundedDecimal
    /// The expanded uncertainty (扩展不确定度) in the same unit; nil where the certificate gives none.
    public let uncertainty: RoundedDecimal?

    /// Creates a value.
    public init(_ value: RoundedDecimal, uncertainty: RoundedDecimal? = nil) {
        self.value = value
        self.uncertainty = uncertainty
    }
}

/// A bottle of certified gas (标准气体).
public struct ReferenceGas: Hashable, Sendable {
    /// The bottle's number (气瓶编号), which a check's record names.
    public let number: String
    /// What is in it, by the channel that reads it and in that channel's unit. Hydrocarbons are **propane** (C3H8) as
    /// the certificate states it; the check turns them into hexane with the analyzer's PEF.
    public let components: [ChannelID: CertifiedValue]

    /// Creates a bottle.
    public init(number: String, components: [ChannelID: CertifiedValue]) {
        self.number = number
        self.components = components
    }
}

/// A neutral filter of certified opacity (中性滤光片).
public struct ReferenceFilter: Hashable, Sendable {
    /// The filter's number.
    public let number: String
    /// Its opacity N, %, over the effective length of the opacimeter that it is certified for.
    public let opacity: CertifiedValue

    /// Creates a filter.
    public init(number: String, opacity: CertifiedValue) {
        self.number = number
        self.opacity = opacity
    }
}

/// A weight on the calibration arm (砝码).
public struct ReferenceWeight: Hashable, Sendable {
    /// The weight's number.
    public let number: String
    /// The force that it exerts at the rollers' surface through the arm (杠杆比), N.
    public let force: CertifiedValue

    /// Creates a weight.
    public init(number: String, force: CertifiedValue) {
        self.number = number
        self.force = force
    }
}

/// Another instrument that is compared with (标准器), and what it shows.
public struct ReferenceReading: Hashable, Sendable {
    /// The number of the reference instrument.
    public let number: String
    /// What it shows, by the channel that should read the same and in that channel's unit.
    public let values: [ChannelID: RoundedDecimal]

    /// Creates a reading.
    public init(number: String, values: [ChannelID: RoundedDecimal]) {
        self.number = number
        self.values = values
    }
}

/// What a check compares with; those that the kind of check does not use may stay empty.
public struct CheckReferences: Hashable, Sendable {
    /// Bottles, by the point that each is for.
    public var gases: [GasPoint: ReferenceGas]
    /// Filters, in the order in which they are to be inserted.
    public var filters: [ReferenceFilter]
    /// Weights, lightest first; each is the whole load of its point.
    public var weights: [ReferenceWeight]
    /// Readings of other instruments, in the order of the points.
    public var readings: [ReferenceReading]

    /// Creates a set of references.
    public init(
        gases: [GasPoint: ReferenceGas] = [:], filters: [ReferenceFilter] = [], weights: [ReferenceWeight] = [],
        readings: [ReferenceReading] = []
    ) {
        self.gases = gases
        self.filters = filters
        self.weights = weights
        self.readings = readings
    }

    /// The numbers of all of them, for the record.
    public var numbers: [String] {
        GasPoint.allCases.compactMap { gases[$0]?.number } + filters.map(\.number) + weights.map(\.number)
            + readings.map(\.number)
    }
}
