public import Metrology
public import Plant
import Foundation

/// An instrument that a simulated lane is to have.
public struct InstrumentRequest: Hashable, Sendable {
    /// What it is for.
    public var role: InstrumentRole
    /// Its model, such as `MQW-50A`.
    public var model: String
    /// Where to put a symbolic link to its pseudo-terminal, or `tcp:HOST:PORT` to listen there instead (port 0 takes any
    /// that is free); nil for neither.
    public var link: String?
    /// The Modbus unit or other address that it is set to, where its frames carry one; nil for the usual one.
    public var unit: UInt8?

    /// Creates a request.
    public init(_ role: InstrumentRole, _ model: String, link: String? = nil, unit: UInt8? = nil) {
        self.role = role
        self.model = model
        self.link = link
        self.unit = unit
    }

    /// The models that can be simulated, with the roles that each can have.
    public static let known = SimulatedModel.allCases.flatMap { model in
        model.roles.map { InstrumentRequest($0, model.rawValue) }
    }

    /// A lane for loaded tests of gasoline cars, without links.
    public static let wholeLane = [
        InstrumentRequest(.gasAnalyzer, "MQW-50A"), InstrumentRequest(.dynamometer, "BNTD"),
        InstrumentRequest(.tachometer, "MQZ-2"), InstrumentRequest(.weatherStation, "DWSP-T5"),
    ]

    /// The same with a flow meter and the diagnosis, for the simple transient method.
    public static let transientLane =
        wholeLane + [InstrumentRequest(.flowMeter, "NHF-1"), InstrumentRequest(.obdAdapter, "ELM327")]

    /// A lane for diesels, without links.
    public static let dieselLane = [
        InstrumentRequest(.opacimeter, "NHT-6"), InstrumentRequest(.noxAnalyzer, "MQW-5101"),
        InstrumentRequest(.dynamometer, "BNTD"), InstrumentRequest(.tachometer, "MQZ-2"),
        InstrumentRequest(.weatherStation, "DWSP-T5"), InstrumentRequest(.obdAdapter, "ELM327"),
    ]
}

/// Where a simulated instrument can be opened.
public struct Endpoint: Hashable, Sendable {
    /// What it is for.
    public let role: InstrumentRole
    /// Its model.
    public let model: String
    /// The link that was asked for, the pseudo-terminal itself, or the `tcp:` address.
    public let path: String
}

/// A lane whose instruments are programs: a plant, and models of instruments on pseudo-terminals that measure it.
///
/// All members may be called from any thread. They wait at most for the threads of the instruments, which answer
/// within a millisecond or so; none waits for a host.
public final class SimulatedLane: Sendable {
    let host: PlantHost
    private let lines: [SerialLine]
    private let phase = Guarded(Phase.new)

    private enum Phase { case new, running, stopped }

    /// Creates a lane; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - seed: fixes all noise of the plant and the driver's habits.
    ///   - dynamometer: the rollers.
    ///   - air: what the room's climate drifts about.
    ///   - clock: the lane's time, which begins with the clock.
    ///   - warmUp: how long the benches take to warm up, lane time. Real ones take up to half an hour.
    ///   - recordsFrames: whether to keep every frame for ``sentFrames(by:)``.
    /// - Throws: ``SimulationError/unknownModel(_:role:)``, ``SimulationError/roleTwice(_:)`` or a system error.
    public init(
        instruments: [InstrumentRequest] = InstrumentRequest.wholeLane, vehicle: Vehicle, seed: UInt64,
        dynamometer: DynamometerData = .light, air: RoomAir = .spring,
        clock: SimulationClock = SimulationClock(speed: 1),
        warmUp: LaneSpan = LaneSpan(nanoseconds: 30_000_000_000), recordsFrames: Bool = false
    ) throws(SimulationError) {
        host = PlantHost(Plant(vehicle: vehicle, seed: seed, dynamometer: dynamometer, air: air), clock: clock)
        var lines: [SerialLine] = []
        for request in instruments {
            guard let model = SimulatedModel(rawValue: request.model), model.roles.contains(request.role) else {
                throw .unknownModel(request.model, role: request.role)
            }
            guard !lines.contains(where: { $0.role == request.role }) else { throw .roleTwice(request.role) }
            lines.append(
                try SerialLine(request, model: model, host: host, warmUp: warmUp, recordsFrames: recordsFrames))
        }
        self.lines = lines
    }

    deinit { stop() }

    /// Switches the instruments on.
    ///
    /// - Returns: where to open them, in the order they were asked for.
    /// - Throws: ``SimulationError``; then nothing stays open.
    public func start() throws(SimulationError) -> [Endpoint] {
        try begin()
        do {
            for line in lines { try line.start() }
        } catch {
            stop()
            throw error
        }
        return endpoints
    }

    /// Switches the instruments on in memory: without pseudo-terminals and threads, on a clock that is moved by hand.
    ///
    /// - Returns: their wires, in the order they were asked for.
    /// - Throws: ``SimulationError``; then nothing stays open.
    func startInMemory() throws(SimulationError) -> [MemoryWire] {
        try begin()
        var wires: [MemoryWire] = []
        do {
            for line in lines { wires.append(try MemoryWire(line)) }
        } catch {
            wires.forEach { $0.end() }
            throw error
        }
        return wires
    }

    private func begin() throws(SimulationError) {
        let isNew = phase.withLock { phase in
            guard phase == .new else { return false }
            phase = .running
            return true
        }
        guard isNew else { throw .notStartable }
    }

    /// Every frame that an instrument meant to send so far; empty unless they are kept.
    public func sentFrames(by role: InstrumentRole) -> [SentFrame] {
        lines.first { $0.role == role }?.record?.snapshot ?? []
    }

    /// Where the instruments are now; a path without a link changes when a hang-up is cleared.
    public var endpoints: [Endpoint] { lines.map(\.endpoint) }

    /// Ends all threads, closes all terminals and removes the links. Safe to call again.
    public func stop() {
        let wasRunning = phase.withLock { phase in
            defer { phase = .stopped }
            return phase == .running
        }
        if wasRunning { lines.forEach { $0.stop() } }
    }

    /// Tells the driver what to do from now on.
    public func apply(_ cue: DriverCue) { host.command { $0.take(cue) } }

    /// Connects a bottle to a port of the gas benches, or with nil takes it away: an open port draws air.
    public func connect(_ bottle: BottledGas?, to port: SampleInlet) { host.command { $0.connect(bottle, to: port) } }

    /// Puts a neutral filter into the opacimeter's light path, or with 0 takes it out.
    public func insert(filterOpacity opacity: Percentage) { host.command { $0.insert(filterOpacity: opacity) } }

    /// Hangs weights on the load cell's lever, or with 0 takes them off.
    public func hang(weight force: Force) { host.command { $0.hang(weight: force) } }

    /// Sets up what else instruments are compared with; what is left out is taken away.
    public func set(_ standards: ReferenceSettings) { host.command { $0.set(standards) } }

    /// Changes what goes wrong with driver, vehicle and sampling.
    public func disturb(_ change: @Sendable (inout Plant.Disturbance) -> Void) {
        host.command { change(&$0.disturbance) }
    }

    /// Everything that can be seen of the lane now.
    public func snapshot() -> LaneSnapshot {
        LaneSnapshot(speed: host.clock.speed, plant: host.observe(), instruments: lines.map(\.report))
    }

    func line(_ role: InstrumentRole) throws(SimulationError) -> SerialLine {
        guard let line = lines.first(where: { $0.role == role }) else { throw .noInstrument(role: role.rawValue) }
        return line
    }
}
