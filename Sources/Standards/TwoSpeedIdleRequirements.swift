public import Documents
public import Messages
public import Metrology

/// What a standard asks of a two-speed idle test (双怠速法测试要求), read from a requirement pack.
public struct TwoSpeedIdleRequirements: MethodRequirements {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]

    /// Conditions before the engine is driven.
    public let preTest: PreTestRules
    /// Engine speeds and their bands.
    public let speeds: Speeds
    /// Lengths of the phases.
    public let times: Times
    /// How means become a verdict.
    public let decisions: Decisions
    /// Lambda of each fuel.
    public let lambda: [Fuel: LambdaFormula]
    /// Decimal places of reported values.
    public let places: Places
    /// When a test is broken off because the lane cannot measure.
    public let watch: WatchRules
    /// When a test is broken off because of its sample.
    public let sampling: SamplingRules
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// Engine speeds and their bands.
    public struct Speeds: Sendable {
        /// Share of the rated speed at which the engine is conditioned, %.
        public let conditioningShare: PackValue
        /// Half-width of its band, r/min.
        public let conditioningBand: PackValue
        /// High idle of a light vehicle, r/min.
        public let highIdleLight: PackValue
        /// High idle of a heavy vehicle, r/min.
        public let highIdleHeavy: PackValue
        /// Half-width of the band of high idle, inclusive, r/min.
        public let highIdleBand: PackValue
        /// The greatest speed at which an engine idles, r/min.
        public let idleMaximum: PackValue
        /// Greatest permitted mass above which a vehicle is heavy, kg.
        public let heavyAbove: PackValue
        /// Seconds in a row outside a band that restart the phase.
        public let outOfBand: Int
    }

    /// Lengths of the phases, s.
    public struct Times: Sendable {
        /// At the conditioning speed.
        public let conditioning: Int
        /// At a speed before its mean begins.
        public let settle: Int
        /// Over which the mean is taken.
        public let mean: Int
        /// The longest that a phase may take with its restarts.
        public let phaseLimit: Int
        /// The longest that changing to the other fuel may take.
        public let fuelChangeLimit: Int
    }

    /// How means become a verdict.
    public struct Decisions: Sendable {
        /// Whether rounded or full values are compared with limits.
        public let comparison: Comparison
        /// Which reading stands for a second.
        public let secondTakes: SecondTakes
        /// Where the judged lambda comes from.
        public let lambdaFrom: LambdaSource
        /// What the HC of a natural-gas engine counts for.
        public let naturalGasHydrocarbons: NaturalGasHydrocarbons
    }

    /// Where the judged lambda comes from.
    public enum LambdaSource: String, CaseIterable, Sendable {
        /// Computed from each second's gases.
        case gases
        /// As the analyzer reports it.
        case analyzer
    }

    /// What the HC of a natural-gas engine counts for.
    public enum NaturalGasHydrocarbons: String, CaseIterable, Sendable {
        /// It is compared with the limit.
        case judged
        /// It is recorded only.
        case recorded
    }

    /// Whether the NO term of lambda is taken in.
    enum NitricOxideTerm: String, CaseIterable, Sendable {
        case used
        case omitted
    }

    /// Decimal places of reported values.
    public struct Places: Sendable {
        /// CO.
        public let carbonMonoxide: Int
        /// HC.
        public let hydrocarbons: Int
        /// Lambda.
        public let lambda: Int
    }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        self = try document.read { reader -> TwoSpeedIdleRequirements? in
            guard let pack = PackReader(reader, kind: .requirements, method: .twoSpeedIdle) else { return nil }
            let preTest = reader.mapping("pre-test") { PreTestRules($0, pack, hasRollers: false) }
            let speeds = reader.mapping("speeds") { Speeds($0, pack) }
            let times = reader.mapping("times") { Times($0, pack) }
            let decisions = reader.mapping("decisions") { Decisions($0, pack) }
            let lambda = reader.mapping("lambda") { formulas($0, pack) }
            let places = reader.mapping("report") { Places($0, pack) }
            let aborts = reader.mapping("aborts") { group -> (WatchRules, SamplingRules)? in
                let watch = WatchRules(group, pack)
                let sampling = SamplingRules(group, pack)
                return watch.flatMap { watch in sampling.map { (watch, $0) } }
            }
            let freshness = reader.mapping("freshness") {
                pack.freshness([.gasAnalyzer, .tachometer, .weatherStation], of: $0)
            }
            guard let preTest, let speeds, let times, let decisions, let lambda, let places, let aborts, let freshness
            else { return nil }
            return TwoSpeedIdleRequirements(
                identity: pack.identity, bytes: document.bytes, preTest: preTest, speeds: speeds, times: times,
                decisions: decisions, lambda: lambda, places: places, watch: aborts.0, sampling: aborts.1,
                freshness: freshness)
        }
    }

    private init(
        identity: PackIdentity, bytes: [UInt8], preTest: PreTestRules, speeds: Speeds, times: Times,
        decisions: Decisions, lambda: [Fuel: LambdaFormula], places: Places, watch: WatchRules,
        sampling: SamplingRules, freshness: [InstrumentRole: LaneSpan]
    ) {
        self.identity = identity
        self.bytes = bytes
        self.preTest = preTest
        self.speeds = speeds
        self.times = times
        self.decisions = decisions
        self.lambda = lambda
        self.places = places
        self.watch = watch
        self.sampling = sampling
        self.freshness = freshness
    }
}

