import Documents

/// The part of a vehicle's file that describes its engine.
struct EngineData {
    let idle: Double
    let inertia: Double
    let drag: Double
    let curve: [Vehicle.PowerPoint]
    let ignition: Vehicle.Ignition
    let displacement: Double
    let governed: Double
    let turbocharger: Vehicle.Turbocharger?

    init?(_ reader: MappingReader) {
        let idle = reader.number("idle-speed", in: 400...1500)
        let inertia = reader.number("inertia", in: 0.01...5)
        let drag = reader.number("drag-torque", in: 1...500)
        let ignition =
            reader.has("ignition") ? reader.choice("ignition", Vehicle.Ignition.self) : Vehicle.Ignition.spark
        let displacement = reader.number("displacement", in: 0.3...30)
        let governed = reader.number("governed-speed", in: 500...12_000)
        let turbocharger = reader.has("turbocharger") ? reader.mapping("turbocharger", Self.readTurbocharger) : nil
        let curve = reader.mappings("full-load") { point -> Vehicle.PowerPoint? in
            let speed = point.number("engine-speed", in: 300...9000)
            let power = point.number("power", in: 1...500)
            guard let speed, let power else { return nil }
            return Vehicle.PowerPoint(engineSpeed: speed, power: power)
        }
        if let curve {
            // The governor begins where the curve ends.
            Vehicle.checkAscending(curve.map(\.engineSpeed) + [governed].compactMap { $0 }, "full-load", reader)
        }
        guard let idle, let inertia, let drag, let curve, !curve.isEmpty, let ignition, let displacement, let governed
        else { return nil }
        (self.idle, self.inertia, self.drag, self.curve) = (idle, inertia, drag, curve)
        (self.ignition, self.displacement, self.governed) = (ignition, displacement, governed)
        self.turbocharger = turbocharger
    }

    private static func readTurbocharger(_ reader: MappingReader) -> Vehicle.Turbocharger? {
        let boost = reader.number("boost", in: 0.1...3)
        let lag = reader.number("lag", in: 0.05...5)
        let lead = reader.number("fuel-lead", in: 1...3)
        guard let boost, let lag, let lead else { return nil }
        return Vehicle.Turbocharger(boost: boost, lag: lag, fuelLead: lead)
    }
}
