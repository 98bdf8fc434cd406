#if Simulation
    import Assurance
    import Lane
    import Messages
    import Metrology
    import Plant
    import Procedures
    import SimulatedInstruments

    /// Does with reference materials what a check's instruction says, and confirms it.
    ///
    /// The technician sees what a person would see on the screen, and the certificates in the registry; nothing else
    /// of the check.
    actor SimulatedTechnician {
        private let panel: OperatorPanel
        private let references: ReferenceRegistry
        private let bench: any SimulatedBench
        private var last: (mode: String?, instruction: Message?)?

        init(panel: OperatorPanel, references: ReferenceRegistry, bench: any SimulatedBench) {
            self.panel = panel
            self.references = references
            self.bench = bench
        }

        /// Follows the screen.
        func follow(_ status: ProcedureStatus) async {
            if last == nil { await clearUp() }
            guard last == nil || last?.mode != status.mode || last?.instruction != status.instruction else { return }
            last = (status.mode, status.instruction)
            do {
                if let instruction = status.instruction { try await obey(instruction) }
            } catch {
                // As a person whose hose does not fit: nothing is confirmed, and the check ends by its time limit.
                return
            }
            if status.stage == .connect { panel.post(.confirmed) }
            if status.stage == .finished { last = nil }
        }

        /// Nothing connected, the vehicle away from the rollers with its engine off.
        private func clearUp() async {
            bench.present(DriverCue(engineRunning: false, vehicleOnLane: false))
            try? await bench.connect(nil, to: .probe)
            try? await bench.insert(filterOpacity: Percentage(0))
            try? await bench.hang(weight: Force(0))
        }

        private func obey(_ instruction: Message) async throws {
            let number = instruction.arguments["number"].map(\.description) ?? ""
            switch instruction.code {
            case .checkGasConnect, .checkGasOpen: try await bench.connect(gas(number), to: .probe)
            case .checkGasClose, .checkGasZero: try await bench.connect(nil, to: .probe)
            case .checkSmokeClear: try await bench.insert(filterOpacity: Percentage(0))
            case .checkSmokeCover, .checkSmokeShut: try await bench.insert(filterOpacity: Percentage(100))
            case .checkSmokeFilter: try await bench.insert(filterOpacity: Percentage(value("opacity", of: number)))
            case .checkForceEmpty: try await bench.hang(weight: Force(0))
            case .checkForceHang: try await bench.hang(weight: Force(value("force", of: number)))
            default: break
            }
        }

        private func value(_ name: String, of number: String) -> Double {
            references[number]?.values[name]?.value.value ?? 0
        }

        /// The bottle as its certificate states it.
        private func gas(_ number: String) -> BottledGas {
            BottledGas(
                propane: value("propane", of: number), carbonMonoxide: value("co", of: number),
                carbonDioxide: value("co2", of: number), nitricOxide: value("no", of: number),
                nitrogenDioxide: value("no2", of: number), oxygen: value("o2", of: number))
        }
    }
#endif
