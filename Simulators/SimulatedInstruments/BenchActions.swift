import Metrology
import Plant

/// What a simulated gas bench is occupied with, and how its last checks ended.
///
/// All benches warm up, draw from one of their inlets, and do some things that end by themselves; they differ in the
/// bytes by which they are told and asked.
struct BenchActions {
    enum Action: Hashable {
        case idle
        case sampling(SampleInlet)
        case timed(Timed)
    }

    /// Actions that end by themselves.
    enum Timed: Hashable {
        case zero, background, ambient, residue, leak, purge

        /// Zero and purge take about 30 s; the checks' times are not in the sources.
        var length: LaneSpan {
            LaneSpan(nanoseconds: self == .zero || self == .purge ? 30_000_000_000 : 15_000_000_000)
        }

        var inlet: SampleInlet {
            switch self {
            case .zero, .ambient: .room
            case .background, .residue: .probe
            case .purge: .purge
            case .leak: .closed
            }
        }
    }

    var warmUntil: LaneInstant
    private(set) var action = Action.idle
    private(set) var ends: LaneInstant?
    var cells = GasCells()
    /// How the last of each went; nothing is known of one that has not been done.
    private(set) var isZeroed = false
    private(set) var zeroFailed = false
    private(set) var residueIsHigh = false
    private(set) var leakFailed = false

    private let bench: GasBench

    init(_ bench: GasBench = .analyzer, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.bench = bench
        warmUntil = switchedOn + warmUp
    }

    func isWarm(_ surroundings: Surroundings) -> Bool { surroundings.now >= warmUntil }

    /// What is left of the warm-up, s.
    func warmUpLeft(_ surroundings: Surroundings) -> Double { max(0, (warmUntil - surroundings.now).seconds) }

    var timed: Timed? { if case .timed(let timed) = action { timed } else { nil } }

    /// The gas that the bench shows: its own cells', corrected by zero and calibration.
    func gas(_ seen: PlantSnapshot) -> GasMixture {
        cells.shown(bench == .analyzer ? seen.sample : seen.nitrogenSample)
    }

    func inlet(_ seen: PlantSnapshot) -> SampleInlet { bench == .analyzer ? seen.inlet : seen.nitrogenInlet }

    func flow(_ seen: PlantSnapshot) -> Double { bench == .analyzer ? seen.flow : seen.nitrogenFlow }

    func isPumping(_ seen: PlantSnapshot) -> Bool { inlet(seen) != .closed }

    func flowIsLow(_ seen: PlantSnapshot) -> Bool { isPumping(seen) && flow(seen) < GasPath.flowLimit }

    /// The pump draws the line some kilopascals below the room, more when something blocks it, kPa.
    func linePressure(_ seen: PlantSnapshot, _ surroundings: Surroundings) -> Double {
        surroundings.linePressure ?? seen.air.pressure - (isPumping(seen) ? 2.5 + 8 * (1 - flow(seen)) : 0)
    }

    /// Begins an action; false while the bench is cold or occupied.
    mutating func begin(_ wanted: Action, _ surroundings: Surroundings) -> Bool {
        guard isWarm(surroundings), action == .idle else { return false }
        start(wanted, surroundings)
        return true
    }

    /// Begins to draw from an inlet, whatever it draws from now; false while the bench is cold or in a timed action.
    mutating func sample(_ inlet: SampleInlet, _ surroundings: Surroundings) -> Bool {
        guard isWarm(surroundings), timed == nil else { return false }
        start(inlet == .closed ? .idle : .sampling(inlet), surroundings)
        return true
    }

    /// Stops whatever is going on.
    mutating func stop(_ surroundings: Surroundings) { start(.idle, surroundings) }

    private mutating func start(_ wanted: Action, _ surroundings: Surroundings) {
        action = wanted
        switch wanted {
        case .idle:
            ends = nil
            draw(.closed, surroundings)
        case .sampling(let inlet):
            ends = nil
            draw(inlet, surroundings)
        case .timed(let timed):
            ends = surroundings.now + timed.length
            draw(timed.inlet, surroundings)
        }
    }

    private func draw(_ inlet: SampleInlet, _ surroundings: Surroundings) {
        surroundings.host.command { $0.draw(from: inlet, by: bench) }
    }

    /// Ends a timed action whose time is over; what it drew from before is not taken up again.
    mutating func catchUp(_ surroundings: Surroundings) {
        guard let timed, let ends, surroundings.now >= ends else { return }
        let seen = surroundings.observe()
        switch timed {
        case .zero:
            zeroFailed = flow(seen) < GasPath.flowLimit || !cells.zero(surroundings.errors)
            if !zeroFailed { isZeroed = true }
        case .residue:
            residueIsHigh = seen.sample.hydrocarbons - seen.ambient.hydrocarbons > GasPath.residueLimit
        case .leak: leakFailed = (bench == .analyzer ? seen.leak : seen.nitrogenLeak) > GasPath.leakLimit
        case .background, .ambient, .purge: break
        }
        stop(surroundings)
    }

    /// Forgets what zeroing, calibrating and checking have found.
    mutating func forget() {
        cells.forget()
        (isZeroed, zeroFailed, residueIsHigh, leakFailed) = (false, false, false, false)
    }
}
