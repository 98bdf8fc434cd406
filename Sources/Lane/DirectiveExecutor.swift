import Instruments
import Metrology
import Procedures
import Synchronization

/// Carries out a procedure's directives, each instrument's in order and on its own, so that no tick waits for a wire.
final class DirectiveExecutor: Sendable {
    private let queues: [InstrumentRole: ActionQueue]
    private let announce: @Sendable (Directive) -> Void
    private let inTurn: Bool
    /// What waits for ``settle()``.
    private let waiting = Mutex<[(ActionQueue, InstrumentAction)]>([])

    /// Creates an executor.
    ///
    /// - Parameters:
    ///   - instruments: the lane's instruments.
    ///   - inTurn: whether actions wait for ``settle()`` and are then carried out one after the other.
    ///   - announce: is told every prompt.
    ///   - failed: is told of an action that an instrument did not carry out.
    init(
        _ instruments: [any LaneInstrument], inTurn: Bool = false, announce: @escaping @Sendable (Directive) -> Void,
        failed: @escaping @Sendable (InstrumentRole, InstrumentError) -> Void
    ) {
        self.announce = announce
        self.inTurn = inTurn
        queues = Dictionary(
            instruments.map { ($0.role, ActionQueue($0, failed: failed)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Queues what the directives ask for.
    func perform(_ directives: [Directive]) {
        for directive in directives {
            switch directive {
            case .brake(let force): add(.brakeForce(force), to: .dynamometer)
            case .unload: add(.brakeOff, to: .dynamometer)
            case .liftDown: add(.liftDown, to: .dynamometer)
            case .liftUp: add(.liftUp, to: .dynamometer)
            case .analyzer(let action): add(Self.action(action), to: .gasAnalyzer)
            case .bench(let action): add(Self.action(action), to: .noxAnalyzer)
            case .hold(let speed): add(.brakeSpeed(speed), to: .dynamometer)
            case .load(let power): add(.brakePower(power), to: .dynamometer)
            // The dynamometer's own motor can only be switched, and runs up to the speed that it is set to: a check that
            // needs a lower one for a while lets the brake hold it. An inverter of its own would need the rollers'
            // speed in hertz, which lane files do not state yet.
            case .motor: add(.motorOn, to: .dynamometer)
            case .motorOff: add(.motorOff, to: .dynamometer)
            case .span(let fractions): add(.span(fractions), to: .gasAnalyzer)
            case .opacimeter(let action): add(Self.action(action), to: .opacimeter)
            case .flowMeter(let action): add(Self.action(action), to: .flowMeter)
            case .prompt: announce(directive)
            }
        }
    }

    private func add(_ action: InstrumentAction, to role: InstrumentRole) {
        guard let queue = queues[role] else { return }
        if inTurn { waiting.withLock { $0.append((queue, action)) } } else { queue.add(action) }
    }

    /// Carries out what waits for its turn; where nothing does, does nothing.
    func settle() async {
        let actions = waiting.withLock { waiting in
            defer { waiting.removeAll() }
            return waiting
        }
        for (queue, action) in actions { await queue.carryOut(action) }
    }

    /// Waits until everything queued has been carried out or has failed; nothing can be queued afterwards.
    func finish() async {
        await settle()
        for queue in queues.values { await queue.finish() }
    }

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
