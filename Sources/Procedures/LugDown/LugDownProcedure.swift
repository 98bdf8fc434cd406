import Messages
public import Metrology
public import Standards

/// The lug-down test of diesel vehicles (加载减速法), GB 3847-2018 Annex B.
///
/// The pre-test is followed by the free top speed of the engine, by the gear at full throttle, and by the power scan,
/// in which the brake takes the rollers down from top speed and finds the greatest power and its speed. At 100 % and
/// 80 % of that speed smoke is averaged, at 80 % NOx, too. Throughout, the pedal is fully down. All numbers come from
/// the packs.
public struct LugDownProcedure: TestProcedure {
    /// The name of this algorithm in records; a change of behaviour gets a new one.
    public static let algorithm = "lug-down/1"

    /// The instruments of lug-down; oil or coolant temperature is used where another instrument reads it.
    public static let roles: Set<InstrumentRole> = [
        .dynamometer, .tachometer, .opacimeter, .noxAnalyzer, .weatherStation,
    ]

    /// What the record of a second under throttle must hold; NOx besides, where it is judged.
    private static let needed: [ChannelID] = [
        .rollerSpeed, .rollerForce, .engineSpeed, .lightAbsorption, .opacity, .airTemperature, .relativeHumidity,
        .airPressure,
    ]

    /// Where the test is.
    private enum Phase {
        case preparation
        case governed(LugDownGovernedRun)
        case gear(LugDownGearSearch)
        case scan(LugDownScan)
        case point(LugDownPointRun, index: Int)
    }

    /// What the test is carried out with.
    public let test: LugDownTest

    /// The outcome, once the test is over.
    public private(set) var outcome: LugDownOutcome?

    /// What the driver's aid shows.
    public private(set) var status = ProcedureStatus(stage: .warmUp)

    private let needed: [ChannelID]
    private var collector: SecondCollector
    private var calculation: LugDownCalculation
    private var watch: TestWatch
    private var ownWatch: LugDownWatch
    private var preparation: LugDownPreparation
    private var phase = Phase.preparation
    private var governedSpeed: EngineSpeed?
    private var gear: LugDownGear?
    private var peak: LugDownPeak?
    private var points: [LugDownPointResult] = []
    private var items: [JudgedItem] = []
    private var seconds: [LugDownSecond] = []
    private var remarks: Set<TestRemark> = []
    private var drivenSeconds = 0
    private var hasBegun = false
    private var stageBegan = LaneInstant.zero

    /// Begins a test.
    public init(_ test: LugDownTest) {
        self.test = test
        needed = Self.needed + (test.needsNOx ? [.nitrogenOxides] : [])
        collector = SecondCollector(rule: test.requirements.decisions.secondTakes)
        calculation = LugDownCalculation(test)
        // Readings of other instruments are welcome, but their loss ends no lug-down test.
        watch = TestWatch(
            test.requirements.watch, sampling: nil,
            freshness: test.requirements.freshness.filter { Self.roles.contains($0.key) }, needed: needed)
        ownWatch = LugDownWatch(test)
        preparation = LugDownPreparation(test)
        if test.transmission == .automatic { remarks.insert(.slipNotWatched) }
        if test.altitudeAllowance > 0 { remarks.insert(.altitudeAllowance) }
        show(preparation)
    }

    /// Prepares the test that an order asks for.
    public init(
        _ order: TestOrder, limits: LugDownLimits, requirements: LugDownRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        self.init(try LugDownTest(order, limits: limits, requirements: requirements, lane: lane))
    }

    /// How old a reading of each instrument may be.
    public var freshness: [InstrumentRole: LaneSpan] { test.requirements.freshness }

