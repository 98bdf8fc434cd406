public import Messages
import Documents

extension Vehicle {
    /// The vehicles that come with the simulator, by id.
    public static let embeddedIDs = [
        "clean", "dirty", "gross", "hybrid", "clean-diesel", "dirty-diesel", "clean-truck", "dirty-truck",
    ]

    /// Reads one of the vehicles that come with the simulator.
    ///
    /// - Throws: `Problems` if there is no vehicle of that name.
    public static func embedded(_ id: String) throws(Problems) -> Vehicle {
        let bytes: [UInt8]
        switch id {
        case "clean": bytes = PackageResources.clean_yaml
        case "dirty": bytes = PackageResources.dirty_yaml
        case "gross": bytes = PackageResources.gross_yaml
        case "hybrid": bytes = PackageResources.hybrid_yaml
        case "clean-diesel": bytes = PackageResources.clean_diesel_yaml
        case "dirty-diesel": bytes = PackageResources.dirty_diesel_yaml
        case "clean-truck": bytes = PackageResources.clean_truck_yaml
        case "dirty-truck": bytes = PackageResources.dirty_truck_yaml
        default:
            let known = embeddedIDs.joined(separator: ", ")
            throw Problems([
                Problem(
                    Message(
                        .documentUnknownValue, ["key": "vehicle", "found": .text(id), "expected": .text(known)]),
                    at: SourceLocation(file: "\(id).yaml"))
            ])
        }
        return try Vehicle(Document(bytes: bytes, name: "\(id).yaml"))
    }

    /// Reads a vehicle from a file.
    ///
    /// - Throws: `Problems`, all of them with their lines.
    public init(contentsOf path: String) throws(Problems) { try self.init(Document(contentsOf: path)) }

    /// Reads a vehicle from the bytes of a file.
    ///
    /// - Parameter name: how problems name the file.
    /// - Throws: `Problems`, all of them with their lines.
    public init(bytes: [UInt8], name: String) throws(Problems) {
        try self.init(Document(bytes: bytes, name: name))
    }

    private init(_ document: Document) throws(Problems) { self = try document.read(Vehicle.read) }

    private static func read(_ top: MappingReader) -> Vehicle? {
        let id = top.text("id")
        let curbMass = top.number("curb-mass", in: 400...50_000)
        let engine = top.mapping("engine", EngineData.init)
        let gears = top.mappings("gears") { $0.number("engine-speed-per-kmh", in: 5...400) }
        let driveline = top.mapping("driveline", readDriveline)
        let oil = top.mapping("oil", readOil)
        let exhaust = top.mapping("exhaust", readExhaust)
        let motor = top.has("motor") ? top.mapping("motor", readMotor) : nil
        let diagnosis = top.has("diagnosis") ? top.mapping("diagnosis", Diagnosis.read) : Diagnosis()
        if let gears, gears != gears.sorted(by: >) || gears.isEmpty {
            top.report(outOfOrder("gears", found: gears), at: "gears")
        }
        guard let id, let curbMass, let engine, let gears, let driveline, let oil, let exhaust, let diagnosis
        else { return nil }
        return Vehicle(
            id: id, curbMass: curbMass, idleSpeed: engine.idle, ignition: engine.ignition,
            displacement: engine.displacement, governedSpeed: engine.governed, powerCurve: engine.curve,
            turbocharger: engine.turbocharger, motor: motor, gears: gears, rotatingMass: driveline.mass,
            engineInertia: engine.inertia, engineDrag: engine.drag, drivelineEfficiency: driveline.efficiency,
            rollingResistance: driveline.resistance, rollingResistancePerSpeed: driveline.resistancePerSpeed,
            initialOilTemperature: oil.initial, warmOilTemperature: oil.warm, oilWarming: oil.time,
            hydrogenRatio: exhaust.hydrogenRatio, emissions: exhaust.points, coldFactor: exhaust.cold,
            lightOff: exhaust.lightOff, nitrogenDioxideShare: exhaust.nitrogenDioxideShare, diagnosis: diagnosis)
    }

