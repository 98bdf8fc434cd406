import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Thousands of seeded free acceleration tests")
struct FreeAccelerationPropertyTests {
    static let seed: UInt64 = 3_847_2018
    static let count = PropertyRuns.count(of: 2000)

    /// The packs that are tried in turn, by method.
    static let packs: [TestMethod: [(pack: String, set: String)]] = [
        .freeAcceleration: [
            ("GB3847-2018-free-acceleration", "a"), ("GB3847-2005-free-acceleration", "2001-on"),
            ("GB3847-2018-free-acceleration", "b"), ("UK-MOT-free-acceleration", "from-2008-07"),
            ("SAE-J1667-free-acceleration", "from-1991"),
        ],
        .nonRoad: [
            ("GB36886-2018-non-road", "class-1"), ("GB36886-2018-non-road", "class-2"),
            ("GB36886-2018-non-road", "class-3"),
        ],
    ]

    @Test(
        "end, unload last, replay to the same bytes, agree with a second reckoning, and take every path",
        arguments: [TestMethod.freeAcceleration, .nonRoad])
    func allPaths(method: TestMethod) async throws {
        let fixtures = try (Self.packs[method] ?? []).map { row in
            try FreeAccelerationFixture(row.pack, set: row.set, method: method)
        }
        let table = try await PropertyRuns.table(of: Self.count) { index in
            var random = SeededGenerator(seed: Self.seed &+ UInt64(index))
            let fixture = fixtures[index % fixtures.count]
            let plan = SmokePlan(index, fixture.requirements.identity.id, &random)
            let (outcome, run) = try fixture.run(seed: random.next()) { plan.apply(to: &$0) }
            let context: Comment = "seed \(Self.seed) index \(index) \(plan)"

            #expect(run.directives.last { $0 != .unload && Self.isDynamometer($0) } == nil, context)
            #expect(run.directives.last(where: Self.isDynamometer) == .unload, context)
            if plan.isUndisturbed {
                #expect(outcome.verdict.abortReason == nil, context)
                #expect(outcome.accelerations.allSatisfy { $0.fault == nil }, context)
            }
            let report = try outcome.report()
            #expect(try fixture.replay(run) == report, context)
            let again = try Reckoning.verdict(of: outcome, run, fixture)
            #expect(again == outcome.verdict, context)

            return Self.keys(outcome)
        }
        Self.print(table, method)
        guard PropertyRuns.areComplete else { return }
        let missing = Self.paths(method).filter { table[$0, default: 0] < 5 }
        #expect(missing.isEmpty, "\(missing.map { "\($0): \(table[$0, default: 0])" })")
    }

    static func isDynamometer(_ directive: Directive) -> Bool {
        switch directive {
        case .brake, .hold, .unload: true
        default: false
        }
    }

    /// Every path and reason that must occur.
    static func paths(_ method: TestMethod) -> [String] {
        let both =
            ["verdict passed", "verdict failed"] + AccelerationFault.allCases.map { "fault \($0.rawValue)" }
            + [
                "stall", "device-lost", "device-fault", "stale-data", "operator", "emergency-stop", "storage-lost",
                "attempts",
            ].map { "abort \($0)" }
            + [Precondition.engineCold, .opacimeterZero, .opacimeterFullScale, .probeCheck].map {
                "abort precondition \($0.rawValue)"
            } + [StageKind.warmUp, .zero, .idle].map { "abort time-limit \($0.rawValue)" }
            + [TestRemark.peakFromReadings, .fullScaleNotShown].map { "remark \($0.rawValue)" }
        return method == .nonRoad
            ? both + ["remark \(TestRemark.airNotRead.rawValue)"]
            : both + ["abort not-repeatable", "abort precondition ambient-conditions"]
    }

    static func keys(_ outcome: FreeAccelerationOutcome) -> [String] {
        var keys = ["verdict \(outcome.verdict.code)"]
        keys += Set(outcome.accelerations.compactMap(\.fault)).map { "fault \($0.rawValue)" }
        keys += outcome.remarks.map { "remark \($0.rawValue)" }
        if let reason = outcome.verdict.abortReason {
            switch reason {
            case .precondition, .timeLimit: keys.append("abort \(reason.code) \(reason.detail ?? "")")
            default: keys.append("abort \(reason.code)")
            }
        }
        return keys
    }

