public import Documents
public import Messages
import Metrology

extension ASMRequirements {
    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        self = try document.read { reader -> ASMRequirements? in
            // Without a readable head the values cannot be checked against their sources.
            guard let pack = PackReader(reader, kind: .requirements, method: .asm) else { return nil }
            let preTest = reader.mapping("pre-test") { PreTestRules($0, pack, hasRollers: true) }
            let load = reader.mapping("load") { Load($0, pack) }
            let bands = reader.mapping("bands") { Bands($0, pack) }
            let times = reader.mapping("times") { Times($0, pack) }
            let decisions = reader.mapping("decisions") { Decisions($0, pack) }
            let correction = reader.mapping("correction") { CorrectionConstants($0, pack) }
            let report = reader.mapping("report") { places($0, pack) }
            let aborts = reader.mapping("aborts") { group -> (WatchRules, SamplingRules)? in
                let watch = WatchRules(group, pack)
                let sampling = SamplingRules(group, pack)
                guard let watch, let sampling else { return nil }
                return (watch, sampling)
            }
            let freshness = reader.mapping("freshness") {
                pack.freshness([.gasAnalyzer, .dynamometer, .tachometer, .weatherStation], of: $0)
            }
            guard let preTest, let load, let bands, let times, let decisions, let correction, let report, let aborts,
                let freshness
            else { return nil }
            return ASMRequirements(
                identity: pack.identity, bytes: document.bytes, preTest: preTest, load: load, bands: bands,
                times: times, decisions: decisions, correction: correction, report: report, watch: aborts.0,
                sampling: aborts.1, freshness: freshness)
        }
    }
}

extension ASMRequirements.Load {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let allowance = pack.value("reference-mass-allowance", "kg", of: group)
        let divisor5025 = pack.value("divisor-5025", "kg/kW", in: 1...1000, of: group)
        let divisor2540 = pack.value("divisor-2540", "kg/kW", in: 1...1000, of: group)
        let speed5025 = pack.value("speed-5025", "km/h", in: 1...200, of: group)
        let speed2540 = pack.value("speed-2540", "km/h", in: 1...200, of: group)
        guard let allowance, let divisor5025, let divisor2540, let speed5025, let speed2540 else { return nil }
        referenceMassAllowance = allowance
        divisor = [.asm5025: divisor5025, .asm2540: divisor2540]
        speed = [.asm5025: speed5025, .asm2540: speed2540]
    }
}

extension ASMRequirements.Bands {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let speed = pack.value("speed", "km/h", of: group)
        let torque = pack.value("torque", "%", of: group)
        let torqueOf: ASMRequirements.TorqueOf? = pack.rule("torque-of", of: group)
        let continuous = pack.seconds("continuous", of: group)
        let cumulative = pack.seconds("cumulative", of: group)
        let reached: LimitReached? = pack.rule("limit-reached", of: group)
        guard let speed, let torque, let torqueOf, let continuous, let cumulative, let reached else { return nil }
        self.speed = speed
        self.torque = torque
        self.torqueOf = torqueOf
        self.continuous = continuous
        self.cumulative = cumulative
        limitReached = reached
    }
}

extension ASMRequirements.Times {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let stabilisation = pack.seconds("stabilisation", of: group)
        let acceleration = pack.seconds("acceleration-limit", of: group)
        let mode = pack.seconds("mode-maximum", of: group)
        let total = pack.seconds("total-maximum", of: group)
        let from = pack.seconds("fast-from", of: group)
        let to = pack.seconds("fast-to", of: group)
        let window = pack.seconds("window", of: group)
        guard let stabilisation, let acceleration, let mode, let total, let from, let to, let window else { return nil }
        // The fast check's mean is the moving mean at its last second.
        guard to - from == window, to <= mode, mode <= total else {
            group.report(
                Message(
                    .documentOutOfRange,
                    [
                        "key": "fast-to", "found": .integer(to),
                        "expected": .text("fast-from + window ≤ mode-maximum ≤ total-maximum"),
                    ]),
                at: "fast-to")
            return nil
        }
        self.stabilisation = stabilisation
        accelerationLimit = acceleration
        modeMaximum = mode
        totalMaximum = total
        fastFrom = from
        fastTo = to
        self.window = window
    }
}

extension ASMRequirements.Decisions {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let fast = pack.value("fast-share", "%", in: 1...100, of: group)
        let gross = pack.value("gross-share", "%", in: 100...10000, of: group)
        let change = pack.value("speed-change", "km/h", of: group)
        let comparison: Comparison? = pack.rule("comparison", of: group)
        let incomplete: ASMRequirements.IncompleteSecond? = pack.rule("incomplete-second", of: group)
        let takes: SecondTakes? = pack.rule("second-takes", of: group)
        let alignment: ASMRequirements.GasAlignment? = pack.rule("gas-alignment", of: group)
        guard let fast, let gross, let change, let comparison, let incomplete, let takes, let alignment else {
            return nil
        }
        fastShare = fast
        grossShare = gross
        speedChange = change
        self.comparison = comparison
        incompleteSecond = incomplete
        secondTakes = takes
        gasAlignment = alignment
    }
}

private func places(_ group: MappingReader, _ pack: PackReader) -> [Pollutant: Int]? {
    var places: [Pollutant: Int] = [:]
    for pollutant in Pollutant.allCases {
        places[pollutant] =
            pack.value("\(pollutant.rawValue)-places", "digits", in: 0...6, whole: true, of: group)?.count
    }
    return places.count == Pollutant.allCases.count ? places : nil
}
