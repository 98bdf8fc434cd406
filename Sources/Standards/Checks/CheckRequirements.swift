public import Documents
public import Messages
public import Metrology

/// What the instruments of a lane have to pass (仪器检查要求): tolerances, intervals, reference values, times; read from
/// a pack of checks.
///
/// Every number that a check uses stands here with its source and grade.
public struct CheckRequirements: Sendable {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]
    /// How long a passed check of each kind holds (检查周期), h.
    public let intervals: [CheckKind: PackValue]
    /// What holds for all checks.
    public let general: GeneralCheckRules
    /// Gas analyzer and NOx bench.
    public let gas: GasCheckRules
    /// Opacimeter.
    public let opacimeter: OpacimeterCheckRules
    /// Chassis dynamometer.
    public let dynamometer: DynamometerCheckRules
    /// All the others.
    public let others: OtherCheckRules
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        self = try document.read { reader -> CheckRequirements? in
            guard let pack = PackReader(reader, kind: .checks, method: nil) else { return nil }
            let intervals = reader.mapping("intervals") { group -> [CheckKind: PackValue]? in
                var found: [CheckKind: PackValue] = [:]
                for kind in CheckKind.allCases {
                    found[kind] = pack.value(kind.rawValue, "h", in: 0.01...100_000, of: group)
                }
                return found.count == CheckKind.allCases.count ? found : nil
            }
            let general = reader.mapping("general") { GeneralCheckRules(PackGroup($0, pack)) }
            let gas = reader.mapping("gas") { GasCheckRules(PackGroup($0, pack)) }
            let opacimeter = reader.mapping("opacimeter") { OpacimeterCheckRules(PackGroup($0, pack)) }
            let dynamometer = reader.mapping("dynamometer") { DynamometerCheckRules(PackGroup($0, pack)) }
            let others = reader.mapping("others") { OtherCheckRules(PackGroup($0, pack)) }
            let roles: [InstrumentRole] = [
                .gasAnalyzer, .noxAnalyzer, .opacimeter, .dynamometer, .flowMeter, .tachometer, .weatherStation,
                .obdAdapter,
            ]
            let freshness = reader.mapping("freshness") { pack.freshness(roles, of: $0) }
            guard let intervals, let general, let gas, let opacimeter, let dynamometer, let others, let freshness else {
                return nil
            }
            return CheckRequirements(
                identity: pack.identity, bytes: document.bytes, intervals: intervals, general: general, gas: gas,
                opacimeter: opacimeter, dynamometer: dynamometer, others: others, freshness: freshness)
        }
    }

    private init(
        identity: PackIdentity, bytes: [UInt8], intervals: [CheckKind: PackValue], general: GeneralCheckRules,
        gas: GasCheckRules, opacimeter: OpacimeterCheckRules, dynamometer: DynamometerCheckRules,
        others: OtherCheckRules, freshness: [InstrumentRole: LaneSpan]
    ) {
        self.identity = identity
        self.bytes = bytes
        self.intervals = intervals
        self.general = general
        self.gas = gas
        self.opacimeter = opacimeter
        self.dynamometer = dynamometer
        self.others = others
        self.freshness = freshness
    }
}

/// What holds for all checks.
public struct GeneralCheckRules: Sendable {
    /// Whether full or reported errors are compared with tolerances.
    public let comparison: Comparison
    /// How long a person has to connect what is asked for.
    public let confirmLimit: LaneSpan
    /// How long an action such as a zero may take.
    public let actionLimit: LaneSpan
    /// How long an action may take to show in the instrument's state.
    public let answerLimit: LaneSpan
    /// How long the motor may take to bring the rollers to speed.
    public let motorLimit: LaneSpan
    /// How long the rollers may take to slow down.
    public let coastLimit: LaneSpan
    /// Readings are averaged over this, and have come to rest over it.
    public let window: LaneSpan
    /// How long a reading may take to come to rest.
    public let readingLimit: LaneSpan
    /// How long an instrument may be silent.
    public let lostLimit: LaneSpan
    /// From frame to frame.
    public let tick: LaneSpan
    /// From frame to frame where a step passes quickly.
    public let quickTick: LaneSpan

    init?(_ read: PackGroup) {
        comparison = read.rule("comparison", else: .full)
        confirmLimit = read.span("confirm-limit")
        actionLimit = read.span("action-limit")
        answerLimit = read.span("answer-limit")
        motorLimit = read.span("motor-limit")
        coastLimit = read.span("coast-limit")
        window = read.span("window")
        readingLimit = read.span("reading-limit")
        lostLimit = read.span("lost-limit")
        tick = .milliseconds(read.value("tick", "ms", in: 5...1000, whole: true).count)
        quickTick = .milliseconds(read.value("quick-tick", "ms", in: 5...1000, whole: true).count)
        guard read.isComplete else { return nil }
    }
}

/// The packs of checks that are built into the program, by id.
public enum CheckPackLibrary {
    /// Their names.
    public static let ids = ["HJ1237-2021-checks"]

    /// The requirements of a pack; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func requirements(_ id: String) throws(Problems) -> CheckRequirements? {
        guard let document = try document(id) else { return nil }
        return try CheckRequirements(document: document)
    }

    /// The document of a pack; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if its bytes are not YAML.
    public static func document(_ id: String) throws(Problems) -> Document? {
        try ids.contains(id) ? EmbeddedPacks.document(id) : nil
    }
}
