import Messages
import Metrology
import Standards

/// The interlocks between lift, brake of the rollers and motor (举升器与制动联锁).
///
/// Controllers do not report their lift, so that it is seen by the rollers: a lift that rises brakes them, and one that
/// is up holds them. Told to rise at speed it must not; up, the motor must not turn the rollers.
struct InterlockPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison

    init(_ basis: CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        func watch(_ name: String, _ words: MessageCode, _ span: LaneSpan, _ directives: [Directive]) -> CheckStage {
            CheckStage(
                name: name, kind: .act, instruction: Message(words), directives: directives,
                task: .record([.rollerSpeed], span, band: nil))
        }
        stages = [
            RollerStages.clear, RollerStages.turn("lift", to: Speed(rules.interlockSpeed.value)),
            watch("lift", .checkLiftAtSpeed, rules.interlockTime, [.motorOff, .liftUp]),
            RollerStages.coast("stop", CoastTask(to: Speed(rules.standstill.value)), [.liftDown]),
            watch("raise", .checkLiftRaise, rules.liftTime, [.unload, .liftUp]),
            watch("motor", .checkMotorHeld, rules.interlockTime, [.motor(Speed(rules.interlockSpeed.value))]),
            watch("lower", .checkLiftLower, rules.liftTime, [.motorOff, .liftDown]),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        func speeds(_ name: String) -> [(time: LaneInstant, value: Double)] {
            findings.series[name]?[.rollerSpeed]?.points.map { ($0.time, $0.value) } ?? []
        }
        var deceleration: Double?
        if let first = speeds("lift").first, let last = speeds("lift").last, last.time > first.time {
            deceleration = (first.value - last.value) / 3.6 / (last.time - first.time).seconds
        }
        return CheckJudgement(items: [
            try CheckItem(
                "deceleration", at: "lift", unit: "m/s²", measured: deceleration, places: 2,
                bound: .atMost(rules.interlockDeceleration), comparison: comparison),
            try CheckItem(
                "speed", at: "motor", unit: "km/h", measured: speeds("motor").map(\.value).max(), places: 2,
                bound: .atMost(rules.standstill), comparison: comparison),
        ])
    }
}
