import Messages
import Metrology
import Standards

/// The steps of a check, and what they mean.
protocol CheckPlan: Sendable {
    /// The steps, in order; their names are unique.
    var stages: [CheckStage] { get }

    /// Judges what the steps brought to light.
    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement
}

/// What a plan makes of its findings.
struct CheckJudgement {
    var items: [CheckItem] = []
    var parameters: [SealedParameter] = []
    var remarks: Set<CheckRemark> = []
}

/// What a plan is made from: the order, the pack, the lane; it gathers everything that is wrong with them.
struct CheckBasis {
    let order: CheckOrder
    let requirements: CheckRequirements
    let lane: LaneParameters
    private(set) var problems: [OrderProblem] = []

    init(_ order: CheckOrder, _ requirements: CheckRequirements, _ lane: LaneParameters) {
        self.order = order
        self.requirements = requirements
        self.lane = lane
    }

    var comparison: Comparison { requirements.general.comparison }

    /// A member that the check cannot do without.
    mutating func need<Value>(_ value: Value?, _ member: String) -> Value? {
        if value == nil {
            problems.append(
                OrderProblem(
                    member,
                    Message(.checkNeeds, ["member": .text(member), "check": .message(order.kind.message)])))
        }
        return value
    }

    /// Notes what is wrong with a member.
    mutating func refuse(_ member: String, _ message: Message) { problems.append(OrderProblem(member, message)) }

    /// Notes a reference value that is too far from what it is for.
    mutating func expect(
        _ value: RoundedDecimal, _ member: String, number: String, near nominal: Double, within deviation: Double,
        unit: String
    ) {
        let low = nominal - deviation
        let high = nominal + deviation
        guard value.value < low || value.value > high else { return }
        func text(_ value: Double) -> MessageArgument {
            .decimal((try? RoundedDecimal(value, places: 3))?.description ?? "\(value)")
        }
        problems.append(
            OrderProblem(
                member,
                Message(
                    .checkUnsuitable,
                    [
                        "number": .text(number), "found": .decimal(value.description), "low": text(low),
                        "high": text(high), "unit": .text(unit),
                    ])))
    }
}

extension CheckItem {
    /// Compares a reading with its reference, with the channel's unit and places.
    init(
        _ channel: ChannelID, at point: String, measured: Double?, reference: Double, absolute: PackValue? = nil,
        relative: PackValue? = nil, comparison: Comparison
    ) throws(MetrologyError) {
        try self.init(
            channel.rawValue, at: point, unit: channel.unit.symbol, measured: measured, reference: reference,
            places: channel.checkPlaces, absolute: absolute, relative: relative, comparison: comparison)
    }

    /// A reading that did not come to rest: it cannot pass.
    static func unsteady(
        _ channel: ChannelID, at point: String, spread: Double, steady: Double
    ) throws(MetrologyError) -> CheckItem {
        let places = channel.checkPlaces + 1
        let limit = try RoundedDecimal(steady, places: places)
        return try CheckItem(
            "\(channel.rawValue)-spread", at: point, unit: channel.unit.symbol, measured: spread, places: places,
            bound: .atMost(.derived(limit, unit: channel.unit.symbol)), comparison: .full)
    }
}

extension ChannelID {
    /// Decimal places in checks: one more than tests report, since tolerances are about the last place.
    var checkPlaces: Int {
        switch self {
        case .carbonMonoxide, .lightAbsorption, .peakLightAbsorption: 3
        case .carbonDioxide, .benchCarbonDioxide, .oxygen, .dilutedOxygen, .opacity, .rollerSpeed, .exhaustFlow,
            .airPressure, .flowPressure, .lambda:
            2
        case .engineSpeed, .analyzerEngineSpeed, .obdEngineSpeed: 0
        default: 1
        }
    }
}