    /// Takes the next frame; see ``Procedure/advance(_:)``.
    public mutating func advance(_ frame: Frame) -> [Directive] {
        guard outcome == nil else { return [] }
        var directives: [Directive] = []
        if !hasBegun {
            hasBegun = true
            directives += [.unload] + preparation.opening
        }
        if case .preparation = phase { preparation.watch(frame) }
        let stageBefore = (status.stage, status.mode)
        if let reason = watch.immediate(frame.events) {
            directives += finish(.aborted(reason))
        } else {
            for second in collector.take(frame) where outcome == nil {
                directives += advance(
                    second.withNOx(converted: test.lane.convertsNitrogenDioxide),
                    isFormed: second[.nitrogenOxides] == nil)
            }
        }
        if stageBefore != (status.stage, status.mode) { stageBegan = frame.time }
        status.stageTime = frame.time - stageBegan
        return directives
    }

    /// Ends the test from outside: the program that ran it is gone, and its frames are all there is.
    ///
    /// - Returns: what the lane is to do; empty if the test was already over.
    public mutating func interrupt() -> [Directive] { outcome == nil ? finish(.aborted(.interrupted)) : [] }

    // MARK: Seconds

    private mutating func advance(_ second: SecondImage, isFormed: Bool) -> [Directive] {
        let runs = if case .preparation = phase { false } else { true }
        if let reason = watch.take(second, TestWatch.Scope(runs: runs)) { return finish(.aborted(reason)) }
        if let reason = ownWatch.take(second, scope(runs: runs)) { return finish(.aborted(reason)) }
        if isFormed, second[.nitrogenOxides] != nil {
            remarks.insert(test.lane.convertsNitrogenDioxide ? .noxBehindConverter : .noxFromNOAndNO2)
        }
        guard runs else { return prepare(second) }
        let values = calculation.values(second)
        note(second, values)
        let isComplete = needed.allSatisfy { second[$0] != nil }
        switch phase {
        case .preparation: return []
        case .governed(let run): return race(run, values)
        case .gear(let search): return find(search, values)
        case .scan(let scan): return self.scan(scan, isComplete ? values : LugDownValues(), second)
        case .point(let run, let index): return measure(run, index, values, isComplete)
        }
    }

    private func scope(runs: Bool) -> LugDownWatch.Scope {
        var scope = LugDownWatch.Scope(
            samples: runs || status.stage == .probe, runs: runs, setSpeed: setSpeed, gear: gear, stage: status.stage)
        // The second that is being taken in counts, too.
        scope.drivenSeconds = gear != nil || status.stage == .gear ? drivenSeconds + 1 : 0
        return scope
    }

    /// The speed that the brake holds; nil while it holds none.
    private var setSpeed: Speed? {
        switch phase {
        case .preparation, .governed, .gear: nil
        case .scan(let scan): scan.setSpeed
        case .point(let run, _): run.setSpeed
        }
    }

    // MARK: Phases

    private mutating func prepare(_ second: SecondImage) -> [Directive] {
        switch preparation.take(second) {
        case .goesOn(let directives):
            show(preparation)
            return directives
        case .ready:
            phase = .governed(LugDownGovernedRun(test))
            status.probeWanted = true
            show(.governedSpeed, Message(.lugDownRaceEngine), then: findGear, progress: 0.3)
            status.gear = 0
            status.pedal = .full
            return [.prompt(Message(.lugDownRaceEngine))]
        case .aborted(let reason):
            return finish(.aborted(reason))
        }
    }

    private mutating func race(_ running: LugDownGovernedRun, _ values: LugDownValues) -> [Directive] {
        var run = running
        switch run.take(values) {
        case .goesOn:
            phase = .governed(run)
            return []
        case .found(let speed):
            governedSpeed = speed
            phase = .gear(LugDownGearSearch(test))
            show(.gear, findGear, then: Message(.lugDownScan), progress: 0.35)
            status.gear = nil
            status.targetSpeed = Speed(test.requirements.gear.speedTarget.value)
            return [.prompt(findGear)]
        case .aborted(let reason):
            return finish(.aborted(reason))
        }
    }

