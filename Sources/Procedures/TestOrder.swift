public import Metrology
public import Standards

/// What a lane is asked to do with one vehicle (检测委托).
public struct TestOrder: Hashable, Sendable {
    /// The order's number at the station (检验流水号).
    public let number: String
    /// Number plate (号牌号码).
    public let plate: String
    /// Vehicle identification number (车辆识别代号).
    public let vin: String
    /// What the vehicle burns (燃料类别).
    public let fuel: Fuel
    /// Curb mass (整备质量), kg.
    public let curbMass: RoundedDecimal
    /// Whether the engine's oil temperature can be read.
    public let oilTemperatureReadable: Bool
    /// The name of the limit set to judge by, such as `a`.
    public let limitSet: String
    /// Who is responsible for the test (检验员).
    public let inspector: String
    /// Who drives (引车员).
    public let driver: String

    /// Creates an order.
    public init(
        number: String, plate: String, vin: String, fuel: Fuel, curbMass: RoundedDecimal,
        oilTemperatureReadable: Bool, limitSet: String, inspector: String, driver: String
    ) {
        self.number = number
        self.plate = plate
        self.vin = vin
        self.fuel = fuel
        self.curbMass = curbMass
        self.oilTemperatureReadable = oilTemperatureReadable
        self.limitSet = limitSet
        self.inspector = inspector
        self.driver = driver
    }
}

extension ASMTest {
    /// The test that an order asks for; nil if the limits have no set of the order's name.
    public init?(
        _ order: TestOrder, limits: ASMLimits, requirements: ASMRequirements, parasiticLoss: ParasiticLoss
    ) {
        guard let set = limits.limits(order.limitSet) else { return nil }
        self.init(
            fuel: order.fuel, curbMass: Mass(order.curbMass.value),
            oilTemperatureReadable: order.oilTemperatureReadable, limits: set, requirements: requirements,
            parasiticLoss: parasiticLoss)
    }
}
