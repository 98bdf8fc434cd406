public import Messages
public import Metrology
public import Standards

/// A procedure that carries out one test method on one vehicle.
public protocol TestProcedure: LaneProcedure where Outcome: TestOutcome {
    /// The limits that it judges by.
    associatedtype Limits: MethodLimits
    /// The requirements that it follows.
    associatedtype Requirements: MethodRequirements

    /// The name of the algorithm in records; a change of behaviour gets a new one.
    static var algorithm: String { get }
    /// The instruments that it cannot do without.
    static var roles: Set<InstrumentRole> { get }

    /// Prepares the test that an order asks for.
    ///
    /// - Throws: ``OrderProblems`` naming everything that the order lacks or that the method does not allow.
    init(_ order: TestOrder, limits: Limits, requirements: Requirements, lane: LaneParameters) throws(OrderProblems)
}

extension TestMethod {
    /// The procedure that carries the method out.
    private var procedure: any TestProcedure.Type {
        switch self {
        case .asm: ASMProcedure.self
        case .twoSpeedIdle: TwoSpeedIdleProcedure.self
        case .freeAcceleration: FreeAccelerationProcedure.self
        case .nonRoad: NonRoadProcedure.self
        case .lugDown: LugDownProcedure.self
        case .vmas: VMASProcedure.self
        }
    }

    /// The name of the method's algorithm in records.
    public var algorithm: String { procedure.algorithm }

    /// The instruments that the method cannot do without.
    public var roles: Set<InstrumentRole> { procedure.roles }

    /// Prepares the test that an order asks for, with packs of its method.
    ///
    /// - Throws: ``OrderProblems`` naming everything that stands in the way. (Declared untyped: the compiler, 6.3.1,
    ///   trips over a typed error beside an existential result.)
    public static func prepare(
        _ order: TestOrder, limits: any MethodLimits, requirements: any MethodRequirements, lane: LaneParameters
    ) throws -> any TestProcedure {
        func make<P: TestProcedure>(_: P.Type) throws -> any TestProcedure {
            guard let limits = limits as? P.Limits, let requirements = requirements as? P.Requirements else {
                throw OrderProblems([OrderProblem("method", Message(.orderPacksOfOtherMethod))])
            }
            return try P(order, limits: limits, requirements: requirements, lane: lane)
        }
        return try make(order.method.procedure)
    }
}

/// What a lane's own checks found, and every test of it is carried out with.
public struct LaneParameters: Hashable, Sendable {
    /// What the rollers take (附加损失), from the coast-down check.
    public var parasiticLoss: ParasiticLoss
    /// Inertia of the rollers and what turns with them (基本惯量), kg; nil if the lane file does not state it.
    public var baseInertia: Mass?
    /// The greatest power that the brake can take (测功机吸收功率), kW; nil if the lane file does not state it.
    public var brakePower: Power?
    /// The lane's altitude above the sea (海拔), m; nil where its local government grants no allowance for it.
    public var altitude: RoundedDecimal?
    /// From the tail pipe to the analyzer's reading (气路延迟), from the response check; nil if it was not measured.
    public var analyzerDelay: LaneSpan?
    /// The same of the flow meter.
    public var flowMeterDelay: LaneSpan?
    /// Whether a converter before the NOx bench turns NO2 into NO (NO2 转化炉), so that its NO is all NOx.
    public var convertsNitrogenDioxide: Bool

    /// Creates parameters.
    public init(
        parasiticLoss: ParasiticLoss, baseInertia: Mass? = nil, brakePower: Power? = nil,
        altitude: RoundedDecimal? = nil, analyzerDelay: LaneSpan? = nil, flowMeterDelay: LaneSpan? = nil,
        convertsNitrogenDioxide: Bool = false
    ) {
        self.parasiticLoss = parasiticLoss
        self.baseInertia = baseInertia
        self.brakePower = brakePower
        self.altitude = altitude
        self.analyzerDelay = analyzerDelay
        self.flowMeterDelay = flowMeterDelay
        self.convertsNitrogenDioxide = convertsNitrogenDioxide
    }
}

/// Something that keeps an order from being carried out.
public struct OrderProblem: Hashable, Sendable {
    /// The order's member, as the order file names it, such as `vehicle.rated-power`.
    public let member: String
    /// What is wrong with it.
    public let message: Message

    /// Creates a problem.
    public init(_ member: String, _ message: Message) {
        self.member = member
        self.message = message
    }

    /// A member that the method needs and the order does not have.
    public static func missing(_ member: String, for method: TestMethod) -> OrderProblem {
        OrderProblem(member, Message(.orderMissing, ["member": .text(member), "method": .text(method.rawValue)]))
    }
}

/// Everything that keeps an order from being carried out, at once.
public struct OrderProblems: Error, Hashable, Sendable {
    /// The problems; never empty.
    public let all: [OrderProblem]

    /// Creates the error.
    public init(_ all: [OrderProblem]) { self.all = all }
}