    private mutating func find(_ searching: LugDownGearSearch, _ values: LugDownValues) -> [Directive] {
        drivenSeconds += 1
        var search = searching
        let step = search.take(values)
        phase = .gear(search)
        status.gearChange = search.change
        switch step {
        case .goesOn:
            if search.change == nil { status.instruction = findGear }
            return []
        case .shift(let change):
            let words = Message(change == .up ? .lugDownShiftUp : .lugDownShiftDown)
            status.instruction = words
            return [.prompt(words)]
        case .found(let gear):
            self.gear = gear
            // The test that is still to come is measured by the idle speed of the pre-test.
            let scan = LugDownScan(test, gear: gear, idleSpeed: preparation.result.idleSpeed ?? EngineSpeed(0))
            phase = .scan(scan)
            show(.scan, Message(.lugDownScan), then: words(test.requirements.points.first), progress: 0.45)
            return [.prompt(Message(.lugDownScan)), hold(scan.setSpeed)]
        case .aborted(let reason):
            return finish(.aborted(reason))
        }
    }

    private mutating func scan(
        _ running: LugDownScan, _ values: LugDownValues, _ second: SecondImage
    ) -> [Directive] {
        drivenSeconds += 1
        var scan = running
        let step = scan.take(values, second: second.number)
        phase = .scan(scan)
        switch step {
        case .goesOn:
            return [hold(scan.setSpeed)]
        case .over(let peak):
            self.peak = peak
            if peak.end != .beyondMaximum { remarks.insert(.scanEndedAtFloor) }
            guard take({ (judgement) throws(MetrologyError) in try judgement.items(of: peak) }) else {
                return finish(.aborted(.staleData(.rollerForce)))
            }
            let decisions = test.requirements.decisions
            if decisions.powerTooLow == .ends, items.contains(where: { $0.quantity == "power" && !$0.passes }) {
                return finish(.failed)
            }
            return begin(0, from: scan.setSpeed)
        case .aborted(let reason):
            return finish(.aborted(reason))
        }
    }

    /// Begins a point; after the last one there is the verdict.
    private mutating func begin(_ index: Int, from speed: Speed) -> [Directive] {
        let all = test.requirements.points
        guard index < all.count, let peak else {
            return finish(items.allSatisfy(\.passes) ? .passed : .failed)
        }
        let run = LugDownPointRun(all[index], test, peak: peak, from: speed)
        phase = .point(run, index: index)
        status.mode = run.point.point.rawValue
        status.speedTolerance = Speed(test.requirements.pointTimes.speedBand.value)
        let following = index + 1 < all.count ? words(all[index + 1]) : Message(.lugDownRelease)
        show(.stabilise, words(all[index]), then: following, progress: progress(index, 0))
        return [.prompt(words(all[index])), hold(run.setSpeed)]
    }

    private mutating func measure(
        _ running: LugDownPointRun, _ index: Int, _ values: LugDownValues, _ isComplete: Bool
    ) -> [Directive] {
        drivenSeconds += 1
        var run = running
        let before = run.setSpeed
        // Let go of the stored one, or its values would be copied for every second.
        phase = .preparation
        let step = run.take(values, isComplete: isComplete)
        phase = .point(run, index: index)
        switch step {
        case .goesOn, .restarted:
            status.stage = run.stage
            status.progress = max(status.progress, progress(index, run.measured))
            return run.setSpeed == before ? [] : [hold(run.setSpeed)]
        case .done(let result):
            points.append(result)
            guard take({ (judgement) throws(MetrologyError) in try judgement.items(of: result) }) else {
                return finish(.aborted(.staleData(.lightAbsorption)))
            }
            return begin(index + 1, from: run.setSpeed)
        case .aborted(let reason):
            return finish(.aborted(reason))
        }
    }

