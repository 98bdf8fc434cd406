public import Metrology
public import Plant
import Foundation

/// An instrument that a simulated lane is to have.
public struct InstrumentRequest: Hashable, Sendable {
    /// What it is for.
    public var role: InstrumentRole
    /// Its model, such as `MQW-50A`.
    public var model: String
    /// Where to put a symbolic link to its pseudo-terminal; nil for none.
    public var link: String?

    /// Creates a request.
    public init(_ role: InstrumentRole, _ model: String, link: String? = nil) {
        self.role = role
        self.model = model
        self.link = link
    }

    /// One of each model that can be simulated, without links.
    public static let wholeLane = SimulatedModel.allCases.map { InstrumentRequest($0.role, $0.rawValue) }
}

/// Where a simulated instrument can be opened.
public struct Endpoint: Hashable, Sendable {
    /// What it is for.
    public let role: InstrumentRole
    /// Its model.
    public let model: String
    /// The link that was asked for, or the pseudo-terminal itself.
    public let path: String
}

/// A lane whose instruments are programs: a plant, and models of instruments on pseudo-terminals that measure it.
///
/// All members may be called from any thread. They wait at most for the threads of the instruments, which answer
/// within a millisecond or so; none waits for a host.
public final class SimulatedLane: Sendable {
    private let host: PlantHost
    private let lines: [SerialLine]
    private let phase = Guarded(Phase.new)

    private enum Phase { case new, running, stopped }

    /// Creates a lane; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - seed: fixes all noise of the plant and the driver's habits.
    ///   - air: what the room's climate drifts about.
    ///   - clock: the lane's time, which begins with the clock.
    ///   - warmUp: how long the gas analyzer takes to warm up, lane time. Real ones take up to half an hour.
    /// - Throws: ``SimulationError/unknownModel(_:role:)``, ``SimulationError/roleTwice(_:)`` or a system error.
    public init(
        instruments: [InstrumentRequest] = InstrumentRequest.wholeLane, vehicle: Vehicle, seed: UInt64,
        air: RoomAir = .spring, clock: SimulationClock = SimulationClock(speed: 1),
        warmUp: LaneSpan = LaneSpan(nanoseconds: 30_000_000_000)
    ) throws(SimulationError) {
        host = PlantHost(Plant(vehicle: vehicle, seed: seed, air: air), clock: clock)
        var lines: [SerialLine] = []
        for request in instruments {
            guard let model = SimulatedModel(rawValue: request.model), model.role == request.role else {
                throw .unknownModel(request.model, role: request.role)
            }
            guard !lines.contains(where: { $0.role == request.role }) else { throw .roleTwice(request.role) }
            lines.append(try SerialLine(request, model: model, host: host, warmUp: warmUp))
        }
        self.lines = lines
    }

    deinit { stop() }

    /// Switches the instruments on.
    ///
    /// - Returns: where to open them, in the order they were asked for.
    /// - Throws: ``SimulationError``; then nothing stays open.
    public func start() throws(SimulationError) -> [Endpoint] {
        let isNew = phase.withLock { phase in
            guard phase == .new else { return false }
            phase = .running
            return true
        }
        guard isNew else { throw .notStartable }
        do {
            for line in lines { try line.start() }
        } catch {
            stop()
            throw error
        }
        return endpoints
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

    /// Lets something go wrong with an instrument, or with the lane around it, until it is cleared.
    ///
    /// - Throws: ``SimulationError/noInstrument(role:)``, ``SimulationError/faultOfOtherRole(_:_:)`` or
    ///   ``SimulationError/faultAmount(_:_:)``.
    public func inject(_ fault: Fault, on role: InstrumentRole) throws(SimulationError) {
        let line = try line(role)
        if fault.kind.isOfSampling, role != .gasAnalyzer { throw .faultOfOtherRole(fault.kind, role) }
        let amount = fault.effectiveAmount
        guard fault.kind.amounts.contains(amount) else { throw .faultAmount(fault.kind, amount) }
        switch fault.kind {
        case .lowFlow: host.command { $0.disturbance.flow = amount }
        case .dilution: host.command { $0.disturbance.leak = amount }
        case .stall: host.command { $0.disturbance.isStalled = true }
        case .silent, .slowReply, .corruptedChecksum, .garbage, .truncated, .hangUp, .stuckValue:
            return line.change(fault)
        }
        line.happened(fault.kind)
    }

    /// Ends all faults of an instrument, and for the gas analyzer those of its sampling.
    ///
    /// A stalled engine can be started again after clearing any instrument: the stall is nobody's in particular.
    ///
    /// - Throws: ``SimulationError/noInstrument(role:)``.
    public func clearFaults(on role: InstrumentRole) throws(SimulationError) {
        try line(role).change(nil)
        host.command { plant in
            plant.disturbance.isStalled = false
            if role == .gasAnalyzer {
                plant.disturbance.flow = 1
                plant.disturbance.leak = 0
            }
        }
    }

    /// Everything that can be seen of the lane now.
    public func snapshot() -> LaneSnapshot {
        LaneSnapshot(speed: host.clock.speed, plant: host.observe(), instruments: lines.map(\.report))
    }

    private func line(_ role: InstrumentRole) throws(SimulationError) -> SerialLine {
        guard let line = lines.first(where: { $0.role == role }) else { throw .noInstrument(role: role.rawValue) }
        return line
    }
}
