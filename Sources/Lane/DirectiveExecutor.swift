import Instruments
import Metrology
import Procedures
import Synchronization

/// Carries out a procedure's directives, each instrument's in order and on its own, so that no tick waits for a wire.
final class DirectiveExecutor: Sendable {
    private let queues: [InstrumentRole: ActionQueue]
    private let announce: @Sendable (Directive) -> Void

    /// Creates an executor.
    ///
    /// - Parameters:
    ///   - instruments: the lane's instruments.
    ///   - announce: is told every prompt.
    ///   - failed: is told of an action that an instrument did not carry out.
    init(
        _ instruments: [any LaneInstrument], announce: @escaping @Sendable (Directive) -> Void,
        failed: @escaping @Sendable (InstrumentRole, InstrumentError) -> Void
    ) {
        self.announce = announce
        queues = Dictionary(
            instruments.map { ($0.role, ActionQueue($0, failed: failed)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Queues what the directives ask for.
    func perform(_ directives: [Directive]) {
        for directive in directives {
            switch directive {
            case .brake(let force): queues[.dynamometer]?.add(.brakeForce(force))
            case .unload: queues[.dynamometer]?.add(.brakeOff)
            case .liftDown: queues[.dynamometer]?.add(.liftDown)
            case .analyzer(let action): queues[.gasAnalyzer]?.add(Self.action(action))
            case .bench(let action): queues[.noxAnalyzer]?.add(Self.action(action))
            case .hold(let speed): queues[.dynamometer]?.add(.brakeSpeed(speed))
            case .load(let power): queues[.dynamometer]?.add(.brakePower(power))
            // The dynamometer's own motor knows its speed; an inverter of its own would need the rollers' speed in
            // hertz, which lane files do not state yet.
            case .motor: queues[.dynamometer]?.add(.motorOn)
            case .motorOff: queues[.dynamometer]?.add(.motorOff)
            case .span(let fractions): queues[.gasAnalyzer]?.add(.span(fractions))
            case .opacimeter(let action): queues[.opacimeter]?.add(Self.action(action))
            case .flowMeter(let action): queues[.flowMeter]?.add(Self.action(action))
            case .prompt: announce(directive)
            }
        }
    }

    /// Waits until everything queued has been carried out or has failed; nothing can be queued afterwards.
    func finish() async { for queue in queues.values { await queue.finish() } }

    private static func action(_ action: OpacimeterAction) -> InstrumentAction {
        switch action {
        case .zero: .zero
        case .fullScale: .fullScale
        case .clearPeak: .clearPeak
        }
    }

    private static func action(_ action: FlowMeterAction) -> InstrumentAction {
        switch action {
        case .start: .fanOn
        case .stop: .fanOff
        }
    }

    private static func action(_ action: AnalyzerAction) -> InstrumentAction {
        switch action {
        case .zero: .zero
        case .sampleAmbient: .sampleAmbient
        case .sampleProbe: .sampleExhaust
        case .stop: .stopSampling
        case .purge: .purge
        case .leakCheck: .leakCheck
        // No profile switches valves yet: reference gas comes in through the probe.
        case .zeroGas, .checkGas: .sampleExhaust
        }
    }
}

/// One instrument's actions, one after the other.
private final class ActionQueue: Sendable {
    private let actions: AsyncStream<InstrumentAction>.Continuation
    private let worker: Task<Void, Never>

    init(
        _ instrument: any LaneInstrument, failed: @escaping @Sendable (InstrumentRole, InstrumentError) -> Void
    ) {
        let (stream, continuation) = AsyncStream.makeStream(of: InstrumentAction.self)
        actions = continuation
        worker = Task {
            for await action in stream {
                // A dynamometer without a lift has nothing to lower, an opacimeter without a peak memory nothing to
                // forget, and one without a shutter has its light blocked by a person; every other missing action is
                // a failure.
                let optional: [InstrumentAction] = [.liftDown, .clearPeak, .fullScale]
                if optional.contains(action), !instrument.actions.contains(action.kind) { continue }
                do throws(InstrumentError) {
                    try await instrument.perform(action)
                } catch {
                    failed(instrument.role, error)
                }
            }
        }
    }

    func add(_ action: InstrumentAction) { actions.yield(action) }

    func finish() async {
        actions.finish()
        await worker.value
    }
}
