import Metrology
import Procedures
import ProceduresTestKit
import Standards

/// One simulated instrument: what is injected, and the verdict that has to come of it.
struct CheckRow {
    enum Expected: Equatable {
        case passed
        case failed
        case aborted(String)
    }

    var name: String
    var kind: CheckKind
    var expected: Expected
    /// The item that the row is about, by its name in the record.
    var item: String
    var injected: String
    var dynamometer = DynamometerClass.light
    var faults = CheckBench.Faults()
    var order: (inout CheckOrder) -> Void = { _ in }
    var bench: (inout CheckBench) -> Void = { _ in }
}

/// The rows, whose edges come from the pack.
struct CheckRows {
    let rules: CheckRequirements
    private(set) var all: [CheckRow] = []

    init(_ rules: CheckRequirements) {
        self.rules = rules
        gas()
        nox()
        smoke()
        rollers()
        force()
        others()
        aborts()
    }

    // MARK: Adding

    private mutating func add(
        _ name: String, _ kind: CheckKind, _ expected: CheckRow.Expected, _ item: String, injected: String = "",
        _ dynamometer: DynamometerClass = .light, _ change: (inout CheckBench.Faults) -> Void = { _ in }
    ) {
        var row = CheckRow(name: name, kind: kind, expected: expected, item: item, injected: injected)
        row.dynamometer = dynamometer
        change(&row.faults)
        all.append(row)
    }

    /// A row with another order or another bench.
    private mutating func vary(
        _ name: String, _ kind: CheckKind, _ expected: CheckRow.Expected, _ item: String, injected: String = "",
        order: @escaping (inout CheckOrder) -> Void = { _ in }, bench: @escaping (inout CheckBench) -> Void = { _ in }
    ) {
        var row = CheckRow(name: name, kind: kind, expected: expected, item: item, injected: injected)
        row.order = order
        row.bench = bench
        all.append(row)
    }

    /// Two rows, a thousandth of the tolerance inside and outside of it.
    private mutating func edges(
        _ kind: CheckKind, _ item: String, at limit: Double, margin: Double = 0.001,
        _ change: (inout CheckBench.Faults, Double) -> Void
    ) {
        for (name, factor, expected) in [
            ("edge inside", 1 - margin, CheckRow.Expected.passed), ("edge outside", 1 + margin, .failed),
        ] {
            add(name, kind, expected, item, injected: Self.text(limit * factor)) { change(&$0, limit * factor) }
        }
    }

    private static func text(_ value: Double) -> String {
        (try? RoundedDecimal(value, places: 5))?.description ?? "\(value)"
    }

    private func absolute(_ channel: ChannelID, _ value: Double) -> Double {
        rules.gas.tolerance(of: channel, at: value)?.absolute?.value ?? 0
    }

    private func relative(_ channel: ChannelID, _ value: Double) -> Double {
        (rules.gas.tolerance(of: channel, at: value)?.relative?.value ?? 0) / 100
    }

    // MARK: Gas analyzer

