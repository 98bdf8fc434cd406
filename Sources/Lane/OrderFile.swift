public import Documents
public import Messages
import Metrology
public import Procedures
public import Standards

/// Reads a test order from a file.
public enum OrderFile {
    /// The order in a document.
    ///
    /// - Parameter limits: the limits it is to be judged by, of which the order must name a set; nil if they could not
    ///   be read, which is a problem told elsewhere.
    /// - Throws: `Problems`, all at once.
    public static func read(_ document: Document, limits: ASMLimits?) throws(Problems) -> TestOrder {
        try document.read { reader -> TestOrder? in
            let number = reader.text("number")
            let vehicle = reader.mapping("vehicle", vehicle)
            let set = reader.text("limit-set")
            let inspector = reader.text("inspector")
            let driver = reader.text("driver")
            if let set, let limits, limits.limits(set) == nil {
                reader.report(
                    Message(
                        .documentUnknownValue,
                        [
                            "key": "limit-set", "found": .text(set),
                            "expected": .text(limits.setNames.joined(separator: ", ")),
                        ]), at: "limit-set")
            }
            guard let number, let vehicle, let set, let inspector, let driver else { return nil }
            return TestOrder(
                number: number, plate: vehicle.plate, vin: vehicle.vin, fuel: vehicle.fuel,
                curbMass: vehicle.curbMass, oilTemperatureReadable: vehicle.oilReadable, limitSet: set,
                inspector: inspector, driver: driver)
        }
    }

    private struct Vehicle {
        let plate: String
        let vin: String
        let fuel: Fuel
        let curbMass: RoundedDecimal
        let oilReadable: Bool
    }

    private static func vehicle(_ group: MappingReader) -> Vehicle? {
        let plate = group.text("plate")
        let vin = group.text("vin")
        let fuel: Fuel? = group.choice("fuel")
        let mass = group.number("curb-mass", in: 300...3500).flatMap { _ in
            group.decimal("curb-mass").flatMap { RoundedDecimal($0) }
        }
        let readable = group.boolean("oil-temperature-readable")
        // ISO 3779: seventeen characters without I, O and Q.
        if let vin, vin.wholeMatch(of: /[A-HJ-NPR-Z0-9]{17}/) == nil {
            group.report(
                Message(
                    .documentWrongType,
                    ["key": "vin", "found": .text(vin), "expected": .message(Message(.expectedVIN))]), at: "vin")
            return nil
        }
        guard let plate, let vin, let fuel, let mass, let readable else { return nil }
        return Vehicle(plate: plate, vin: vin, fuel: fuel, curbMass: mass, oilReadable: readable)
    }
}
