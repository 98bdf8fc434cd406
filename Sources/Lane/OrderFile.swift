public import Documents
import Evidence
public import Messages
import Metrology
public import Procedures
public import Standards

/// Reads a test order from a file.
public enum OrderFile {
    /// The order in a document.
    ///
    /// - Parameters:
    ///   - method: the method that the order is to be for; nil takes the order's own word.
    ///   - lane: the lane that is to carry it out, which tells what else stands in the way; nil if its file could not
    ///     be read, which is a problem told elsewhere.
    ///   - checks: a file of its own with the checks before the tailpipe; nil takes those of the order.
    /// - Throws: `Problems`, all at once.
    public static func read(
        _ document: Document, method: TestMethod? = nil, checks: Document? = nil, lane: LaneConfiguration?
    ) throws(Problems) -> TestOrder {
        var order = try parse(document, method: method, isDecided: true)
        if let checks { order.checks = try readChecks(checks) }
        guard let lane else { return order }
        let problems = lane.problems(with: order)
        guard problems.isEmpty else {
            throw Problems(problems.map { Problem($0.message, at: document.location(of: $0.member)) })
        }
        return order
    }

    /// The order in a document whose method need not be decided yet; the method that it does not state means nothing.
    ///
    /// - Throws: `Problems`, all at once.
    public static func readUndecided(_ document: Document, checks: Document? = nil) throws(Problems) -> TestOrder {
        var order = try parse(document, method: nil, isDecided: false)
        if let checks { order.checks = try readChecks(checks) }
        return order
    }

    /// The checks before the tailpipe in a file of their own.
    ///
    /// - Throws: `Problems`, all at once.
    public static func readChecks(_ document: Document) throws(Problems) -> VehicleChecks {
        try document.read(VehicleChecks.init)
    }

    private static func parse(
        _ document: Document, method: TestMethod?, isDecided: Bool
    ) throws(Problems) -> TestOrder {
        try document.read { reader -> TestOrder? in
            let number = reader.text("number")
            let ordered: TestMethod? =
                isDecided ? reader.choice("method") : reader.optional("method") { reader.choice($0) } ?? .asm
            let attempt = reader.optional("attempt") { reader.integer($0, in: 1...99) }
            let follows = reader.optional("follows") { digest($0, reader) }
            retest(attempt ?? 1, reader)
            let vehicle = reader.mapping("vehicle", vehicle)
            let set = isDecided ? reader.text("limit-set") : reader.optional("limit-set", reader.text) ?? ""
            let inspector = reader.text("inspector")
            let driver = reader.text("driver")
            let checks = reader.optional("vehicle-checks") { reader.mapping($0, VehicleChecks.init) }
            if let method, let ordered, method != ordered {
                reader.report(
                    Message(
                        .documentUnknownValue,
                        [
                            "key": "method", "found": .text(ordered.rawValue), "expected": .text(method.rawValue),
                        ]), at: "method")
            }
            guard let number, let ordered, let vehicle, let set, let inspector, let driver else { return nil }
            return TestOrder(
                number: number, method: ordered, attempt: attempt ?? 1, follows: follows, vehicle: vehicle,
                limitSet: set, inspector: inspector, driver: driver, checks: checks)
        }
    }

    /// The digest of a record, as lists of records show it.
    private static func digest(_ key: String, _ reader: MappingReader) -> String? {
        guard let text = reader.text(key) else { return nil }
        if Digest(text) != nil { return text }
        reader.report(
            Message(
                .documentWrongType,
                [
                    "key": .text(key), "found": .text(text), "expected": .message(Message(.expectedRecordDigest)),
                ]), at: key)
        return nil
    }

    /// A retest (复检) names the record that it follows, and nothing else does.
    private static func retest(_ attempt: Int, _ reader: MappingReader) {
        if attempt > 1, !reader.has("follows") {
            reader.report(Message(.orderRetestFollows, ["attempt": .integer(attempt)]), at: "attempt")
        } else if attempt == 1, reader.has("follows") {
            reader.report(Message(.orderFirstFollows), at: "follows")
        }
    }

    private static func vehicle(_ group: MappingReader) -> OrderedVehicle? {
        let plate = group.text("plate")
        let vin = group.text("vin")
        let fuel: Fuel? = group.choice("fuel")
        let readable = group.boolean("oil-temperature-readable")
        // ISO 3779: seventeen characters without I, O and Q.
        if let vin, vin.wholeMatch(of: /[A-HJ-NPR-Z0-9]{17}/) == nil {
            group.report(
                Message(
                    .documentWrongType,
                    ["key": "vin", "found": .text(vin), "expected": .message(Message(.expectedVIN))]), at: "vin")
        }
        var vehicle = OrderedVehicle(
            plate: plate ?? "", vin: vin ?? "", fuel: fuel ?? .gasoline, oilTemperatureReadable: readable ?? false)
        vehicle.curbMass = decimal("curb-mass", in: 300...50_000, of: group)
        vehicle.grossMass = decimal("gross-mass", in: 300...100_000, of: group)
        vehicle.ratedPower = decimal("rated-power", in: 1...2000, of: group)
        vehicle.ratedSpeed = decimal("rated-speed", in: 500...12_000, of: group)
        vehicle.governedSpeed = decimal("governed-speed", in: 500...12_000, of: group)
        vehicle.highIdleSpeed = decimal("high-idle-speed", in: 500...6000, of: group)
        vehicle.lambdaRange = group.optional("lambda-range") { key in
            group.mapping(key) { range in
                let low = decimal("low", in: 0.5...2, of: range)
                let high = decimal("high", in: 0.5...2, of: range)
                return low.flatMap { low in high.map { .init(low: low, high: $0) } }
            }
        }
        vehicle.secondFuel = group.optional("second-fuel") { group.choice($0) }
        vehicle.aspiration = group.optional("aspiration") { group.choice($0) }
        vehicle.transmission = group.optional("transmission") { group.choice($0) }
        vehicle.drive = group.optional("drive") { group.choice($0) }
        vehicle.category = group.optional("category") { group.choice($0) }
        vehicle.isHybrid = group.optional("hybrid", group.boolean) ?? false
        vehicle.registered = group.optional("registered", group.date)
        vehicle.tailPipes = group.optional("tail-pipes") { group.integer($0, in: 1...8) } ?? 1
        return plate == nil || vin == nil || fuel == nil || readable == nil ? nil : vehicle
    }

    /// A number with its digits, if it is there.
    private static func decimal(
        _ key: String, in range: ClosedRange<Double>, of group: MappingReader
    ) -> RoundedDecimal? {
        group.optional(key) { key in
            group.number(key, in: range).flatMap { _ in group.decimal(key).flatMap { RoundedDecimal($0) } }
        }
    }
}
