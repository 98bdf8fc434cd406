import Metrology
import Procedures
import ProceduresTestKit
import Standards

/// Gas analyzer and opacimeter.
extension CheckRows {
    mutating func gas() {
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

    mutating func response() {
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

    mutating func nox() {
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

    mutating func smoke() {
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

    private func absolute(_ channel: ChannelID, _ value: Double) -> Double {
        rules.gas.tolerance(of: channel, at: value)?.absolute?.value ?? 0
    }

    private func relative(_ channel: ChannelID, _ value: Double) -> Double {
        (rules.gas.tolerance(of: channel, at: value)?.relative?.value ?? 0) / 100
    }
}
