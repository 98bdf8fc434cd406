import Assurance
import Lane
import Messages
import Metrology
import Plant
import Procedures
import SimulatedInstruments

/// Does with reference materials what a check's instruction says, and confirms it; sees the screen and the certificates.
struct MemoryTechnician {
    private let simulated: SimulatedLane
    private let panel: OperatorPanel
    private let references: ReferenceRegistry
    private var standards = ReferenceSettings()
    private var last: (mode: String?, instruction: Message?)?

    init(_ simulated: SimulatedLane, panel: OperatorPanel, references: ReferenceRegistry) {
        self.simulated = simulated
        self.panel = panel
        self.references = references
        // Nothing connected, the vehicle away from the rollers.
        simulated.apply(DriverCue(engineRunning: false, vehicleOnLane: false))
        take(nil)
        simulated.insert(filterOpacity: Percentage(0))
        simulated.set(standards)
    }

    /// Follows the screen.
    mutating func follow(_ status: ProcedureStatus) {
        guard last?.mode != status.mode || last?.instruction != status.instruction else { return }
        last = (status.mode, status.instruction)
        if let instruction = status.instruction { obey(instruction) }
        // Asked about a leak that the instrument itself does not look for, it says that there is none.
        if status.stage == .connect { panel.post(.confirmed) }
    }

    private mutating func obey(_ instruction: Message) {
        let name = instruction.arguments["number"].map(\.description) ?? ""
        switch instruction.code {
        case .checkGasConnect, .checkGasOpen: take(gas(name))
        case .checkGasClose, .checkGasZero: take(nil)
        case .checkLeakCap: standards.probeIsShut = true
        case .checkLeakOpen: standards.probeIsShut = false
        case .checkSmokeClear: simulated.insert(filterOpacity: Percentage(0))
        case .checkSmokeCover: simulated.insert(filterOpacity: Percentage(100))
        case .checkSmokeFilter: simulated.insert(filterOpacity: Percentage(value("opacity", of: name)))
        case .checkFlowSet:
            let flow = instruction.arguments["flow"].flatMap { Double($0.description) } ?? 0
            standards.tubeFlow = simulated.snapshot().plant.air.standardFlow(of: flow)
        default: return
        }
        simulated.set(standards)
    }

    /// A bottle feeds every port that an instrument may draw it from.
    private func take(_ gas: BottledGas?) {
        for port in [SampleInlet.probe, .checkGas, .calibrationGas] { simulated.connect(gas, to: port) }
    }

    private func value(_ name: String, of number: String) -> Double {
        references[number]?.values[name]?.value.value ?? 0
    }

    private func gas(_ number: String) -> BottledGas { BottledGas(certified: { value($0, of: number) }) }

    /// What the reference flow meter is going to show, point by point.
    static func flowReadings(_ air: RoomAir) throws -> [[ChannelID: RoundedDecimal]] {
        [
            [
                .exhaustFlow: try RoundedDecimal(6, places: 2),
                .flowTemperature: try RoundedDecimal(air.temperature, places: 1),
                .flowPressure: try RoundedDecimal(air.pressure, places: 2),
            ], [.exhaustFlow: try RoundedDecimal(2, places: 2)],
        ]
    }
}
