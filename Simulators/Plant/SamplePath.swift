/// Where the analyzer's pump draws from.
public enum SampleInlet: String, Codable, Sendable {
    /// The pump stands.
    case closed
    /// Through the probe and the sample line.
    case probe
    /// From the room, past the sample line.
    case room
    /// Backwards through line and probe, to blow them free.
    case purge
    /// From the bottle at the zero gas port (零气).
    case zeroGas = "zero-gas"
    /// From the bottle at the port for checking (检查气).
    case checkGas = "check-gas"
    /// From the bottle at the port for calibrating (标定气).
    case calibrationGas = "calibration-gas"
}

/// One of the lane's two gas benches; each has a sample line of its own.
public enum GasBench: String, CaseIterable, Codable, Sendable {
    /// The analyzer of CO, CO2, HC, NO and O2.
    case analyzer
    /// The bench of NO and NO2 for diesels.
    case nitrogenOxides = "nitrogen-oxides"
}

/// From the probe's tip to the signal of the analyzer's cells.
struct SamplePath: Sendable {
    var inlet = SampleInlet.closed
    /// What the cells show, with their delay.
    private(set) var shown = GasMixture.roomAir

    /// How many times as long as a good one each cell takes.
    var slowness = 1.0
    /// What is connected to the ports; an empty port draws air. At ``SampleInlet/probe`` a bottle stands in for the
    /// sample line and its residue.
    var bottles: [SampleInlet: GasMixture] = [:]

    private let step: Double
    /// The line's content, oldest at `head`.
    private var line: [GasMixture]
    private var head = 0
    private var moved = 0.0
    /// Hydrocarbons that the line's wall gives off, ppm.
    private var residue = 3.0

    /// How long the sample travels at full flow, s.
    static let transport = 4.5
    /// How long each signal takes to 90 % of a step in the cell, s (HJ/T 291: at most 5.5, 6.5 for NO, 7.5 for O2; and a
    /// second more to 95 %, where cells of the first order take 1.3 times as long).
    static let (carbonResponse, nitricOxideResponse, oxygenResponse) = (4.5, 5.5, 6.3)
    /// How much longer 90 % takes than 1 - 1/e: ln 10.
    private static let ninetyPercent = 2.302_585_092_994_046
    /// Time constants of the wall's giving off and taking up of HC, s, and the share that it takes up.
    private static let (desorption, adsorption, wallShare) = (25.0, 90.0, 0.06)

    init(step: Double) {
        self.step = step
        line = Array(repeating: .roomAir, count: Int((Self.transport / step).rounded()))
    }

    /// - Parameters:
    ///   - gas: at the probe's tip.
    ///   - flow: share of the full flow, 0…1.
    mutating func advance(tip gas: GasMixture, air: GasMixture, flow: Double) {
        var atCell = shown
        switch inlet {
        case .closed: return
        case .room: atCell = air
        case .zeroGas, .checkGas, .calibrationGas: atCell = bottles[inlet] ?? air
        // A bottle at the sample inlet is there in place of line and probe.
        case .probe where bottles[.probe] != nil: atCell = bottles[.probe] ?? air
        case .probe:
            moveLine(gas, flow)
            atCell = line[head]
            atCell.hydrocarbons += residue
            let goal = Self.wallShare * line[head].hydrocarbons
            residue += (goal - residue) * step / (goal > residue ? Self.adsorption : Self.desorption)
        case .purge:
            // Blown backwards, the line fills with air in its transport time and the wall is cleaned faster.
            moveLine(air, 1)
            residue -= residue * step / (Self.desorption / 3)
            atCell = air
        }
        let carbon = share(Self.carbonResponse)
        shown.carbonMonoxide += (atCell.carbonMonoxide - shown.carbonMonoxide) * carbon
        shown.carbonDioxide += (atCell.carbonDioxide - shown.carbonDioxide) * carbon
        shown.hydrocarbons += (atCell.hydrocarbons - shown.hydrocarbons) * carbon
        let nitrogen = share(Self.nitricOxideResponse)
        shown.nitricOxide += (atCell.nitricOxide - shown.nitricOxide) * nitrogen
        shown.nitrogenDioxide += (atCell.nitrogenDioxide - shown.nitrogenDioxide) * nitrogen
        shown.oxygen += (atCell.oxygen - shown.oxygen) * share(Self.oxygenResponse)
    }

    private func share(_ response: Double) -> Double { step * Self.ninetyPercent / (response * slowness) }

    private mutating func moveLine(_ gas: GasMixture, _ flow: Double) {
        moved += flow
        while moved >= 1 {
            moved -= 1
            line[head] = gas
            head = head + 1 == line.count ? 0 : head + 1
        }
    }
}