    private mutating func gas() {
        add("good", .gasSinglePoint, .passed, "low.co")
        add("good", .gasFivePoint, .passed, "high.hc")
        // Of absolute and relative the greater one decides: at low concentrations the absolute.
        edges(.gasSinglePoint, "low.hc", at: absolute(.hydrocarbons, 101)) { $0.offset[.hydrocarbons] = $1 }
        edges(.gasSinglePoint, "low.hc", at: -absolute(.hydrocarbons, 101)) { $0.offset[.hydrocarbons] = $1 }
        edges(.gasSinglePoint, "low.co", at: absolute(.carbonMonoxide, 0.5)) { $0.offset[.carbonMonoxide] = $1 }
        edges(.gasSinglePoint, "low.co2", at: absolute(.carbonDioxide, 6)) { $0.gain[.carbonDioxide] = 1 + $1 / 6 }
        edges(.gasSinglePoint, "low.no", at: absolute(.nitricOxide, 300)) { $0.offset[.nitricOxide] = $1 }
        edges(.gasFivePoint, "high.hc", at: relative(.hydrocarbons, 1616)) { $0.gain[.hydrocarbons] = 1 + $1 }
        edges(.gasFivePoint, "high.co", at: -relative(.carbonMonoxide, 8)) { $0.gain[.carbonMonoxide] = 1 + $1 }
        edges(.gasFivePoint, "high.no", at: relative(.nitricOxide, 3000)) { $0.gain[.nitricOxide] = 1 + $1 }
        edges(.gasFivePoint, "high.co2", at: relative(.carbonDioxide, 12)) { $0.gain[.carbonDioxide] = 1 - $1 }
        add("span drift", .gasSinglePoint, .failed, "low.co", injected: "-10 %") { $0.gain[.carbonMonoxide] = 0.9 }
        add("zero drift", .gasSinglePoint, .failed, "zero.hc", injected: "+6 ppm") { $0.offset[.hydrocarbons] = 6 }
        add("unsteady", .gasSinglePoint, .failed, "low.co-spread", injected: "0.05 %") {
            $0.swing[.carbonMonoxide] = 0.05
        }
        for (factor, expected) in [
            ("0.489", CheckRow.Expected.failed), ("0.490", .passed), ("0.540", .passed), ("0.541", .failed),
        ] {
            vary(
                "PEF", .gasSinglePoint, expected, "analyzer.pef", injected: factor,
                order: { $0.propaneEquivalence = RoundedDecimal(factor) },
                bench: { $0.equivalence = Double(factor) ?? 0 })
        }
        for (reported, expected) in [("0.510", CheckRow.Expected.passed), ("0.511", .failed)] {
            vary(
                "PEF against plate", .gasSinglePoint, expected, "plate.pef", injected: reported,
                order: { $0.reportedEquivalence = RoundedDecimal(reported) },
                bench: { $0.equivalence = Double(reported) ?? 0 })
        }
        add("adjustment", .gasSpan, .passed, "after.co", injected: "-10 %") { $0.gain[.carbonMonoxide] = 0.9 }
        add("adjustment not carried out", .gasSpan, .failed, "after.co", injected: "-10 %") {
            $0.gain[.carbonMonoxide] = 0.9
            $0.ignoresSpan = true
        }
        add("good", .gasLeak, .passed, "path.leak")
        add("leak", .gasLeak, .failed, "path.leak", injected: "leak") { $0.leaks = true }
        add("good", .gasLowFlow, .passed, "closed.time")
        add("closed line not noticed", .gasLowFlow, .failed, "closed.time") { $0.ignoresLowFlow = true }
        add("line closed from the start", .gasLowFlow, .failed, "before.time") { $0.isBlocked = true }
        add("good", .gasBackground, .passed, "line.hc-residue")
        edges(.gasBackground, "line.hc-residue", at: rules.gas.residualMaximum.value) { $0.residue = $1 }
        edges(.gasBackground, "ambient.o2", at: -rules.gas.oxygenTolerance.value) { $0.offset[.oxygen] = $1 }
        edges(.gasBackground, "ambient.hc", at: rules.gas.ambientMaximum[.hydrocarbons]?.value ?? 0) {
            $0.offset[.hydrocarbons] = $1
        }
        add("worn O2 cell", .gasBackground, .failed, "ambient.o2", injected: "-10 %") { $0.gain[.oxygen] = 0.9 }
        response()
    }

    private mutating func response() {
        add("good", .gasResponse, .passed, "co.t90")
        // The gas arrives a tick before the nominal delay is over; the rest is the analyzer's exponential.
        let limit = rules.gas.response(of: .carbonMonoxide)?.t90.value ?? 0
        for (name, time, expected) in [
            ("edge inside", limit - 0.02, CheckRow.Expected.passed), ("edge outside", limit + 0.02, .failed),
        ] {
            let constant = (time - 2.9) / 2.302585
            vary(
                name, .gasResponse, expected, "co.t90", injected: Self.text(time),
                // The others' T95 is later than their T90, so that only this gas is slow.
                bench: { $0.timeConstant[.carbonMonoxide] = constant })
        }
        add("slow response", .gasResponse, .failed, "co.t90", injected: "x3") { $0.slowness = 3 }
        add("no response", .gasResponse, .failed, "co.t90", injected: "x200") { $0.slowness = 200 }
    }

