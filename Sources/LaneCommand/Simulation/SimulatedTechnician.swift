#if Simulation
    import Assurance
    import Lane
    import Messages
    import Metrology
    import Plant
    import Procedures
    import SimulatedInstruments
    import Standards

    /// Does with reference materials what a check's instruction says, and confirms it; or does what a script says.
    ///
    /// The technician sees what a person would see: the screen, the certificates in the registry, and what reference
    /// instruments show of the simulated lane. Nothing else of the check.
    actor SimulatedTechnician {
        private let kind: CheckKind
        private let panel: OperatorPanel
        private let references: ReferenceRegistry
        private let bench: any SimulatedBench
        private let answers: [CheckScript.Answer]
        private var last: (mode: String?, instruction: Message?)?
        private var standards = ReferenceSettings()
        /// What is still to be said at this step.
        private var pending: (reply: CheckScript.Reply, after: LaneSpan, enters: [ChannelID: RoundedDecimal])?

        init(
            _ kind: CheckKind, panel: OperatorPanel, references: ReferenceRegistry, bench: any SimulatedBench,
            answers: [CheckScript.Answer] = []
        ) {
            self.kind = kind
            self.panel = panel
            self.references = references
            self.bench = bench
            self.answers = answers
        }

        /// Follows the screen.
        func follow(_ status: ProcedureStatus) async {
            if last == nil { await clearUp() }
            if last == nil || last?.mode != status.mode || last?.instruction != status.instruction {
                last = (status.mode, status.instruction)
                await begin(status)
            }
            if let answer = pending, status.stageTime >= answer.after, await isReady(status.instruction) {
                pending = nil
                switch answer.reply {
                case .confirm: panel.post(answer.enters.isEmpty ? .confirmed : .entered(answer.enters))
                case .deny: panel.post(.denied)
                case .abort: panel.post(.operatorAbort)
                case .emergencyStop: panel.post(.emergencyStop)
                case .nothing: break
                }
            }
            if status.stage == .finished { last = nil }
        }

        // MARK: Steps

        /// Nothing connected, the vehicle away from the rollers with its engine off.
        private func clearUp() async {
            bench.present(DriverCue(engineRunning: false, vehicleOnLane: false))
            standards = ReferenceSettings()
            try? await take(nil)
            try? await bench.insert(filterOpacity: Percentage(0))
            try? await bench.hang(weight: Force(0))
            try? await bench.set(standards)
        }

        private func begin(_ status: ProcedureStatus) async {
            let scripted = answers.first { $0.step == status.mode }
            pending = nil
            do {
                if let instruction = status.instruction { try await obey(instruction, taking: scripted?.takes) }
            } catch {
                // As a person whose hose does not fit: nothing is confirmed, and the check ends by its time limit.
                return
            }
            if let scripted {
                pending = (scripted.reply, scripted.after, scripted.enters)
            } else if status.isQuestion {
                pending = (await isSo(status.instruction) ? .confirm : .deny, .zero, [:])
            } else if status.stage == .connect {
                pending = (.confirm, .zero, [:])
            }
        }

        /// Whether what the instruction asks for has come about, as the reference instrument shows it.
        private func isReady(_ instruction: Message?) async -> Bool {
            guard let instruction, instruction.code == .checkSpeedSet else { return true }
            guard let seen = try? await bench.observe() else { return false }
            return abs(seen.rollerSpeed - number("speed", instruction)) <= Self.speedSlack
        }

        /// What the technician sees of what is asked about: the instrument's own word on its sample path.
        private func isSo(_ instruction: Message?) async -> Bool {
            guard instruction?.code == .checkLeakByHand, let seen = try? await bench.observe() else { return true }
            return (kind == .noxLeak ? seen.nitrogenLeak : seen.leak) <= GasPath.leakLimit
        }

        /// How near the rollers' speed comes to what is asked for before it is confirmed, km/h.
        private static let speedSlack = 0.05

        private func obey(_ instruction: Message, taking other: String?) async throws {
            let name = other ?? instruction.arguments["number"].map(\.description) ?? ""
            switch instruction.code {
            case .checkGasConnect, .checkGasOpen, .checkGasAdjust: try await take(gas(name))
            case .checkGasClose, .checkGasZero: try await take(nil)
            case .checkLeakCap, .checkFlowBlock: standards.probeIsShut = true
            case .checkLeakOpen, .checkFlowFree: standards.probeIsShut = false
            case .checkSmokeClear: try await bench.insert(filterOpacity: Percentage(0))
            case .checkSmokeCover, .checkSmokeShut: try await bench.insert(filterOpacity: Percentage(100))
            case .checkSmokeFilter: try await bench.insert(filterOpacity: Percentage(value("opacity", of: name)))
            case .checkForceEmpty: try await bench.hang(weight: Force(0))
            case .checkForceHang: try await bench.hang(weight: Force(value("force", of: name)))
            case .checkFlowSet: standards.tubeFlow = try await standardFlow(number("flow", instruction))
            case .checkFlowEnterHigh: standards.tubeFlow = try await standardFlow(Self.highFlow)
            case .checkFlowEnterLow: standards.tubeFlow = try await standardFlow(Self.lowFlow)
            case .checkOilEnter: standards.oilTemperature = Self.bath
            case .checkTachometerSet: standards.engineSpeed = number("speed", instruction)
            case .checkOilSet: standards.oilTemperature = number("temperature", instruction)
            default: return
            }
            try await bench.set(standards)
        }

        /// A bottle feeds every port that an instrument may draw it from.
        private func take(_ gas: BottledGas?) async throws {
            for port in [SampleInlet.probe, .checkGas, .calibrationGas] { try await bench.connect(gas, to: port) }
        }

        /// A flow of the tube's own air in m³/min, as L/s at 20 °C and 101.325 kPa.
        private func standardFlow(_ flow: Double) async throws -> Double {
            try await bench.observe().air.standardFlow(of: flow)
        }

        /// What the blower gives, m³/min, and the temperature of the bath, °C, where the technician chooses.
        static let (highFlow, lowFlow, bath) = (6.0, 2.0, 80.0)

        private func number(_ argument: String, _ instruction: Message) -> Double {
            instruction.arguments[argument].flatMap { Double($0.description) } ?? 0
        }

        private func value(_ name: String, of number: String) -> Double {
            references[number]?.values[name]?.value.value ?? 0
        }

        /// The bottle as its certificate states it.
        private func gas(_ number: String) -> BottledGas { BottledGas(certified: { value($0, of: number) }) }
    }

    /// The technician of a simulated lane, before a check has begun.
    struct SimulatedAttendant: CheckAttendant {
        let bench: any SimulatedBench
        var answers: [CheckScript.Answer] = []

        func follower(
            of kind: CheckKind, on lane: RunningLane, registry: ReferenceRegistry?
        ) -> @Sendable (ProcedureStatus) async -> Void {
            let technician = SimulatedTechnician(
                kind, panel: lane.panel, references: registry ?? lane.desk.assurance?.references ?? .empty,
                bench: bench,
                answers: answers)
            return { await technician.follow($0) }
        }

        /// What reference instruments are going to show in a check, point by point; empty where it needs none.
        ///
        /// - Throws: what the bench throws.
        func readings(for kind: CheckKind) async throws -> [[ChannelID: RoundedDecimal]] {
            let seen = try await bench.observe()
            func reading(_ values: [(ChannelID, Double, Int)]) throws -> [ChannelID: RoundedDecimal] {
                var reading: [ChannelID: RoundedDecimal] = [:]
                for (channel, value, places) in values { reading[channel] = try RoundedDecimal(value, places: places) }
                return reading
            }
            switch kind {
            case .weatherStation:
                return [
                    try reading([
                        (.airTemperature, seen.air.temperature, 1), (.relativeHumidity, seen.air.relativeHumidity, 1),
                        (.airPressure, seen.air.pressure, 2),
                    ])
                ]
            case .oilTemperature: return [try reading([(.oilTemperature, SimulatedTechnician.bath, 1)])]
            case .flowMeter:
                return [
                    try reading([
                        (.exhaustFlow, SimulatedTechnician.highFlow, 2), (.flowTemperature, seen.air.temperature, 1),
                        (.flowPressure, seen.air.pressure, 2),
                    ]), try reading([(.exhaustFlow, SimulatedTechnician.lowFlow, 2)]),
                ]
            default: return []
            }
        }
    }

    extension CheckRunner {
        /// Lets a simulated technician carry the checks out.
        mutating func attend(with bench: any SimulatedBench) { attendant = SimulatedAttendant(bench: bench) }
    }
#endif
