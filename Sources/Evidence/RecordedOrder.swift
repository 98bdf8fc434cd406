import Metrology
package import Procedures
package import Standards

/// A test order as records hold it; what an order does not say is not there.
package enum RecordedOrder {
    static func value(_ order: TestOrder) -> JSONValue {
        var members: JSONObject = [
            "number": .string(order.number), "attempt": .integer(Int64(order.attempt)),
            "limitSet": .string(order.limitSet), "inspector": .string(order.inspector),
            "driver": .string(order.driver), "vehicle": .object(vehicle(order.vehicle)),
        ]
        if let follows = order.follows { members["follows"] = .string(follows) }
        if let checks = order.checks { members["vehicleChecks"] = RecordedVehicleChecks.value(checks) }
        return .object(members)
    }

    private static func vehicle(_ vehicle: OrderedVehicle) -> JSONObject {
        var members: JSONObject = [
            "plate": .string(vehicle.plate), "vin": .string(vehicle.vin), "fuel": .string(vehicle.fuel.rawValue),
            "oilTemperatureReadable": .boolean(vehicle.oilTemperatureReadable),
            "hybrid": .boolean(vehicle.isHybrid), "tailPipes": .integer(Int64(vehicle.tailPipes)),
        ]
        for (name, path) in numbers {
            if let number = vehicle[keyPath: path] { members[name] = .string(number.description) }
        }
        if let range = vehicle.lambdaRange {
            members["lambdaRange"] = [.string(range.low.description), .string(range.high.description)]
        }
        if let second = vehicle.secondFuel { members["secondFuel"] = .string(second.rawValue) }
        if let aspiration = vehicle.aspiration { members["aspiration"] = .string(aspiration.rawValue) }
        if let transmission = vehicle.transmission { members["transmission"] = .string(transmission.rawValue) }
        if let drive = vehicle.drive { members["drive"] = .string(drive.rawValue) }
        if let category = vehicle.category { members["category"] = .string(category.rawValue) }
        if let registered = vehicle.registered { members["registered"] = .string(registered) }
        return members
    }

    /// The order of a record; nil if a member is missing or of another kind.
    package static func order(_ value: JSONValue?, method: TestMethod) -> TestOrder? {
        guard let value, let number = value["number"]?.text, let attempt = value["attempt"]?.wholeNumber,
            let set = value["limitSet"]?.text, let inspector = value["inspector"]?.text,
            let driver = value["driver"]?.text, let vehicle = value["vehicle"].flatMap(vehicle)
        else { return nil }
        var checks: VehicleChecks?
        if let recorded = value["vehicleChecks"] {
            guard let read = RecordedVehicleChecks.checks(recorded) else { return nil }
            checks = read
        }
        return TestOrder(
            number: number, method: method, attempt: attempt, follows: value["follows"]?.text, vehicle: vehicle,
            limitSet: set, inspector: inspector, driver: driver, checks: checks)
    }

    private static func vehicle(_ value: JSONValue) -> OrderedVehicle? {
        guard let plate = value["plate"]?.text, let vin = value["vin"]?.text,
            let fuel = value["fuel"]?.text.flatMap(Fuel.init), let readable = value["oilTemperatureReadable"]?.truth,
            let hybrid = value["hybrid"]?.truth, let pipes = value["tailPipes"]?.wholeNumber
        else { return nil }
        var vehicle = OrderedVehicle(
            plate: plate, vin: vin, fuel: fuel, oilTemperatureReadable: readable, isHybrid: hybrid, tailPipes: pipes)
        // A member that is there must be readable: an order that was misread would be another order.
        for (name, path) in numbers {
            guard let text = value[name]?.text else { continue }
            guard let number = RoundedDecimal(text) else { return nil }
            vehicle[keyPath: path] = number
        }
        if let range = value["lambdaRange"] {
            let ends = (range.elements ?? []).compactMap { $0.text.flatMap { RoundedDecimal($0) } }
            guard ends.count == 2 else { return nil }
            vehicle.lambdaRange = .init(low: ends[0], high: ends[1])
        }
        guard read(value["secondFuel"], into: &vehicle.secondFuel),
            read(value["aspiration"], into: &vehicle.aspiration),
            read(value["transmission"], into: &vehicle.transmission), read(value["drive"], into: &vehicle.drive),
            read(value["category"], into: &vehicle.category)
        else { return nil }
        vehicle.registered = value["registered"]?.text
        return vehicle
    }

    /// - Returns: false if there is a word, and it is none of the type's.
    private static func read<Word: RawRepresentable>(_ value: JSONValue?, into word: inout Word?) -> Bool
    where Word.RawValue == String {
        guard let value else { return true }
        word = value.text.flatMap(Word.init)
        return word != nil
    }

    private static var numbers: [(String, WritableKeyPath<OrderedVehicle, RoundedDecimal?>)] {
        [
            ("curbMass", \.curbMass), ("grossMass", \.grossMass), ("ratedPower", \.ratedPower),
            ("ratedSpeed", \.ratedSpeed), ("highIdleSpeed", \.highIdleSpeed),
            ("governedSpeed", \.governedSpeed),
        ]
    }
}