    private mutating func nox() {
        add("good", .noxLeak, .passed, "path.leak")
        add("good", .noxGas, .passed, "low.nox")
        edges(.noxGas, "low.nox", at: absolute(.nitrogenOxides, 300)) { $0.offset[.nitrogenOxides] = $1 }
        edges(.noxGas, "no2.nitrogen-dioxide", at: absolute(.nitrogenDioxide, 100)) {
            $0.gain[.nitrogenDioxide] = 1 + $1 / 100
        }
        add("good", .noxResponse, .passed, "nox.t90")
        add("slow response", .noxResponse, .failed, "nox.t90", injected: "x4") { $0.slowness = 4 }
        edges(.noxConverter, "converter.efficiency", at: -rules.gas.converterMinimum.value / 100) {
            $0.converter = -$1
        }
        // The edge of a minimum is inside above it.
        let last = all.count
        (all[last - 2].expected, all[last - 1].expected) = (.failed, .passed)
        (all[last - 2].name, all[last - 1].name) = (all[last - 1].name, all[last - 2].name)
        add("poisoned converter", .noxConverter, .failed, "converter.efficiency", injected: "0.6") {
            $0.converter = 0.6
        }
    }

    private mutating func smoke() {
        let smoke = rules.opacimeter
        add("good", .opacimeterFilters, .passed, "filter-50.opacity")
        edges(.opacimeterFilters, "zero.opacity", at: smoke.zeroTolerance.value) { $0.offset[.opacity] = $1 }
        edges(.opacimeterFilters, "full.opacity", at: smoke.fullTolerance.value) { $0.gain[.opacity] = 1 - $1 / 100 }
        edges(.opacimeterFilters, "filter-50.linearity", at: smoke.linearityTolerance.value) { $0.bend = $1 }
        edges(.opacimeterFilters, "filter-70.light-absorption", at: smoke.absorptionTolerance.value) {
            $0.gain[.lightAbsorption] = 1 + $1 / 2.7999367
        }
        add("dirty lens", .opacimeterFilters, .failed, "full.opacity", injected: "-6 %") { $0.gain[.opacity] = 0.94 }
        add("good", .opacimeterDrift, .passed, "zero.drift")
        edges(.opacimeterDrift, "zero.drift", at: smoke.driftMaximum.value, margin: 0.01) {
            $0.drift[.opacity] = 2 * $1
        }
        add("good", .opacimeterResponse, .passed, "rise.response")
        // 10 to 90 % of two equal low passes takes 3.3577 of their time constants.
        for (time, expected) in [
            (smoke.responseMinimum.value - 0.01, CheckRow.Expected.failed),
            (smoke.responseMinimum.value + 0.01, .passed),
            (smoke.responseMaximum.value - 0.01, .passed), (smoke.responseMaximum.value + 0.01, .failed),
        ] {
            vary(
                expected == .passed ? "edge inside" : "edge outside", .opacimeterResponse, expected, "rise.response",
                injected: Self.text(time), bench: { $0.smokeConstant = time / 3.3577 })
        }
    }

    // MARK: Dynamometer

