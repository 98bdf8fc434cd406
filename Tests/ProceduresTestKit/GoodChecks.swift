import Metrology
public import Procedures
public import Standards

/// Orders of checks with good reference materials, for good lanes.
public enum GoodChecks {
    /// The rollers that the order's lane believes to have.
    public static func lane(_ dynamometer: DynamometerClass = .light) -> LaneParameters {
        LaneParameters(
            parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1),
            baseInertia: Mass(dynamometer == .heavy ? 1452.8 : 907.2))
    }

    /// An order with every reference that the kind of check needs, on the pack's nominal values.
    public static func order(_ kind: CheckKind, dynamometer: DynamometerClass = .light) -> CheckOrder {
        CheckOrder(
            kind: kind, references: references(kind), dynamometer: dynamometer,
            propaneEquivalence: RoundedDecimal("0.505"), clockOffsets: [0.02, -0.01, 0.03])
    }

    private static func references(_ kind: CheckKind) -> CheckReferences {
        var references = CheckReferences()
        references.gases = [
            .low: gas(
                "B-1", [.hydrocarbons: "200", .carbonMonoxide: "0.50", .carbonDioxide: "6.0", .nitricOxide: "300"]),
            .midLow: gas(
                "B-2", [.hydrocarbons: "960", .carbonMonoxide: "2.4", .carbonDioxide: "3.6", .nitricOxide: "900"]),
            .midHigh: gas(
                "B-3", [.hydrocarbons: "1920", .carbonMonoxide: "4.8", .carbonDioxide: "7.2", .nitricOxide: "1800"]),
            .high: gas(
                "B-4", [.hydrocarbons: "3200", .carbonMonoxide: "8.0", .carbonDioxide: "12.0", .nitricOxide: "3000"]),
            .nitrogenDioxide: gas("B-5", [.nitrogenDioxide: "100"]),
        ]
        references.filters = ["30.0", "50.0", "70.0"].map {
            ReferenceFilter(number: "F-\($0)", opacity: CertifiedValue(decimal($0)))
        }
        references.weights = ["500", "1000", "1500", "2000", "2500"].map {
            ReferenceWeight(number: "W-\($0)", force: CertifiedValue(decimal($0)))
        }
        references.readings =
            switch kind {
            case .flowMeter:
                [
                    reading([.exhaustFlow: "6.00", .flowTemperature: "25.0", .flowPressure: "101.30"]),
                    reading([.exhaustFlow: "2.00"]),
                ]
            case .weatherStation:
                [reading([.airTemperature: "22.0", .relativeHumidity: "50.0", .airPressure: "101.30"])]
            case .oilTemperature: [reading([.oilTemperature: "80.0"])]
            default: []
            }
        return references
    }

    private static func gas(_ number: String, _ parts: [ChannelID: String]) -> ReferenceGas {
        ReferenceGas(number: number, components: parts.mapValues { CertifiedValue(decimal($0)) })
    }

    private static func reading(_ values: [ChannelID: String]) -> ReferenceReading {
        ReferenceReading(number: "R-1", values: values.mapValues(decimal))
    }

    private static func decimal(_ text: String) -> RoundedDecimal {
        // The numbers are those above.
        guard let decimal = RoundedDecimal(text) else { preconditionFailure("\(text) is no number") }
        return decimal
    }
}

extension CheckOutcome {
    /// The outcome of the check of an order on a bench with faults, in virtual time, and how long it took there, s; nil
    /// if it came to none.
    ///
    /// - Throws: `CheckProblems`.
    public static func rehearsed(
        _ order: CheckOrder, _ requirements: CheckRequirements, faults: CheckBench.Faults = CheckBench.Faults()
    ) throws -> (outcome: CheckOutcome, seconds: Double)? {
        func run(_ check: some CheckProcedure) -> (CheckOutcome, Double)? {
            var check = check
            var bench = CheckBench(order, freshness: check.freshness, tick: check.tick, faults: faults)
            bench.inertia = GoodChecks.lane(order.dynamometer).baseInertia?.value ?? bench.inertia
            let run = CheckRun(&check, on: &bench)
            return check.outcome.map { ($0, Double(run.frames.count) * check.tick.seconds) }
        }
        return run(
            try CheckKind.prepare(order, requirements: requirements, lane: GoodChecks.lane(order.dynamometer)))
    }
}
