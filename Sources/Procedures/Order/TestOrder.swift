public import Metrology
public import Standards

/// What a lane is asked to do with one vehicle (检测委托).
public struct TestOrder: Hashable, Sendable {
    /// The order's number at the station (检验流水号).
    public var number: String
    /// The method to carry out.
    public var method: TestMethod
    /// Which attempt this is, from 1 (检验次数).
    public var attempt: Int
    /// The digest of the record that this test follows, for a retest; nil for a first one.
    public var follows: String?
    /// The vehicle.
    public var vehicle: OrderedVehicle
    /// The name of the limit set to judge by, such as `a`.
    public var limitSet: String
    /// Who is responsible for the test (检验员).
    public var inspector: String
    /// Who drives (引车员).
    public var driver: String
    /// What was checked of the vehicle before its tailpipe; nil if that is not stated.
    public var checks: VehicleChecks?

    /// Creates an order.
    public init(
        number: String, method: TestMethod, attempt: Int = 1, follows: String? = nil, vehicle: OrderedVehicle,
        limitSet: String, inspector: String, driver: String, checks: VehicleChecks? = nil
    ) {
        self.checks = checks
        self.number = number
        self.method = method
        self.attempt = attempt
        self.follows = follows
        self.vehicle = vehicle
        self.limitSet = limitSet
        self.inspector = inspector
        self.driver = driver
    }
}

/// The vehicle of an order; each method says which of the optional members it needs.
public struct OrderedVehicle: Hashable, Sendable {
    /// Number plate (号牌号码).
    public var plate: String
    /// Vehicle identification number (车辆识别代号).
    public var vin: String
    /// What the vehicle burns (燃料类别); of a bi-fuel vehicle, what it burns first.
    public var fuel: Fuel
    /// The other fuel of a bi-fuel vehicle (两用燃料), which is tested on both; nil for every other vehicle.
    public var secondFuel: Fuel?
    /// Whether the engine's oil temperature can be read.
    public var oilTemperatureReadable: Bool
    /// Curb mass (整备质量), kg.
    public var curbMass: RoundedDecimal?
    /// Greatest permitted mass (最大总质量), kg.
    public var grossMass: RoundedDecimal?
    /// Rated power of the engine (发动机额定功率), kW.
    public var ratedPower: RoundedDecimal?
    /// Rated speed of the engine (发动机额定转速), r/min.
    public var ratedSpeed: RoundedDecimal?
    /// The engine's greatest speed without load, as its maker states it (断油转速), r/min; nil where a test has to find it.
    public var governedSpeed: RoundedDecimal?
    /// The maker's high idle speed (高怠速), r/min; nil where the standard's applies.
    public var highIdleSpeed: RoundedDecimal?
    /// The maker's range of lambda at high idle; nil where the standard's applies.
    public var lambdaRange: LambdaRange?
    /// How the engine breathes (进气方式).
    public var aspiration: Aspiration?
    /// How gears are changed (变速器形式).
    public var transmission: Transmission?
    /// Which wheels are driven (驱动形式).
    public var drive: Drive?
    /// Whether an electric motor drives too (混合动力).
    public var isHybrid: Bool
    /// First registration (初次登记日期), `YYYY-MM-DD`.
    public var registered: String?
    /// Independent tail pipes (排气管数量), each of which is sampled.
    public var tailPipes: Int
    /// What kind of vehicle it is (车辆类别); nil counts as one for roads.
    public var category: VehicleCategory?

    /// A lower and an upper value of lambda.
    public struct LambdaRange: Hashable, Sendable {
        /// The least.
        public var low: RoundedDecimal
        /// The greatest.
        public var high: RoundedDecimal

        /// Creates a range.
        public init(low: RoundedDecimal, high: RoundedDecimal) {
            self.low = low
            self.high = high
        }
    }

    /// Creates a vehicle.
    public init(
        plate: String, vin: String, fuel: Fuel, secondFuel: Fuel? = nil, oilTemperatureReadable: Bool,
        curbMass: RoundedDecimal? = nil,
        grossMass: RoundedDecimal? = nil, ratedPower: RoundedDecimal? = nil, ratedSpeed: RoundedDecimal? = nil,
        highIdleSpeed: RoundedDecimal? = nil, lambdaRange: LambdaRange? = nil, aspiration: Aspiration? = nil,
        transmission: Transmission? = nil, drive: Drive? = nil, isHybrid: Bool = false, registered: String? = nil,
        tailPipes: Int = 1, governedSpeed: RoundedDecimal? = nil, category: VehicleCategory? = nil
    ) {
        self.category = category
        self.plate = plate
        self.vin = vin
        self.fuel = fuel
        self.secondFuel = secondFuel
        self.oilTemperatureReadable = oilTemperatureReadable
        self.curbMass = curbMass
        self.grossMass = grossMass
        self.ratedPower = ratedPower
        self.ratedSpeed = ratedSpeed
        self.highIdleSpeed = highIdleSpeed
        self.lambdaRange = lambdaRange
        self.aspiration = aspiration
        self.transmission = transmission
        self.drive = drive
        self.isHybrid = isHybrid
        self.registered = registered
        self.tailPipes = tailPipes
        self.governedSpeed = governedSpeed
    }
}

/// How an engine breathes (进气方式).
public enum Aspiration: String, CaseIterable, Sendable {
    /// Naturally aspirated (自然吸气).
    case natural
    /// Turbocharged, with or without intercooler (涡轮增压).
    case turbocharged
}

/// How gears are changed (变速器形式).
public enum Transmission: String, CaseIterable, Sendable {
    /// By the driver (手动).
    case manual
    /// By the vehicle (自动).
    case automatic
}

/// Which wheels are driven (驱动形式).
public enum Drive: String, CaseIterable, Sendable {
    /// One axle (两驱).
    case twoWheel = "two-wheel"
    /// All, and one axle can be let go (分时四驱).
    case partTimeFourWheel = "part-time-four-wheel"
    /// All, always (全时四驱).
    case fullTimeFourWheel = "full-time-four-wheel"
    /// More than one axle of a heavy vehicle, rolled together (并装双驱动轴).
    case tandem
}
