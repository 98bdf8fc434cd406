import Metrology
import Procedures
import Standards

/// A check's order as records hold it.
enum RecordedCheckOrder {
    static func value(_ order: CheckOrder) -> JSONValue {
        var gases = JSONObject()
        for (point, gas) in order.references.gases {
            var components = JSONObject()
            for (channel, certified) in gas.components { components[channel.rawValue] = value(certified) }
            gases[point.rawValue] = ["number": .string(gas.number), "components": .object(components)]
        }
        return [
            "kind": .string(order.kind.rawValue), "dynamometer": .string(order.dynamometer.rawValue),
            "propaneEquivalence": order.propaneEquivalence.map { .string($0.description) } ?? .null,
            "reportedEquivalence": order.reportedEquivalence.map { .string($0.description) } ?? .null,
            "effectiveLength": order.effectiveLength.map { .string($0.description) } ?? .null,
            "clockOffsets": .array(order.clockOffsets.map { .string("\($0)") }),
            "vehicleConnected": .boolean(order.vehicleConnected),
            "leakCheckByHand": .boolean(order.leakCheckByHand), "gases": .object(gases),
            "filters": .array(
                order.references.filters.map { ["number": .string($0.number), "opacity": value($0.opacity)] }),
            "weights": .array(
                order.references.weights.map { ["number": .string($0.number), "force": value($0.force)] }),
            "readings": .array(
                order.references.readings.map { reading in
                    var values = JSONObject()
                    for (channel, number) in reading.values { values[channel.rawValue] = .string(number.description) }
                    return ["number": .string(reading.number), "values": .object(values)]
                }),
        ]
    }

    private static func value(_ certified: CertifiedValue) -> JSONValue {
        [
            "value": .string(certified.value.description),
            "uncertainty": certified.uncertainty.map { .string($0.description) } ?? .null,
        ]
    }

    /// The order of a check's record; nil if a member is missing or of another kind.
    static func order(_ value: JSONValue?) -> CheckOrder? {
        guard let value, let kind = value["kind"]?.text.flatMap({ CheckKind(rawValue: $0) }),
            let dynamometer = value["dynamometer"]?.text.flatMap({ DynamometerClass(rawValue: $0) }),
            let offsets = value["clockOffsets"]?.elements?.map({ $0.text.flatMap(Double.init) }),
            let connected = value["vehicleConnected"]?.truth, let byHand = value["leakCheckByHand"]?.truth,
            let gases = gases(value["gases"]),
            let filters = whole(value["filters"], filter), let weights = whole(value["weights"], weight),
            let readings = whole(value["readings"], reading)
        else { return nil }
        var order = CheckOrder(kind: kind, dynamometer: dynamometer)
        order.references = CheckReferences(gases: gases, filters: filters, weights: weights, readings: readings)
        order.vehicleConnected = connected
        order.leakCheckByHand = byHand
        order.clockOffsets = offsets.compactMap { $0 }
        guard order.clockOffsets.count == offsets.count else { return nil }
        for (name, path) in numbers {
            guard let found = value[name], found != .null else { continue }
            guard let number = found.text.flatMap({ RoundedDecimal($0) }) else { return nil }
            order[keyPath: path] = number
        }
        return order
    }

    private static var numbers: [(String, WritableKeyPath<CheckOrder, RoundedDecimal?>)] {
        [
            ("propaneEquivalence", \.propaneEquivalence), ("reportedEquivalence", \.reportedEquivalence),
            ("effectiveLength", \.effectiveLength),
        ]
    }

    /// Every element of a list read; nil if one cannot be.
    private static func whole<Element>(_ list: JSONValue?, _ read: (JSONValue) -> Element?) -> [Element]? {
        guard let elements = list?.elements else { return nil }
        let found = elements.compactMap(read)
        return found.count == elements.count ? found : nil
    }

    private static func gases(_ value: JSONValue?) -> [GasPoint: ReferenceGas]? {
        guard let members = value?.members else { return nil }
        var gases: [GasPoint: ReferenceGas] = [:]
        for member in members.all {
            guard let point = GasPoint(rawValue: member.name), let number = member.value["number"]?.text,
                let components = values(member.value["components"], certified)
            else { return nil }
            gases[point] = ReferenceGas(number: number, components: components)
        }
        return gases
    }

    private static func values<Value>(
        _ value: JSONValue?, _ read: (JSONValue) -> Value?
    ) -> [ChannelID: Value]? {
        guard let members = value?.members else { return nil }
        var values: [ChannelID: Value] = [:]
        for member in members.all {
            guard let channel = ChannelID(rawValue: member.name), let found = read(member.value) else { return nil }
            values[channel] = found
        }
        return values
    }

    private static func certified(_ value: JSONValue) -> CertifiedValue? {
        guard let number = decimal(value["value"] ?? .null) else { return nil }
        return CertifiedValue(number, uncertainty: value["uncertainty"].flatMap(decimal))
    }

    private static func decimal(_ value: JSONValue) -> RoundedDecimal? { value.text.flatMap { RoundedDecimal($0) } }

    private static func filter(_ value: JSONValue) -> ReferenceFilter? {
        guard let number = value["number"]?.text, let opacity = value["opacity"].flatMap(certified) else { return nil }
        return ReferenceFilter(number: number, opacity: opacity)
    }

    private static func weight(_ value: JSONValue) -> ReferenceWeight? {
        guard let number = value["number"]?.text, let force = value["force"].flatMap(certified) else { return nil }
        return ReferenceWeight(number: number, force: force)
    }

    private static func reading(_ value: JSONValue) -> ReferenceReading? {
        guard let number = value["number"]?.text, let values = values(value["values"], decimal) else { return nil }
        return ReferenceReading(number: number, values: values)
    }
}