    private mutating func rollers() {
        let rollers = rules.dynamometer
        add("good", .dynamometerWarmUp, .passed, "warm.time")
        add("motor of one speed", .dynamometerWarmUp, .passed, "warm.time", injected: "108 km/h") {
            $0.motorSpeed = 108
        }
        for speed in [rollers.warmUpSpeed.value + rollers.startMargin.value + 0.5, 108] {
            add(
                "brake does not hold the speed", .dynamometerWarmUp, .aborted("control-lost"), "warm.time",
                injected: "\(Self.text(speed)) km/h"
            ) { ($0.motorSpeed, $0.holdFails) = (speed, true) }
        }
        add("good", .parasiticLoss, .passed, "50-30.loss")
        add("loss too great at 90 km/h", .parasiticLoss, .failed, "100-80.loss", injected: "2.8 kW", .heavy)
        for (name, factor, expected) in [
            ("edge inside", 0.998, CheckRow.Expected.passed), ("edge outside", 1.002, .failed),
        ] {
            let loss = rollers.lossMaximum.value * factor
            let drag = RollerReckoning.drag(for: loss, from: 60, to: 40)
            add(name, .parasiticLoss, expected, "60-40.loss", injected: Self.text(loss)) { $0.drag = drag }
        }
        add("bearing drag", .parasiticLoss, .failed, "60-40.loss", injected: "100 N") { $0.drag = 100 }

        add("good", .coastDown, .passed, "8-kW.50-30.time")
        add("good", .coastDown, .passed, "30-kW.100-80.time", .heavy)
        let tolerance = rollers.coastDownTolerance.value / 100
        for (sign, from, to, power) in [(1.0, 50.0, 30.0, 8.0), (-1, 35, 15, 6)] {
            let share = RollerReckoning.shareOfComputed(from: from, to: to, power: power)
            for (name, factor, expected) in [
                ("edge inside", 0.995, CheckRow.Expected.passed), ("edge outside", 1.005, .failed),
            ] {
                let wanted = 1 + sign * tolerance * factor
                let item = "\(Int(power))-kW.\(Int(from))-\(Int(to)).time"
                add(name, .coastDown, expected, item, injected: Self.text(wanted)) { $0.inertia = wanted / share }
            }
        }
        add("bearing drag", .coastDown, .failed, "6-kW.35-15.time", injected: "100 N") { $0.drag = 100 }
        add("wrong inertia entered", .coastDown, .failed, "8-kW.50-30.time", injected: "x1.1") { $0.inertia = 1.1 }
        add("slipping force cell", .coastDown, .failed, "8-kW.50-30.time", injected: "x0.88") { $0.cell = 0.88 }
        add("brake too weak", .coastDown, .failed, "8-kW.power", injected: "2 s") { $0.brakeSlowness = 30 }
        add("wrong inertia entered", .coastDown, .failed, "20-kW.60-40.time", injected: "x0.9", .heavy) {
            $0.inertia = 0.9
        }

        add("good", .variableCoastDown, .passed, "72.4-16.1.time")
        add("inside", .variableCoastDown, .passed, "72.4-16.1.time", injected: "x1.015") { $0.inertia = 1.015 }
        add("outside", .variableCoastDown, .failed, "72.4-16.1.time", injected: "x1.025") { $0.inertia = 1.025 }

        add("good", .baseInertia, .passed, "48-32.inertia")
        for sign in [1.0, -1] {
            for (name, factor, expected) in [
                ("edge inside", 0.95, CheckRow.Expected.passed), ("edge outside", 1.05, .failed),
            ] {
                let mass = 907.2 + sign * rollers.inertiaTolerance.value * factor
                add(name, .baseInertia, expected, "48-32.inertia", injected: Self.text(mass)) {
                    $0.inertia = mass / 907.2
                }
            }
        }
        add("good", .loadResponse, .passed, "48-4-12.rise")
        let constant = rollers.riseMaximum.value / 2.302585
        vary("inside", .loadResponse, .passed, "48-4-12.rise", injected: "0.276 s", bench: { $0.brakeConstant = 0.12 })
        vary(
            "edge outside", .loadResponse, .failed, "48-4-12.rise", injected: "0.303 s",
            bench: { $0.brakeConstant = constant * 1.01 })
        add("overshooting brake", .loadResponse, .failed, "40-15-19.overshoot", injected: "110 %") {
            $0.overshoot = 1.5
        }
        brakeResponse()
        add("good", .dynamometerInterlocks, .passed, "lift.deceleration")
        // The bearings' own drag slows the rollers as well: by 0.08 m/s² at 15 km/h.
        for (name, brake, expected) in [("inside", 0.4, CheckRow.Expected.passed), ("outside", 0.6, .failed)] {
            add(name, .dynamometerInterlocks, expected, "lift.deceleration", injected: "\(brake) m/s²") {
                ($0.liftIsFree, $0.liftBrake) = (true, brake)
            }
        }
        add("motor not locked", .dynamometerInterlocks, .failed, "motor.speed", injected: "lift up") {
            $0.motorIsFree = true
        }
        add("motor does not turn", .dynamometerWarmUp, .aborted("time-limit"), "warm.time") { $0.motorFails = true }
    }