    static func print(_ table: [String: Int], _ method: TestMethod) {
        let runs = ["passed", "failed", "aborted"].compactMap { table["verdict \($0)"] }.reduce(0, +)
        Swift.print("\(method.rawValue) property tests: seed \(seed), \(runs) tests")
        for (key, value) in table.sorted(by: { $0.key < $1.key }) {
            Swift.print("  \(String(repeating: " ", count: max(0, 5 - String(value).count)))\(value)  \(key)")
        }
    }
}

/// An engine, and what goes wrong with its test, drawn from a seed.
struct SmokePlan: CustomStringConvertible {
    var engine = SmokeLane.Engine()
    var opacimeter = SmokeLane.Opacimeter()
    var errors: [Int: SmokeLane.Error] = [:]
    var disturbances: [SmokeLane.Disturbance] = []
    var hasWeatherStation = true

    var isUndisturbed: Bool { errors.isEmpty && disturbances.isEmpty }
    var description: String { "\(engine.puffs) \(opacimeter) \(errors) \(disturbances)" }

    init(_ index: Int, _ pack: String, _ random: inout SeededGenerator) {
        engine.idle = Double.random(in: 600...900, using: &random).rounded()
        engine.governed = Double.random(in: 2500...3200, using: &random).rounded()
        engine.rise = Double.random(in: 0.8...2.2, using: &random)
        engine.idleSmoke = Double.random(in: 0...0.15, using: &random)
        let base = Double.random(in: 0.2...3, using: &random)
        engine.puffs = (0..<12).map { _ in base * Double.random(in: 0.97...1.03, using: &random) }
        opacimeter.tellsAbsorption = Int.random(in: 0..<5, using: &random) > 0
        opacimeter.hasMemory = Int.random(in: 0..<4, using: &random) > 0
        opacimeter.showsFullScale = Int.random(in: 0..<5, using: &random) > 0
        if pack == "SAE-J1667-free-acceleration" { opacimeter.isFiltered = false }
        if pack == "GB36886-2018-non-road" { hasWeatherStation = Bool.random(using: &random) }
        // A quarter of the tests runs undisturbed.
        guard index % 4 != 0 else { return }
        if Int.random(in: 0..<3, using: &random) == 0 {
            engine.puffs = engine.puffs.map { $0 * Double.random(in: 0.4...1.6, using: &random) }
        }
        if Bool.random(using: &random) {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                errors[Int.random(in: 0..<8, using: &random)] = SmokeLane.Error.allCases.randomElement(using: &random)
            }
        } else if Int.random(in: 0..<8, using: &random) == 0 {
            let habit = SmokeLane.Error.allCases.randomElement(using: &random)
            let first = Int.random(in: 0..<4, using: &random)
            for press in first..<30 { errors[press] = habit }
        }
        if errors.isEmpty || Bool.random(using: &random) { disturbances = [Self.disturbance(&random)] }
    }

    func apply(to lane: inout SmokeLane) {
        lane.engine = engine
        lane.opacimeter = opacimeter
        lane.errors = errors
        lane.disturbances = disturbances
        lane.hasWeatherStation = hasWeatherStation
    }

    /// Things that are wrong from the beginning.
    static let lasting: [SmokeLane.Kind] = [
        .airTemperature(50), .coldEngine, .noProbe, .opacimeterStays(.warmingUp), .opacimeterStays(.zeroing),
        .zeroFails, .offset(4), .noFullScale, .memoryStays, .hunting,
    ]

    static func disturbance(_ random: inout SeededGenerator) -> SmokeLane.Disturbance {
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        // Lanes that are wrong all along end soon; a third is enough.
        if Int.random(in: 0..<3, using: &random) == 0 { return SmokeLane.Disturbance(pick(lasting)) }
        let role = pick([InstrumentRole.opacimeter, .tachometer, .weatherStation])
        let device = pick([InstrumentRole.opacimeter, .tachometer])
        let channel = pick([ChannelID.engineSpeed, .lightAbsorption])
        let short = pick([0.3, 0.8, 1.2])
        let (kind, length): (SmokeLane.Kind, Double) = pick([
            (.stall, 5), (.lost(device), short), (.lost(device), 10), (.stuck(channel), short), (.stuck(channel), 20),
            (.fault(role), 3), (.event(.operatorAbort), 1), (.event(.emergencyStop), 1), (.event(.storageLost), 1),
            (.event(.actionFailed(role)), 1), (.drift(0.02), 30), (.wireSpike(1.5), 0.3), (.memorySpike(0.8), 6),
            (.hunting, 8), (.stuck(.airPressure), 60), (.lost(.opacimeter), 0.8), (.lost(.opacimeter), 1.2),
        ])
        let stage = pick([StageKind.idle, .accelerate, .accelerate, .hold, .release, .release, .probe, .zero])
        let isEarly = stage == .zero || stage == .probe
        return SmokeLane.Disturbance(
            kind, after: Double.random(in: 0...2, using: &random), length: length, stage: stage,
            mode: isEarly ? nil : pick(["purge", "test", "test"]))
    }
}

