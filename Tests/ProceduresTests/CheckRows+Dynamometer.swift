import Metrology
import Procedures
import ProceduresTestKit
import Standards

/// Rollers, force and load of the dynamometer.
extension CheckRows {
    mutating func rollers() {
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
    mutating func brakeResponse() {
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

    mutating func force() {
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
}
