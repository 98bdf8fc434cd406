import Instruments
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Standards

/// What a seed draws: a method, instruments, a vehicle, what goes wrong with them, and when somebody has had enough.
struct ChaosPlan: CustomStringConvertible {
    let seed: UInt64
    let method: TestMethod
    let instruments: [InstrumentRequest]
    let vehicleName: String
    let vehicle: Vehicle
    let faults: FaultSchedule
    /// When the operator breaks off, or presses the emergency stop, in seconds of lane time.
    let patience: Double
    let endsByEmergencyStop: Bool

    /// How long a test may take that somebody sees through, s.
    private static let wholeTest = 900.0

    /// - Parameters:
    ///   - longest: the longest patience, s.
    ///   - seesThrough: whether some have more, and see the test through.
    init(seed: UInt64, longest: Double, seesThrough: Bool) throws {
        self.seed = seed
        var random = Seeded(seed)
        method = TestMethod.allCases.randomElement(using: &random) ?? .asm
        let roles = InstrumentRole.allCases.filter(method.roles.contains)
        let library = try DevicesFolder.library.get()
        instruments = roles.compactMap { role in
            // A profile is of one role, where a simulated bench may serve two.
            InstrumentRequest.known.filter {
                $0.role == role && library.profiles[$0.model.lowercased()]?.role == role
            }.randomElement(using: &random)
        }
        let isForDiesels = [.freeAcceleration, .nonRoad, .lugDown].contains(method)
        vehicleName =
            (isForDiesels ? ["clean-diesel", "dirty-diesel"] : ["clean", "dirty", "gross"])
            .randomElement(using: &random) ?? "clean"
        vehicle = try Vehicle.embedded(vehicleName)
        // Most people are impatient, so that many beginnings are tried.
        let share = random.number(0...1)
        let drawn = share < 0.7 ? random.number(2...longest / 4) : random.number(longest / 4...longest)
        patience = seesThrough && share > 0.88 ? Self.wholeTest : drawn
        endsByEmergencyStop = random.happens(0.5)
        let count = Int.random(in: 0...4, using: &random)
        var entries: [FaultSchedule.Entry] = []
        while entries.count < count, let role = roles.randomElement(using: &random) {
            if let entry = Self.entry(role, before: min(patience, longest), &random) { entries.append(entry) }
        }
        faults = FaultSchedule(entries)
    }

    private static func entry(
        _ role: InstrumentRole, before end: Double, _ random: inout Seeded
    ) -> FaultSchedule.Entry? {
        guard let kind = Fault.Kind.allCases.randomElement(using: &random) else { return nil }
        let amount: Double? =
            switch kind {
            case .slowReply: random.number(10...1500)
            case .corruptedChecksum, .corruptedByte: Double(Int.random(in: 1...12, using: &random))
            case .garbage: Double(Int.random(in: 1...40, using: &random))
            case .byteGaps: random.number(1...80)
            default: nil
            }
        let fault = Fault(kind, amount: amount)
        guard kind.befalls(role) else { return nil }
        return FaultSchedule.Entry(
            at: random.number(0...end), for: random.happens(0.8) ? random.number(0.05...10) : nil, fault, on: role)
    }

    var description: String {
        let models = instruments.map(\.model).joined(separator: " ")
        let faults = faults.entries.map { entry in
            let amount = entry.fault.amount.map { " \($0)" } ?? ""
            let duration = entry.duration.map { " for \($0)" } ?? ""
            return "\(entry.fault.kind.rawValue)\(amount) on \(entry.role.rawValue) at \(entry.begin)\(duration)"
        }
        return "seed \(seed): \(method.rawValue), \(vehicleName), \(models), until \(patience) s; "
            + (faults.isEmpty ? "no faults" : faults.joined(separator: "; "))
    }

    /// The rollers.
    var dynamometer: DynamometerData { vehicle.ignition == .compression ? .lightLugDown : .light }

    /// A lane file for the instruments on their ports.
    func laneFile(_ ports: [String]) -> String {
        let loss = dynamometer.parasiticLoss
        let packs = method.packs
        var text = """
            lane: {id: CHAOS, station: TEST}
            parasitic-loss: {quadratic: \(loss.quadratic), linear: \(loss.linear), constant: \(loss.constant)}
            base-inertia: \(dynamometer.baseInertia.value)
            analyzer-delay: 6.0
            flow-meter-delay: 1.0
            nox-converter: true
            packs: {\(method.rawValue): {limits: \(packs.limits), requirements: \(packs.requirements)}}
            instruments:

            """
        for (request, port) in zip(instruments, ports) {
            text += "  - {role: \(request.role.rawValue), profile: \(request.model.lowercased()), port: \(port)}\n"
        }
        return text
    }

    /// An order for the vehicle.
    var order: TestOrder {
        get throws {
            let ordered = OrderedVehicle(
                plate: "苏A00001", vin: "LSVAA4180E2100001",
                fuel: vehicle.ignition == .compression ? .diesel : .gasoline, oilTemperatureReadable: true,
                curbMass: try RoundedDecimal(vehicle.curbMass, places: 0),
                grossMass: try RoundedDecimal(vehicle.curbMass + 400, places: 0),
                ratedPower: try RoundedDecimal(vehicle.ratedPower, places: 0),
                ratedSpeed: try RoundedDecimal(vehicle.ratedSpeed, places: 0),
                aspiration: vehicle.turbocharger == nil ? .natural : .turbocharged, transmission: .manual,
                drive: .twoWheel, isHybrid: false, registered: "2019-06-01")
            return TestOrder(
                number: "\(seed)", method: method, vehicle: ordered, limitSet: method == .nonRoad ? "class-2" : "a",
                inspector: "A", driver: "B")
        }
    }
}

extension TestMethod {
    fileprivate var packs: (limits: String, requirements: String) {
        switch self {
        case .asm: ("GB18285-2018-ASM-limits", "GB18285-2018-ASM")
        case .twoSpeedIdle: ("GB18285-2018-TSI-limits", "GB18285-2018-TSI")
        case .vmas: ("GB18285-2018-VMAS-limits", "GB18285-2018-VMAS")
        case .freeAcceleration: ("GB3847-2018-free-acceleration-limits", "GB3847-2018-free-acceleration")
        case .lugDown: ("GB3847-2018-lug-down-limits", "GB3847-2018-lug-down")
        case .nonRoad: ("GB36886-2018-non-road-limits", "GB36886-2018-non-road")
        }
    }
}
