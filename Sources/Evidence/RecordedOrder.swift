import Metrology
import Procedures
import Standards

/// A test order as records hold it.
enum RecordedOrder {
    static func value(_ order: TestOrder) -> JSONValue {
        [
            "number": .string(order.number), "limitSet": .string(order.limitSet),
            "inspector": .string(order.inspector), "driver": .string(order.driver),
            "vehicle": [
                "plate": .string(order.plate), "vin": .string(order.vin), "fuel": .string(order.fuel.rawValue),
                "curbMass": .string(order.curbMass.description),
                "oilTemperatureReadable": .boolean(order.oilTemperatureReadable),
            ],
        ]
    }

    static func order(_ value: JSONValue?) -> TestOrder? {
        let vehicle = value?["vehicle"]
        guard let number = value?["number"]?.text, let set = value?["limitSet"]?.text,
            let inspector = value?["inspector"]?.text, let driver = value?["driver"]?.text,
            let plate = vehicle?["plate"]?.text, let vin = vehicle?["vin"]?.text,
            let fuel = vehicle?["fuel"]?.text.flatMap(Fuel.init),
            let mass = vehicle?["curbMass"]?.text.flatMap({ RoundedDecimal($0) }),
            let readable = vehicle?["oilTemperatureReadable"]?.truth
        else { return nil }
        return TestOrder(
            number: number, plate: plate, vin: vin, fuel: fuel, curbMass: mass, oilTemperatureReadable: readable,
            limitSet: set, inspector: inspector, driver: driver)
    }
}