/// The verdict of a test reckoned anew from its process data, without the procedure's code.
enum Reckoning {
    static func verdict(
        of outcome: FreeAccelerationOutcome, _ run: SyntheticRun, _ fixture: FreeAccelerationFixture
    ) throws -> Verdict {
        let rules = try fixture.rules
        let rule = rules.acceptance
        let valid = outcome.accelerations.filter { !$0.isPurge && $0.fault == nil }
        var values: [Double] = []
        for acceleration in valid {
            let peak = try #require(acceleration.peak)
            if rules.peak.filter == .instrument {
                // From the frames: the greatest new reading from the word to the end, or the memory's last word.
                let frames = run.frames.filter { $0.time > acceleration.cuedAt && $0.time <= acceleration.endedAt }
                let readings = frames.compactMap(reading).max()
                #expect(readings.map { abs($0 - (acceleration.peakOfReadings ?? 9)) < 1e-9 } ?? false)
                if acceleration.memory == nil {
                    #expect(peak == acceleration.peakOfReadings)
                } else {
                    #expect(frames.last?[.peakLightAbsorption].valid?.value == peak)
                }
            }
            let seconds = outcome.seconds.filter { $0.acceleration == acceleration.number }
            #expect(seconds.compactMap(\.greatest).max() == acceleration.peakOfReadings)
            if let length = outcome.limit.length {
                values.append(try SmokeOpacity.opacity(of: LightAbsorption(peak), over: Length(length.value)).value)
            } else {
                values.append(peak)
            }
        }
        // Only a broken-off test may have too few.
        if case .aborted(let reason) = outcome.verdict, reason != .notRepeatable {
            #expect(outcome.items.isEmpty)
            return outcome.verdict
        }
        let last = values.suffix(rule.count).map { $0 }
        try #require(values.count >= rule.fewest && values.count <= rule.most)
        let spread = (last.max() ?? 0) - (last.min() ?? 0)
        let isSpreadGood = rule.spread.map { spread <= $0.value + 1e-12 } ?? true
        let falls = zip(last, last.dropFirst()).allSatisfy { $0 > $1 }
        guard isSpreadGood, rule.trend == .any || !falls else { return .aborted(.notRepeatable) }
        let mean = last.reduce(0, +) / Double(last.count)
        let rounded = try RoundedDecimal(mean, places: rules.places)
        return rounded <= outcome.limit.maximum.decimal ? .passed : .failed
    }

    /// What the frame newly tells of the smoke: its absorption or, without a valid one, its opacity.
    private static func reading(_ frame: Frame) -> Double? {
        func fresh(_ channel: ChannelID) -> Double? {
            frame.samples[channel].flatMap { $0.acquiredAt == frame.time && $0.validity == .valid ? $0.value : nil }
        }
        guard frame.samples[.lightAbsorption]?.validity != .valid else { return fresh(.lightAbsorption) }
        return fresh(.opacity).flatMap {
            try? SmokeOpacity.absorption(of: Percentage($0), over: Length(0.43)).value
        }
    }
}
