public import Standards

extension CheckKind {
    /// Prepares the check that an order asks for.
    ///
    /// - Throws: ``CheckProblems`` naming everything that the order or the lane lacks, and every reference material
    ///   that is not for its point.
    public static func prepare(
        _ order: CheckOrder, requirements: CheckRequirements, lane: LaneParameters
    ) throws(CheckProblems) -> any CheckProcedure {
        var basis = CheckBasis(order, requirements, lane)
        let plan = plan(&basis)
        guard let plan, basis.problems.isEmpty else { throw CheckProblems(basis.problems) }
        return GuidedCheck(order.kind, plan: plan, requirements: requirements, references: order.references.numbers)
    }

    /// The plan of a check; nil after the problems were noted.
    private static func plan(_ basis: inout CheckBasis) -> (any CheckPlan)? {
        switch basis.order.kind {
        case .gasLeak, .noxLeak: LeakPlan(basis)
        case .gasSpan: GasSpanPlan(&basis)
        case .gasSinglePoint: GasPointPlan(&basis, points: [.low])
        case .gasFivePoint: GasPointPlan(&basis, points: [.low, .midLow, .midHigh, .high])
        case .gasResponse, .noxResponse: GasResponsePlan(&basis)
        case .gasLowFlow: LowFlowPlan(basis)
        case .gasBackground: GasBackgroundPlan(basis)
        case .noxGas: NOxPlan(&basis)
        case .noxConverter: ConverterPlan(&basis)
        case .opacimeterFilters: OpacimeterFiltersPlan(&basis)
        case .opacimeterDrift: OpacimeterDriftPlan(basis)
        case .opacimeterResponse: OpacimeterResponsePlan(basis)
        case .dynamometerWarmUp: WarmUpPlan(basis)
        case .parasiticLoss: ParasiticLossPlan(&basis)
        case .coastDown: CoastDownPlan(&basis)
        case .variableCoastDown: VariableCoastDownPlan(&basis)
        case .baseInertia: BaseInertiaPlan(&basis)
        case .dynamometerForce: ForcePlan(&basis)
        case .dynamometerSpeed: SpeedPlan(&basis)
        case .loadResponse: LoadResponsePlan(basis)
        case .dynamometerInterlocks: InterlockPlan(basis)
        case .flowMeter: ComparisonPlan.flowMeter(&basis)
        case .tachometer: ComparisonPlan.tachometer(&basis)
        case .weatherStation: ComparisonPlan.weatherStation(&basis)
        case .oilTemperature: ComparisonPlan.oilTemperature(&basis)
        case .obdAdapter: OBDPlan(basis)
        case .clock: ClockPlan(&basis)
        }
    }
}
