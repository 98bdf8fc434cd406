#if Simulation
    import Documents
    import Messages
    import Metrology
    import Plant
    import Procedures
    import SimulatedInstruments
    import Standards

    /// The simulated lane on which a method is shown: instruments, rollers, vehicle, lane file and order.
    struct DemoLane {
        let method: TestMethod
        let vehicle: Vehicle

        /// - Parameter vehicle: the name of a built-in vehicle; of `clean` and `dirty`, a method for diesels takes the
        ///   diesel of that name.
        /// - Throws: ``CommandFailure`` if there is none of this name.
        init(_ method: TestMethod, vehicle name: String) throws {
            self.method = method
            let diesel = "\(name)-diesel"
            let isForDiesels = !method.fuels.contains(.gasoline)
            vehicle = try simulatedVehicle(
                isForDiesels && Vehicle.embeddedIDs.contains(diesel) ? diesel : name)
        }

        /// The instruments that stand on the lane.
        var instruments: [InstrumentRequest] {
            let models = InstrumentRequest.transientLane + InstrumentRequest.dieselLane
            return InstrumentRole.allCases.filter(method.roles.contains).compactMap { role in
                models.first { $0.role == role }
            }
        }

        /// The rollers: those for heavy vehicles above 3.5 t.
        var dynamometer: DynamometerData {
            if vehicle.curbMass > 3500 { return .heavy }
            return vehicle.ignition == .compression ? .lightLugDown : .light
        }

        /// A lane file for the instruments on their ports.
        func file(_ endpoints: [Endpoint]) throws(Problems) -> Document {
            let loss = dynamometer.parasiticLoss
            var text = """
                lane: {id: DEMO-1, station: DEMO}
                parasitic-loss: {quadratic: \(loss.quadratic), linear: \(loss.linear), constant: \(loss.constant)}
                base-inertia: \(dynamometer.baseInertia.value)
                analyzer-delay: 6.0
                flow-meter-delay: 1.0
                nox-converter: true
                packs: {\(method.rawValue): {limits: \(method.demoPacks.limits), requirements: \(method.demoPacks.requirements)}}
                instruments:

                """
            for endpoint in endpoints {
                text += """
                      - {role: \(endpoint.role.rawValue), profile: \(endpoint.model.lowercased()), port: \(endpoint.path)}

                    """
            }
            return try Document(bytes: Array(text.utf8), name: "demo")
        }

        /// An order for the vehicle.
        var order: TestOrder {
            get throws {
                func decimal(_ value: Double, _ places: Int = 0) throws -> RoundedDecimal {
                    try RoundedDecimal(value, places: places)
                }
                let ordered = OrderedVehicle(
                    plate: "苏D00001", vin: "LSVAA4180E2100001",
                    fuel: vehicle.ignition == .compression ? .diesel : .gasoline, oilTemperatureReadable: true,
                    curbMass: try decimal(vehicle.curbMass),
                    grossMass: try decimal(vehicle.curbMass > 3500 ? 2 * vehicle.curbMass : vehicle.curbMass + 400),
                    ratedPower: try decimal(vehicle.ratedPower), ratedSpeed: try decimal(vehicle.ratedSpeed),
                    aspiration: vehicle.turbocharger == nil ? .natural : .turbocharged, transmission: .manual,
                    drive: .twoWheel, isHybrid: vehicle.motor != nil, registered: "2019-06-01")
                return TestOrder(
                    number: "DEMO", method: method, vehicle: ordered, limitSet: method.demoLimitSet, inspector: "DEMO",
                    driver: "DEMO")
            }
        }
    }

    extension TestMethod {
        /// The packs that a demo goes by.
        var demoPacks: (limits: String, requirements: String) {
            switch self {
            case .asm: ("GB18285-2018-ASM-limits", "GB18285-2018-ASM")
            case .twoSpeedIdle: ("GB18285-2018-TSI-limits", "GB18285-2018-TSI")
            case .vmas: ("GB18285-2018-VMAS-limits", "GB18285-2018-VMAS")
            case .freeAcceleration:
                ("GB3847-2018-free-acceleration-limits", "GB3847-2018-free-acceleration")
            case .lugDown: ("GB3847-2018-lug-down-limits", "GB3847-2018-lug-down")
            case .nonRoad: ("GB36886-2018-non-road-limits", "GB36886-2018-non-road")
            }
        }

        /// The limits that it holds the vehicle to.
        fileprivate var demoLimitSet: String { self == .nonRoad ? "class-2" : "a" }

        /// What the vehicles burn that it is for.
        fileprivate var fuels: [Fuel] {
            switch self {
            case .asm, .twoSpeedIdle, .vmas: Fuel.sparkIgnition
            case .freeAcceleration, .lugDown, .nonRoad: [.diesel]
            }
        }
    }
#endif
