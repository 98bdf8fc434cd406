import Documents
public import Metrology

/// What gas analyzer and NOx bench have to pass (排气分析仪检查).
public struct GasCheckRules: Sendable {
    /// The tolerance of one gas up to a concentration (允许误差).
    public struct Tolerance: Sendable {
        let accuracyClass: AccuracyClass
        let gas: ChannelID
        let upTo: PackValue
        /// In the gas's unit; nil if only the relative one counts.
        public let absolute: PackValue?
        /// % of the reference.
        public let relative: PackValue?
    }

    /// How soon a gas has to be read.
    public struct Response: Sendable {
        /// The gas.
        public let gas: ChannelID
        /// From the opening to 90 % of the step up, s.
        public let t90: PackValue
        /// To 95 %.
        public let t95: PackValue
        /// From the closing until 10 % are left, s.
        public let t10: PackValue
        /// Until 5 % are left.
        public let t5: PackValue
    }

    /// From when response times count.
    public enum ResponseCountsFrom: String, CaseIterable, Sendable {
        /// From the opening of the bottle.
        case supply
        /// From the arrival of the gas in the analyzer.
        case arrival
    }

    /// The accuracy classes of JJG 688 (准确度等级).
    public enum AccuracyClass: String, CaseIterable, Sendable {
        /// Class 00, for loaded methods.
        case doubleZero = "00"
        /// Class 0.
        case zero = "0"
        /// Class I, that of OIML R 99.
        case one = "I"
    }

    /// The class whose tolerances apply.
    public let accuracyClass: AccuracyClass
    /// Tolerances of all classes.
    public let tolerances: [Tolerance]
    /// What the bottle of each point should hold, by channel; hydrocarbons as propane.
    public let nominal: [GasPoint: [ChannelID: PackValue]]
    /// How far a bottle may be from that, %.
    public let nominalDeviation: PackValue
    /// What zero gas may read at most.
    public let zeroMaximum: [ChannelID: PackValue]
    /// O2 of the room's air, %.
    public let oxygenNominal: PackValue
    /// How far its reading may be off, %.
    public let oxygenTolerance: PackValue
    /// What the room's air may hold at most.
    public let ambientMaximum: [ChannelID: PackValue]
    /// HC that may be left in the line, ppm.
    public let residualMaximum: PackValue
    /// The least plausible PEF.
    public let equivalenceMinimum: PackValue
    /// The greatest plausible PEF.
    public let equivalenceMaximum: PackValue
    /// How far the analyzer's PEF may be from the plate's.
    public let equivalenceDifference: PackValue
    /// Before readings of a bottle count.
    public let settle: LaneSpan
    /// The share of their tolerance that readings at rest stay within, %.
    public let steadyShare: PackValue
    /// Within which a closed line has to be noticed, s.
    public let lowFlowLimit: PackValue
    /// The least share of NO2 that a converter turns into NO, %.
    public let converterMinimum: PackValue
    /// From when response times count.
    public let responseCountsFrom: ResponseCountsFrom
    /// How long a rise or fall is recorded.
    public let responseLimit: LaneSpan
    /// The share of the step at which the gas has arrived, %.
    public let responseArrival: PackValue
    /// The limits by gas.
    public let responses: [Response]

    /// The tolerance at a concentration; nil above the ranges of the class.
    public func tolerance(of gas: ChannelID, at reference: Double) -> Tolerance? {
        tolerance(of: gas, at: reference, in: accuracyClass)
    }

    /// The tolerance at a concentration in any class; nil above its ranges.
    public func tolerance(of gas: ChannelID, at reference: Double, in accuracyClass: AccuracyClass) -> Tolerance? {
        tolerances
            .filter { $0.accuracyClass == accuracyClass && $0.gas == gas.asInPacks && reference.isAtMost($0.upTo) }
            .min { $0.upTo.decimal < $1.upTo.decimal }
    }

    /// The limits of response of a gas.
    public func response(of gas: ChannelID) -> Response? { responses.first { $0.gas == gas.asInPacks } }

    init?(_ read: PackGroup) {
        accuracyClass = read.rule("accuracy-class", else: .one)
        tolerances = read.table("tolerances") { row in
            let accuracyClass: AccuracyClass? = row.reader.choice("class")
            let gas = row.gas
            let upTo = row.value("up-to", gas?.unit.symbol ?? "")
            let absolute = row.optional("absolute", gas?.unit.symbol ?? "")
            let relative = row.optional("relative", "%")
            guard let accuracyClass, let gas, let upTo else { return nil }
            return Tolerance(
                accuracyClass: accuracyClass, gas: gas, upTo: upTo, absolute: absolute, relative: relative)
        }
        let nominal = read.table("nominal") { row -> (GasPoint, [ChannelID: PackValue])? in
            let point: GasPoint? = row.reader.choice("point")
            var values: [ChannelID: PackValue] = [:]
            for gas in Self.checked { values[gas] = row.value(gas.rawValue, gas.unit.symbol) }
            return point.flatMap { values.count == Self.checked.count ? ($0, values) : nil }
        }
        self.nominal = Dictionary(nominal, uniquingKeysWith: { first, _ in first })
        nominalDeviation = read.value("nominal-deviation", "%")
        zeroMaximum = Self.checked.reduce(into: [:]) { found, gas in
            found[gas] = read.value("zero-maximum-\(gas.rawValue)", gas.unit.symbol)
        }
        oxygenNominal = read.value("oxygen-nominal", "%")
        oxygenTolerance = read.value("oxygen-tolerance", "%")
        ambientMaximum = [
            .hydrocarbons: read.value("ambient-hc-maximum", "ppm"),
            .carbonMonoxide: read.value("ambient-co-maximum", "%"),
            .nitricOxide: read.value("ambient-no-maximum", "ppm"),
        ]
        residualMaximum = read.value("residual-hc-maximum", "ppm")
        equivalenceMinimum = read.value("pef-minimum", "1", in: 0.1...1)
        equivalenceMaximum = read.value("pef-maximum", "1", in: 0.1...1)
        equivalenceDifference = read.value("pef-difference", "1", in: 0...1)
        settle = read.span("settle")
        steadyShare = read.value("steady-share", "%", in: 1...200)
        lowFlowLimit = read.value("low-flow-limit", "s")
        converterMinimum = read.value("converter-minimum", "%", in: 0...100)
        responseCountsFrom = read.rule("response-counts-from", else: .supply)
        responseLimit = read.span("response-limit")
        responseArrival = read.value("response-arrival", "%", in: 1...99)
        responses = read.table("response") { row in
            let gas = row.gas
            let t90 = row.value("t90", "s")
            let t95 = row.value("t95", "s")
            let t10 = row.value("t10", "s")
            let t5 = row.value("t5", "s")
            guard let gas, let t90, let t95, let t10, let t5 else { return nil }
            return Response(gas: gas, t90: t90, t95: t95, t10: t10, t5: t5)
        }
        guard read.isComplete else { return nil }
    }

    /// The gases of a bottle for an exhaust gas analyzer (检查气体).
    public static let checked: [ChannelID] = [.hydrocarbons, .carbonMonoxide, .carbonDioxide, .nitricOxide]
}

extension PackRow {
    /// The gas that a row is about.
    fileprivate var gas: ChannelID? { reader.choice("gas") }
}

extension ChannelID {
    /// The channel of the same gas under which packs list its tolerances: the benches' NO and CO2 are NO and CO2.
    fileprivate var asInPacks: ChannelID {
        switch self {
        case .benchNitricOxide, .nitrogenOxides: .nitricOxide
        case .benchCarbonDioxide: .carbonDioxide
        default: self
        }
    }
}
