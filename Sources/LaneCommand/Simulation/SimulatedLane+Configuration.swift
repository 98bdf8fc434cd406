#if Simulation
    import Instruments
    import Lane
    import Messages
    import Metrology
    import Plant
    import SimulatedInstruments

    extension SimulatedLane {
        /// The simulated instruments that stand in for a lane's, each linked from the port that the lane file names.
        ///
        /// - Throws: ``CommandFailure`` for an unknown vehicle or a model that has no simulator.
        convenience init(_ configuration: LaneConfiguration, vehicle: String, seed: UInt64, speed: Double) throws {
            let requests = configuration.instruments.map { entry in
                InstrumentRequest(
                    entry.role, entry.profile.model, link: entry.port, unit: entry.profile.unit)
            }
            try self.init(
                checking: requests, vehicle: try simulatedVehicle(vehicle), seed: seed,
                clock: SimulationClock(speed: speed))
        }

        /// As the initializer of the simulators, with its error turned into a failure of the command.
        convenience init(
            checking requests: [InstrumentRequest], vehicle: Vehicle, seed: UInt64,
            dynamometer: DynamometerData = .light, clock: SimulationClock, warmUp: LaneSpan = .seconds(30)
        ) throws {
            do {
                try self.init(
                    instruments: requests, vehicle: vehicle, seed: seed, dynamometer: dynamometer, clock: clock,
                    warmUp: warmUp)
            } catch {
                throw CommandFailure(.configuration, .commandSimulator, ["detail": .text(error.description)])
            }
        }

        /// Starts the instruments.
        ///
        /// - Throws: ``CommandFailure`` if a port cannot be made.
        func begin() throws -> [Endpoint] {
            do { return try start() } catch {
                throw CommandFailure(.osError, .commandSimulator, ["detail": .text(error.description)])
            }
        }
    }

    /// The control socket of simulators that run in another process.
    ///
    /// - Throws: ``CommandFailure`` if nobody listens there.
    func simulatorControl(_ path: String) throws -> ControlClient {
        do { return try ControlClient(path: path) } catch {
            throw CommandFailure(.unavailable, .commandSimulator, ["detail": .text(error.description)])
        }
    }

    /// A vehicle that is built in.
    ///
    /// - Throws: ``CommandFailure`` if there is none of this name.
    func simulatedVehicle(_ id: String) throws -> Vehicle {
        guard Vehicle.embeddedIDs.contains(id) else {
            throw CommandFailure(
                .usage, .demoVehicleUnknown,
                ["found": .text(id), "known": .text(Vehicle.embeddedIDs.joined(separator: ", "))])
        }
        return try Vehicle.embedded(id)
    }
#endif