    private static func readMotor(_ reader: MappingReader) -> ElectricMotor? {
        let force = reader.number("force", in: 100...20_000)
        let power = reader.number("power", in: 1...300)
        let limit = reader.number("engine-off-below", in: 0...150)
        guard let force, let power, let limit else { return nil }
        return ElectricMotor(force: force, power: power, engineSpeedLimit: limit)
    }

    private static func readDriveline(_ reader: MappingReader) -> (
        efficiency: Double, mass: Double, resistance: Double, resistancePerSpeed: Double
    )? {
        let efficiency = reader.number("efficiency", in: 0.5...1)
        let mass = reader.number("rotating-mass", in: 5...2000)
        let resistance = reader.number("rolling-resistance", in: 0...5000)
        let growth = reader.number("rolling-resistance-per-kmh", in: 0...20)
        guard let efficiency, let mass, let resistance, let growth else { return nil }
        return (efficiency, mass, resistance, growth)
    }

    private static func readOil(_ reader: MappingReader) -> (initial: Double, warm: Double, time: Double)? {
        let initial = reader.number("initial-temperature", in: -40...150)
        let warm = reader.number("warm-temperature", in: 60...130)
        let time = reader.number("warming-time", in: 10...3600)
        guard let initial, let warm, let time else { return nil }
        return (initial, warm, time)
    }

    private static func readExhaust(_ reader: MappingReader) -> (
        hydrogenRatio: Double, lightOff: Double, nitrogenDioxideShare: Double, cold: ColdFactor, points: [EmissionPoint]
    )? {
        let hydrogenRatio = reader.number("hydrogen-ratio", in: 1...4)
        let lightOff = reader.number("light-off", in: 100...500)
        let nitrogenDioxide = reader.has("no2-share") ? reader.number("no2-share", in: 0...1) : 0
        let cold = reader.mapping("cold-factor") { factors -> ColdFactor? in
            let co = factors.number("co", in: 1...50)
            let hc = factors.number("hc", in: 1...50)
            let no = factors.number("no", in: 1...50)
            guard let co, let hc, let no else { return nil }
            return ColdFactor(carbonMonoxide: co, hydrocarbons: hc, nitricOxide: no)
        }
        let points = reader.mappings("warm") { point -> EmissionPoint? in
            let load = point.number("load", in: 0...1)
            let co = point.number("co", in: 0...10)
            let hc = point.number("hc", in: 0...5000)
            let no = point.number("no", in: 0...5000)
            let oxygen = point.number("o2", in: 0...20)
            let smoke = point.has("smoke") ? point.number("smoke", in: 0...20) : 0
            guard let load, let co, let hc, let no, let oxygen, let smoke else { return nil }
            return EmissionPoint(
                load: load, carbonMonoxide: co, hydrocarbons: hc, nitricOxide: no, oxygen: oxygen, smoke: smoke)
        }
        if let points { checkAscending(points.map(\.load), "warm", reader) }
        guard let hydrogenRatio, let lightOff, let nitrogenDioxide, let cold, let points else { return nil }
        return (hydrogenRatio, lightOff, nitrogenDioxide, cold, points)
    }

    static func checkAscending(_ values: [Double], _ key: String, _ reader: MappingReader) {
        let ascends = !values.isEmpty && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
        if !ascends { reader.report(outOfOrder(key, found: values), at: key) }
    }

    /// Points that a curve cannot be made of: none, or not in order.
    private static func outOfOrder(_ key: String, found: [Double]) -> Message {
        let shown = found.map { "\($0)" }.joined(separator: ", ")
        let ordered = found.sorted(by: key == "gears" ? (>) : (<)).map { "\($0)" }.joined(separator: ", ")
        return Message(
            .documentUnknownValue, ["key": .text(key), "found": .text("[\(shown)]"), "expected": .text("[\(ordered)]")])
    }
}