    /// Takes items in; false for a value that no report can hold.
    private mutating func take(_ judge: (LugDownJudgement) throws(MetrologyError) -> [JudgedItem]) -> Bool {
        guard let judged = try? judge(LugDownJudgement(test: test)) else { return false }
        items += judged
        return true
    }

    // MARK: Ends

    private mutating func finish(_ verdict: Verdict) -> [Directive] {
        let all = remarks.union(preparation.remarks)
        outcome = LugDownOutcome(
            verdict: verdict, items: items, test: test, preTest: preparation.result, governedSpeed: governedSpeed,
            gear: gear, peak: peak, points: points, seconds: seconds,
            remarks: TestRemark.allCases.filter(all.contains))
        phase = .preparation
        let words =
            if case .aborted(let reason) = verdict {
                Message(.lugDownAborted, ["reason": .message(reason.message)])
            } else {
                Message(.lugDownRelease)
            }
        status.targetSpeed = nil
        status.speedTolerance = nil
        status.gearChange = nil
        status.pedal = .released
        status.probeWanted = false
        show(.finished, words, then: nil, progress: 1)
        return [.unload, .bench(.stop), .prompt(words)]
    }

    // MARK: Record and display

    private mutating func note(_ second: SecondImage, _ values: LugDownValues) {
        let speed = values.speed.map { Speed($0) }
        let point: LugDownPoint? = if case .point(let run, _) = phase { run.point.point } else { nil }
        seconds.append(
            LugDownSecond(
                second: second.number, stage: status.stage, point: point, setSpeed: setSpeed, values: second.values,
                brakePower: speed.flatMap { speed in second[.rollerForce].map { Force($0) * speed } },
                parasiticPower: speed.map(test.lane.parasiticLoss.power), power: values.power.map { Power($0) },
                powerFactor: values.powerFactor, humidityFactor: values.humidityFactor))
        status.readings = [
            values.speed.map { StatusReading("v", $0, KilometresPerHour.symbol, places: 1) },
            values.engineSpeed.map { StatusReading("n", $0, RevolutionsPerMinute.symbol, places: 0) },
            values.correctedPower.map { StatusReading("P", $0, Kilowatts.symbol, places: 1) },
            values.k.map { StatusReading("k", $0, PerMetre.symbol, places: 2) },
            values.nox.map { StatusReading("NOx", $0, PartsPerMillion.symbol, places: 0) },
        ].compactMap { $0 }
    }

    private mutating func hold(_ speed: Speed) -> Directive {
        status.targetSpeed = speed
        return .hold(speed)
    }

    private mutating func show(_ preparation: LugDownPreparation) {
        let share = Double(preparation.phase.rawValue) / Double(LugDownPreparation.Phase.allCases.count)
        show(preparation.stage, preparation.instruction, then: preparation.following, progress: share * 0.3)
        status.probeWanted = preparation.phase == .probe
        status.pedal = .released
        status.gear = preparation.phase == .rest ? nil : 0
    }

    private mutating func show(_ stage: StageKind, _ instruction: Message, then following: Message?, progress: Double) {
        status.stage = stage
        status.instruction = instruction
        status.following = following
        status.progress = max(status.progress, progress)
    }

    private var findGear: Message {
        let rules = test.requirements.gear
        return Message(
            .lugDownFindGear,
            [
                "speed": .decimal(rules.speedTarget.decimal.description),
                "limit": .decimal(rules.speedBelow.decimal.description),
            ])
    }

    private func words(_ point: LugDownRequirements.Point?) -> Message {
        Message(.lugDownPoint, ["share": .decimal(point?.share.decimal.description ?? "")])
    }

    /// Shares of a test as they are usually long.
    private func progress(_ index: Int, _ measured: Int) -> Double {
        let share = Double(measured) / Double(test.requirements.pointTimes.mean)
        return 0.7 + 0.3 * (Double(index) + share) / Double(test.requirements.points.count)
    }
}
