import Instruments
import Metrology
import Procedures

/// Takes frames on absolute deadlines (采样), ten a second unless the procedure asks for more.
///
/// A tick that comes late is taken late, with its lateness in the frame; ticks that have passed meanwhile are
/// skipped, and their numbers are missing. Nothing is made up for them.
struct Sampler {
    private let period: LaneSpan
    private let roles: Set<InstrumentRole>
    private let time: any LaneTime
    private let poller: Poller
    private let origin: LaneInstant
    private var assembler: FrameAssembler
    private var tick = 0
    /// What was on the wires.
    private(set) var wireLog: WireLogWriter

    init(
        _ instruments: [any LaneInstrument], time: any LaneTime, freshness: [InstrumentRole: LaneSpan], period: LaneSpan
    ) {
        self.period = period
        self.time = time
        roles = Set(instruments.map(\.role))
        poller = Poller(instruments, waitsForReports: time.rate > 1 || time.standsStill, inTurn: time.standsStill)
        origin = time.now()
        assembler = FrameAssembler(freshness: freshness, origin: origin)
        wireLog = WireLogWriter(origin: origin)
    }

    /// Waits for the next tick and takes its frame.
    ///
    /// - Parameters:
    ///   - panel: where people's doings come from.
    ///   - trouble: is told of everything that goes wrong on a wire, and with nil of an instrument that reports without.
    mutating func next(_ panel: OperatorPanel, trouble: (InstrumentRole, InstrumentError?) -> Void) async -> Frame {
        let due = due(tick)
        time.expectTick(at: due, every: period)
        // A sleep that is cut short makes an early tick, not a wrong one: its readings keep their own times.
        try? await time.sleep(until: due)
        await poller.poll(at: due)
        for report in poller.takeReports() {
            wireLog.add(report, tick: tick)
            take(report, trouble)
        }
        for event in panel.take() { assembler.take(event) }
        let now = time.now()
        let lateness = max(.zero, now - due)
        let frame = assembler.frame(tick: tick, due: due, lateness: lateness)
        let passed = Int((now - origin).nanoseconds / period.nanoseconds)
        tick = max(tick + 1, passed)
        return frame
    }

    /// What was on the wires since the last call.
    mutating func takeWire() -> [UInt8] { wireLog.takeNew() }

    private func due(_ tick: Int) -> LaneInstant {
        origin + LaneSpan(nanoseconds: Int64(tick) * period.nanoseconds)
    }

    private mutating func take(_ report: InstrumentReport, _ trouble: (InstrumentRole, InstrumentError?) -> Void) {
        for reading in report.readings { assembler.take(reading, of: report.role, among: roles) }
        if let failure = report.failures.last { trouble(report.role, failure) }
        if let state = report.conditions { assembler.take(state.conditions, of: report.role, at: state.at) }
        switch report.link {
        case .up:
            assembler.setLost(false, report.role)
            // A line that is left alone after an error brings neither: that is no recovery.
            let hasSpoken = !report.readings.isEmpty || report.conditions != nil
            if hasSpoken, report.failures.isEmpty { trouble(report.role, nil) }
        case .lost(let error):
            assembler.setLost(true, report.role)
            trouble(report.role, error)
        }
    }
}