    /// Rise, settling and overshoot of the brake at their edges. The bench's brake is of the first order with a swing
    /// that dies out with twice its time constant, so that each can be reckoned: rise is 2.302585 time constants. A brake
    /// much nearer to its limit of rise would take too long to settle.
    private mutating func brakeResponse() {
        let rollers = rules.dynamometer
        let rise = rollers.riseMaximum.value / 2.302585
        // Readings come every 20 ms; levels between them are found by proportion, which a curve bends by about 1 ms.
        for (name, factor, expected) in [
            ("inside", 0.96, CheckRow.Expected.passed), ("edge outside", 1.015, .failed),
        ] {
            vary(
                name, .loadResponse, expected, "48-4-12.rise",
                injected: Self.text(factor * rollers.riseMaximum.value), bench: { $0.brakeConstant = factor * rise })
        }
        for (name, share, expected) in [
            ("edge inside", 0.97, CheckRow.Expected.passed), ("edge outside", 1.03, .failed),
        ] {
            let overshoot = share * rollers.overshootMaximum.value / 100
            let injected = OvershootReckoning.swing(for: overshoot)
            add(name, .loadResponse, expected, "48-4-12.overshoot", injected: Self.text(100 * overshoot)) {
                $0.overshoot = injected
            }
        }
        // Of all steps the one from 12 to 4 kW takes longest to settle: its band is the narrowest beside the step. Readings
        // come every 20 ms, so that the edge lies between one of them and the next.
        let swing = 0.3
        let band = rollers.settleBand.value / 100 * 4 / 8
        for (name, late, expected) in [
            ("edge inside", -0.01, CheckRow.Expected.passed), ("edge outside", 0.01, .failed),
        ] {
            let time = rollers.settleMaximum.value + late
            let constant = time / SettlingReckoning.timeConstants(swing: swing, band: band)
            vary(
                name, .loadResponse, expected, "48-12-4.settling", injected: Self.text(time),
                bench: {
                    $0.brakeConstant = constant
                    $0.faults.overshoot = swing
                })
        }
    }

    private mutating func force() {
        let rollers = rules.dynamometer
        add("good", .dynamometerForce, .passed, "up-3.roller-force")
        edges(.dynamometerForce, "empty.roller-force", at: rollers.forceAbsolute.value) { $0.offset[.rollerForce] = $1 }
        edges(.dynamometerForce, "up-5.roller-force", at: rollers.forceRelative.value / 100) { $0.cell = 1 + $1 }
        edges(.dynamometerForce, "down-1.return", at: rollers.forceReturn.value) { $0.hysteresis = $1 }
        // The bend at 3/5 of the greatest weight is 4·0.6·0.4 of the greatest bend, which is in per cent of that weight.
        // An offset keeps the forces themselves within their tolerance; a straight line does not see it.
        edges(.dynamometerForce, "up-3.linearity", at: rollers.forceLinearity.value * 2500 / 100 / 0.96) {
            $0.bend = $1
            $0.offset[.rollerForce] = -12
        }
        add("bent", .dynamometerForce, .failed, "up-3.linearity", injected: "30 N") { $0.bend = 30 }
        add("slipping force cell", .dynamometerForce, .failed, "up-5.roller-force", injected: "x0.97") {
            $0.cell = 0.97
        }
        add("good", .dynamometerSpeed, .passed, "40.roller-speed")
        edges(.dynamometerSpeed, "40.roller-speed", at: rollers.speedTolerance.value) { $0.offset[.rollerSpeed] = $1 }
    }

