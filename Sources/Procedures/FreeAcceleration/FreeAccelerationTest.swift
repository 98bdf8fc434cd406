import Messages
import Metrology
public import Standards

/// What one free acceleration test (自由加速法) is carried out with: the engine, the limit, the rules.
public struct FreeAccelerationTest: Sendable {
    /// The method, on a lane or with portable instruments.
    public let method: TestMethod
    /// The limit that the order's set has for this engine.
    public let limit: SmokeLimit
    /// The rules of the standard.
    public let rules: FreeAccelerationRules
    /// Rated speed (额定转速), r/min; nil where it is not known.
    public let ratedSpeed: Double?
    /// The maker's governed speed (断油转速), r/min; nil where the purges have to find it.
    public let governedSpeed: Double?
    /// Whether the vehicle changes gears by itself.
    public let isAutomatic: Bool
    /// Whether the engine's oil temperature can be read; if not, a running time stands in for it.
    public let oilTemperatureReadable: Bool

    /// The test that an order asks for.
    ///
    /// A manual needs its rated speed, which tells a governed speed from one that was not reached; an automatic needs
    /// its rated or its governed speed. Rated power and aspiration are needed where a limit of the set asks for them.
    ///
    /// - Throws: ``OrderProblems`` naming everything that the order lacks.
    init(_ order: TestOrder, limits: SmokeLimitTable, names: some MethodLimits, rules: FreeAccelerationRules)
        throws(OrderProblems)
    {
        var check = OrderCheck(order)
        let vehicle = order.vehicle
        check.expect([.diesel])
        // A portable set tests machines without gears.
        let transmission =
            order.method == .freeAcceleration
            ? check.need(vehicle.transmission, "vehicle.transmission") : vehicle.transmission
        let isAutomatic = transmission == .automatic
        if !isAutomatic || vehicle.governedSpeed == nil { _ = check.need(vehicle.ratedSpeed, "vehicle.rated-speed") }
        for (member, speed) in [
            ("vehicle.rated-speed", vehicle.ratedSpeed), ("vehicle.governed-speed", vehicle.governedSpeed),
        ] {
            guard let speed, !rules.engine.plausible.contains(speed.value) else { continue }
            check.note(member, found: speed.description, expected: rules.engine.plausible)
        }
        let limit = Self.limit(check.limitSet(names).flatMap { limits[$0] } ?? [], of: vehicle, &check)
        try check.finish()
        guard let limit else { throw OrderProblems([.missing("limit-set", for: order.method)]) }
        method = order.method
        self.limit = limit
        self.rules = rules
        ratedSpeed = vehicle.ratedSpeed?.value
        governedSpeed = vehicle.governedSpeed?.value
        self.isAutomatic = isAutomatic
        oilTemperatureReadable = vehicle.oilTemperatureReadable
    }

    private static func limit(
        _ candidates: [SmokeLimit], of vehicle: OrderedVehicle, _ check: inout OrderCheck
    ) -> SmokeLimit? {
        if candidates.contains(where: { $0.powerFrom != nil || $0.powerBelow != nil }) {
            _ = check.need(vehicle.ratedPower, "vehicle.rated-power")
            if let power = vehicle.ratedPower, power.value <= 0 {
                check.note("vehicle.rated-power", found: power.description, expected: ["> 0 kW"])
            }
        }
        if candidates.contains(where: { $0.aspiration != nil }) {
            _ = check.need(vehicle.aspiration, "vehicle.aspiration")
        }
        let aspiration = vehicle.aspiration.flatMap { SmokeAspiration(rawValue: $0.rawValue) }
        return candidates.first { $0.applies(power: vehicle.ratedPower, aspiration: aspiration) }
    }

    /// The speed that an acceleration has to reach.
    ///
    /// - Parameter top: the greatest speed of the purges, r/min; nil while there was none.
    func threshold(top: Double?) -> Double {
        let engine = rules.engine
        if isAutomatic {
            // One of the two is in the order.
            return ratedSpeed ?? (governedSpeed ?? .infinity) * engine.automaticShare.value / 100
        }
        if let governed = governedSpeed ?? top { return governed * engine.governedShare.value / 100 }
        return (ratedSpeed ?? .infinity) * engine.purgeShare.value / 100
    }

    /// The greatest speed that can be idle.
    var idleMaximum: Double { (ratedSpeed ?? governedSpeed ?? 0) * rules.engine.idleShare.value / 100 }
}

extension OrderCheck {
    /// Notes a number outside its range.
    fileprivate mutating func note(_ member: String, found: String, expected range: ClosedRange<Double>) {
        let bounds = [range.lowerBound, range.upperBound].map {
            (try? RoundedDecimal($0, places: 0))?.description ?? ""
        }
        note(
            OrderProblem(
                member,
                Message(
                    .documentOutOfRange,
                    [
                        "key": .text(member), "found": .text(found),
                        "expected": .message(
                            Message(.expectedRange, ["low": .text(bounds[0]), "high": .text(bounds[1])])),
                    ])))
    }
}