extension TwoSpeedIdleRequirements.Speeds {
    fileprivate init?(_ group: MappingReader, _ pack: PackReader) {
        let share = pack.value("conditioning-share", "%", in: 1...100, of: group)
        let conditioning = pack.value("conditioning-band", "r/min", of: group)
        let light = pack.value("high-idle-light", "r/min", of: group)
        let heavy = pack.value("high-idle-heavy", "r/min", of: group)
        let band = pack.value("high-idle-band", "r/min", of: group)
        let idle = pack.value("idle-maximum", "r/min", of: group)
        let mass = pack.value("heavy-above", "kg", of: group)
        let out = pack.seconds("out-of-band", of: group)
        guard let share, let conditioning, let light, let heavy, let band, let idle, let mass, let out else {
            return nil
        }
        conditioningShare = share
        conditioningBand = conditioning
        highIdleLight = light
        highIdleHeavy = heavy
        highIdleBand = band
        idleMaximum = idle
        heavyAbove = mass
        outOfBand = out
    }
}

extension TwoSpeedIdleRequirements.Times {
    fileprivate init?(_ group: MappingReader, _ pack: PackReader) {
        let conditioning = pack.seconds("conditioning", of: group)
        let settle = pack.seconds("settle", of: group)
        let mean = pack.seconds("mean", of: group)
        let limit = pack.seconds("phase-limit", of: group)
        let change = pack.seconds("fuel-change-limit", of: group)
        guard let conditioning, let settle, let mean, let limit, let change else { return nil }
        self.conditioning = conditioning
        self.settle = settle
        self.mean = mean
        phaseLimit = limit
        fuelChangeLimit = change
    }
}

extension TwoSpeedIdleRequirements.Decisions {
    fileprivate init?(_ group: MappingReader, _ pack: PackReader) {
        let comparison: Comparison? = pack.rule("comparison", of: group)
        let takes: SecondTakes? = pack.rule("second-takes", of: group)
        let lambda: TwoSpeedIdleRequirements.LambdaSource? = pack.rule("lambda-from", of: group)
        let gas: TwoSpeedIdleRequirements.NaturalGasHydrocarbons? = pack.rule("natural-gas-hc", of: group)
        guard let comparison, let takes, let lambda, let gas else { return nil }
        self.comparison = comparison
        secondTakes = takes
        lambdaFrom = lambda
        naturalGasHydrocarbons = gas
    }
}

extension TwoSpeedIdleRequirements.Places {
    fileprivate init?(_ group: MappingReader, _ pack: PackReader) {
        func places(_ key: String) -> Int? { pack.value(key, "digits", in: 0...6, whole: true, of: group)?.count }
        let co = places("co-places")
        let hc = places("hc-places")
        let lambda = places("lambda-places")
        guard let co, let hc, let lambda else { return nil }
        carbonMonoxide = co
        hydrocarbons = hc
        self.lambda = lambda
    }
}

private func formulas(_ group: MappingReader, _ pack: PackReader) -> [Fuel: LambdaFormula]? {
    let factor = pack.value("hydrocarbon-factor", "%/ppm", in: 1e-6...1, of: group)
    let term: TwoSpeedIdleRequirements.NitricOxideTerm? = pack.rule("nitric-oxide-term", of: group)
    var ratios: [Fuel: (hydrogen: Double, oxygen: Double)] = [:]
    for fuel in Fuel.sparkIgnition {
        let hydrogen = pack.value("\(fuel.rawValue)-hydrogen", "1", in: 0...5, of: group)
        let oxygen = pack.value("\(fuel.rawValue)-oxygen", "1", in: 0...5, of: group)
        if let hydrogen, let oxygen { ratios[fuel] = (hydrogen.value, oxygen.value) }
    }
    guard let factor, let term, ratios.count == Fuel.sparkIgnition.count else { return nil }
    return ratios.mapValues {
        LambdaFormula(
            hydrogen: $0.hydrogen, oxygen: $0.oxygen, hydrocarbonFactor: factor.value, usesNitricOxide: term == .used)
    }
}
