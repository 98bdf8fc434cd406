import Metrology
import Standards

/// One stay at one engine speed: settling, then measuring, with restarts when the speed is left.
struct IdlePhaseRun {
    /// What a second led to.
    enum Step {
        /// Nothing yet.
        case goesOn
        /// The phase was begun again.
        case restarted
        /// It is over; the conditioning has no mean.
        case done(IdleMean?)
        /// There is no verdict.
        case aborted(AbortReason)
    }

    let fuel: Fuel
    let pipe: Int
    private(set) var phase: IdlePhase
    private(set) var phaseSecond = 0
    private(set) var restarts = 0

    private let test: TwoSpeedIdleTest
    private let first: IdlePhase
    private var seconds = 0
    private var outside = 0
    private var measured: [[ChannelID: Double]] = []
    private var lambdas: [Double] = []

    /// - Parameter speed: nil for the conditioning.
    init(_ speed: IdleSpeed?, fuel: Fuel, pipe: Int, test: TwoSpeedIdleTest) {
        self.fuel = fuel
        self.pipe = pipe
        self.test = test
        first =
            switch speed {
            case nil: .conditioning
            case .high: .highIdleSettle
            case .low: .idleSettle
            }
        phase = first
    }

    /// The speed to hold; nil where the pedal is released.
    var target: EngineSpeed? {
        switch phase.speed {
        case nil: test.conditioningSpeed
        case .high: test.highIdleSpeed
        case .low: nil
        }
    }

    /// Half-width of the band around it.
    var band: PackValue {
        phase.speed == nil ? test.requirements.speeds.conditioningBand : test.requirements.speeds.highIdleBand
    }

    /// Takes one second in.
    ///
    /// - Parameter lambda: of the second's gases; nil if it could not be formed.
    mutating func take(_ second: SecondImage, lambda: Double?) -> Step {
        seconds += 1
        phaseSecond += 1
        let inBand = second[.engineSpeed].map(isInBand) ?? false
        outside = inBand ? 0 : outside + 1
        let isComplete = lambda != nil && TwoSpeedIdleProcedure.needed.allSatisfy { second[$0] != nil }
        // Before a phase has begun its count the speed is still being sought: a second outside does not count.
        if !inBand, !phase.measures, outside == phaseSecond { phaseSecond = 0 }
        if outside >= test.requirements.speeds.outOfBand, phaseSecond > 0 || phase.measures { return restart() }
        if phase.measures, !isComplete { return restart() }
        if seconds > test.requirements.times.phaseLimit { return .aborted(.timeLimit(stage)) }
        if phaseSecond == 0 { outside = 0 }
        return advance(second, lambda)
    }

    private mutating func advance(_ second: SecondImage, _ lambda: Double?) -> Step {
        let times = test.requirements.times
        switch phase {
        case .conditioning:
            return phaseSecond >= times.conditioning ? .done(nil) : .goesOn
        case .highIdleSettle, .idleSettle:
            guard phaseSecond >= times.settle else { return .goesOn }
            // Nothing is measured before the probe is in the exhaust.
            guard let co = second[.carbonMonoxide], let co2 = second[.carbonDioxide],
                !(co + co2).isBelow(test.requirements.preTest.probeCarbonMinimum)
            else {
                let limit = test.requirements.preTest.limits[.probe] ?? 0
                return seconds >= limit ? .aborted(.precondition(.probeCheck)) : .goesOn
            }
            phase = phase == .highIdleSettle ? .highIdle : .idle
            phaseSecond = 0
            return .goesOn
        case .highIdle, .idle:
            measured.append(second.values)
            if let lambda { lambdas.append(lambda) }
            return phaseSecond >= times.mean ? .done(mean()) : .goesOn
        }
    }

    private mutating func restart() -> Step {
        restarts += 1
        phase = first
        phaseSecond = 0
        outside = 0
        measured.removeAll()
        lambdas.removeAll()
        return seconds > test.requirements.times.phaseLimit ? .aborted(.timeLimit(stage)) : .restarted
    }

    private func mean() -> IdleMean? {
        func mean(_ channel: ChannelID) -> Double? {
            let values = measured.compactMap { $0[channel] }
            return values.count == measured.count ? arithmeticMean(values) : nil
        }
        guard let speed = phase.speed, let co = mean(.carbonMonoxide), let hc = mean(.hydrocarbons),
            let rpm = mean(.engineSpeed), lambdas.count == measured.count, let lambda = arithmeticMean(lambdas)
        else { return nil }
        return IdleMean(
            fuel: fuel, speed: speed, pipe: pipe, carbonMonoxide: co, hydrocarbons: hc, lambda: lambda,
            analyzerLambda: mean(.lambda), engineSpeed: rpm)
    }

    /// The stage as the driver's aid names it.
    var stage: StageKind {
        switch phase {
        case .conditioning: .condition
        case .highIdleSettle, .idleSettle: .stabilise
        case .highIdle, .idle: .measure
        }
    }

    private func isInBand(_ speed: Double) -> Bool {
        if let target { return abs(speed - target.value).isAtMost(band) }
        return speed.isAtMost(test.requirements.speeds.idleMaximum)
    }
}
