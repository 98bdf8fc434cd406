import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// A lane without noise, driver or physics: every reading at every tick is what a boundary test says.
struct ExactSmokeLane {
    /// One press of the pedal, in ticks of a tenth of a second.
    struct Press {
        /// From the word to the last reading at idle.
        var start = 3
        /// From there to the first reading at the speed that is reached.
        var rise = 10
        /// From there to the last reading at that speed.
        var hold = 25
        /// The speed that is reached, r/min.
        var speed = 2600.0
        /// When the smoke has its peak, in ticks after the last reading at idle.
        var puff = 8
        /// Ticks after the word without a reading of the smoke.
        var smokeless = 0..<0
        /// Ticks after the word without a reading of the engine speed.
        var speedless = 0..<0
    }

    /// The press of a measured acceleration, by its number from 0.
    var press: (Int) -> Press = { _ in Press() }
    /// Peaks of the measured accelerations, 1/m; the last one goes on.
    var peaks = [0.6]
    /// The opacimeter's peak memory above the peak of the readings, 1/m; nil without a memory.
    var memoryAbove: Double?
    /// What the memory holds above the readings after it was cleared, 1/m.
    var leftAfterClearing = 0.0
    /// Opacity of clean air after the zero, %.
    var zero = 0.0
    /// Opacity without light, %; nil if it is never seen.
    var fullScale: Double? = 100.0
    /// Whether the opacimeter acts at all when it is told to zero.
    var zeroes = true
    var oil: Double? = 88.0
    var air: (temperature: Double, humidity: Double) = (22, 48)
    /// Speeds at idle alternate between this and 750 r/min.
    var otherIdle = 750.0
    var insertsProbe = true
    var isWarm = true
    /// Makes of a frame the one that the procedure sees, from what the driver's aid shows.
    var edit: (Frame, ProcedureStatus) -> Frame = { frame, _ in frame }

    private var tick = 0
    private var cuedTick: Int?
    private var measured = -1
    private var busy = 0..<0
    private var dark = 0..<0
    private var memory = 0.0
    private var samples: [ChannelID: Sample] = [:]

    /// Runs a procedure to its end.
    mutating func run(
        _ fixture: FreeAccelerationFixture, watch: (Frame, ProcedureStatus) -> Void = { _, _ in }
    ) throws -> FreeAccelerationOutcome {
        func carryOut<P: TestProcedure>(_ procedure: P) throws -> FreeAccelerationOutcome {
            var procedure = procedure
            try drive(&procedure, watch: watch)
            return try #require(procedure.outcome as? FreeAccelerationOutcome)
        }
        return try carryOut(try fixture.prepare())
    }

    /// Gives a procedure frames until its end, each to be seen with the status that followed from it.
    mutating func drive(
        _ procedure: inout some TestProcedure, watch: (Frame, ProcedureStatus) -> Void = { _, _ in }
    ) throws {
        while procedure.outcome == nil {
            try #require(tick < 60_000, "the test does not end: \(procedure.status)")
            let frame = edit(frame(procedure.status), procedure.status)
            perform(procedure.advance(frame))
            watch(frame, procedure.status)
        }
    }

    private mutating func perform(_ directives: [Directive]) {
        for case .opacimeter(let action) in directives {
            switch action {
            case .zero: busy = zeroes ? tick..<tick + 30 : 0..<0
            case .fullScale:
                busy = tick..<tick + 50
                dark = tick..<tick + 40
            case .clearPeak: memory = leftAfterClearing
            }
        }
    }

    private mutating func frame(_ status: ProcedureStatus) -> Frame {
        defer { tick += 1 }
        let now = LaneInstant(nanoseconds: Int64(tick) * 100_000_000)
        if status.stage == .accelerate, cuedTick == nil {
            // The status was shown with the frame before this one.
            cuedTick = tick - 1
            if status.mode == "test" { measured += 1 }
        }
        if status.stage == .idle { cuedTick = nil }
        let isMeasured = status.mode == "test"
        let press = isMeasured ? press(measured) : Press()
        let since = cuedTick.map { tick - $0 }
        var speed = tick % 2 == 0 ? 750.0 : otherIdle
        var smoke = 0.05
        if let since, since > press.start {
            let up = since - press.start
            if up < press.rise { speed = 1500 }
            if up >= press.rise, up <= press.rise + press.hold { speed = press.speed }
            if isMeasured, up == press.puff { smoke = peaks[max(0, min(measured, peaks.count - 1))] }
        }
        memory = max(memory, smoke)
        var opacity = dark.contains(tick) ? fullScale ?? 0 : zero
        if isMeasured {
            opacity = (try? SmokeOpacity.opacity(of: LightAbsorption(smoke), over: Length(0.43)).value) ?? 0
        } else {
            smoke = 0
        }
        var values: [ChannelID: Double] = [
            .opacity: opacity, .lightAbsorption: smoke, .engineSpeed: speed, .airTemperature: air.temperature,
            .relativeHumidity: air.humidity, .airPressure: 101.3,
        ]
        values[.opacimeterOilTemperature] = oil
        if let memoryAbove { values[.peakLightAbsorption] = memory + (memory > 0.2 ? memoryAbove : 0) }
        if let since, isMeasured {
            if press.smokeless.contains(since) { values[.lightAbsorption] = nil }
            if press.smokeless.contains(since) { values[.opacity] = nil }
            if press.speedless.contains(since) { values[.engineSpeed] = nil }
        }
        for (channel, value) in values { samples[channel] = Sample(value: value, acquiredAt: now, validity: .valid) }
        let conditions: Set<InstrumentCondition> =
            isWarm ? (busy.contains(tick) ? [.busy] : []) : [.warmingUp]
        let isInserting = status.stage == .probe && insertsProbe
        return Frame(
            tick: tick, time: now, samples: samples,
            states: [.opacimeter: InstrumentState(conditions: conditions, acquiredAt: now)],
            events: isInserting ? [.probeInserted] : [])
    }
}