    // MARK: The others

    private mutating func others() {
        let others = rules.others
        add("good", .flowMeter, .passed, "high.exhaust-flow")
        edges(.flowMeter, "high.exhaust-flow", at: others.flowRelative.value / 100) { $0.gain[.exhaustFlow] = 1 + $1 }
        edges(.flowMeter, "high.diluted-oxygen", at: others.flowOxygenMinimum.value - 20.8) {
            $0.offset[.dilutedOxygen] = $1
        }
        edges(.flowMeter, "low.exhaust-flow", at: -others.flowRelative.value / 100) { $0.gain[.exhaustFlow] = 1 + $1 }
        edges(.flowMeter, "high.flow-temperature", at: others.flowTemperature.value) {
            $0.offset[.flowTemperature] = $1
        }
        edges(.flowMeter, "high.flow-pressure", at: -others.flowPressure.value) { $0.offset[.flowPressure] = $1 }
        add("good", .tachometer, .passed, "1000.engine-speed")
        edges(.tachometer, "3000.engine-speed", at: others.tachometerRelative.value / 100) {
            $0.gain[.engineSpeed] = 1 + $1
        }
        add("good", .weatherStation, .passed, "room.air-pressure")
        for channel in [ChannelID.airTemperature, .relativeHumidity, .airPressure] {
            edges(.weatherStation, "room.\(channel.rawValue)", at: others.weather[channel]?.value ?? 0) {
                $0.offset[channel] = $1
            }
        }
        add("good", .oilTemperature, .passed, "bath.oil-temperature")
        edges(.oilTemperature, "bath.oil-temperature", at: -others.oilTemperature.value) {
            $0.offset[.oilTemperature] = $1
        }
        add("good", .obdAdapter, .passed, "adapter.link")
        vary(
            "vehicle silent", .obdAdapter, .failed, "vehicle.vehicle-speed", order: { $0.vehicleConnected = true },
            bench: { $0.faults.silentAfter[.vehicleSpeed] = 0 })
        add("good", .clock, .passed, "clock.offset")
        for (offset, expected) in [("1", CheckRow.Expected.passed), ("1.001", .failed), ("-1.001", .failed)] {
            vary(
                "ahead", .clock, expected, "clock.offset", injected: offset,
                order: { $0.clockOffsets = [0, Double(offset) ?? 0, 2 * (Double(offset) ?? 0)] })
        }
    }

    // MARK: Broken off

    private mutating func aborts() {
        add("lost", .gasSinglePoint, .aborted("device-lost"), "") { $0.lostAfter = 8 }
        add("lost", .coastDown, .aborted("device-lost"), "") { $0.lostAfter = 8 }
        add("lost", .obdAdapter, .aborted("device-lost"), "") { $0.lostAfter = 2 }
        add("defective", .opacimeterFilters, .aborted("device-fault"), "") { $0.condition = .fault }
        add("speed silent", .parasiticLoss, .aborted("stale-data"), "") { $0.silentAfter[.rollerSpeed] = 20 }
        add("opacity silent", .opacimeterFilters, .aborted("stale-data"), "") { $0.silentAfter[.opacity] = 0 }
        add("nobody", .gasFivePoint, .aborted("time-limit"), "") { $0.nobodyThere = true }
        add("action ignored", .gasBackground, .aborted("device-fault"), "") { $0.ignoresActions = true }
        for (event, code) in [
            (FrameEvent.emergencyStop, "emergency-stop"), (.operatorAbort, "operator"), (.storageLost, "storage-lost"),
            (.actionFailed(.dynamometer), "device-fault"),
        ] {
            add("event", .coastDown, .aborted(code), "", injected: code) { $0.event = (12, event) }
        }
    }
}
