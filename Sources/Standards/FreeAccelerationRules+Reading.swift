import Documents
import Messages
import Metrology

extension FreeAccelerationRules {
    /// Reads what stands below the head of a pack; nil after the problems were noted.
    init?(_ reader: MappingReader, _ pack: PackReader) {
        let preTest = reader.mapping("pre-test") { SmokePreTestRules($0, pack) }
        let engine = reader.mapping("engine") { Engine($0, pack) }
        let times = reader.mapping("times") { Times($0, pack) }
        let peak = reader.mapping("peak") { Peak($0, pack) }
        let acceptance = reader.mapping("acceptance") { SmokeAcceptance($0, pack) }
        let report = reader.mapping("report") { group -> (Int, Comparison, SecondTakes)? in
            let places = pack.value("places", "digits", in: 0...6, whole: true, of: group)?.count
            let comparison: Comparison? = pack.rule("comparison", of: group)
            let takes: SecondTakes? = pack.rule("second-takes", of: group)
            guard let places, let comparison, let takes else { return nil }
            return (places, comparison, takes)
        }
        let watch = reader.mapping("aborts") { WatchRules($0, pack) }
        guard let preTest, let engine, let times, let peak, let acceptance, let report, let watch else { return nil }
        self.preTest = preTest
        self.engine = engine
        self.times = times
        self.peak = peak
        self.acceptance = acceptance
        (places, comparison, secondTakes) = report
        self.watch = watch
    }
}

extension FreeAccelerationRules.Engine {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let slowest = pack.value("slowest", "r/min", in: 1...20000, of: group)
        let fastest = pack.value("fastest", "r/min", in: 1...20000, of: group)
        let idle = pack.value("idle-share", "%", in: 1...100, of: group)
        let spread = pack.value("idle-spread", "r/min", of: group)
        let onset = pack.value("onset", "r/min", of: group)
        let governed = pack.value("governed-share", "%", in: 1...100, of: group)
        let purge = pack.value("purge-share", "%", in: 1...200, of: group)
        let automatic = pack.value("automatic-share", "%", in: 1...100, of: group)
        guard let slowest, let fastest, let idle, let spread, let onset, let governed, let purge, let automatic else {
            return nil
        }
        guard slowest.value < fastest.value else {
            group.reportContradiction("fastest", fastest.decimal.description, "> slowest")
            return nil
        }
        plausible = slowest.value...fastest.value
        idleShare = idle
        idleSpread = spread
        self.onset = onset
        governedShare = governed
        purgeShare = purge
        automaticShare = automatic
    }
}

extension FreeAccelerationRules.Times {
    init?(_ group: MappingReader, _ pack: PackReader) {
        func span(_ key: String) -> LaneSpan? {
            pack.value(key, "s", in: 0...3600, of: group).map { .seconds($0.value) }
        }
        let wait = span("idle-wait")
        let idle = span("idle-limit")
        let cue = span("cue-limit")
        let rise = span("rise-maximum")
        let least = span("hold-minimum")
        let most = span("hold-maximum")
        let tail = span("peak-tail")
        let pedal = pack.value("pedal", "s", in: 0...60, of: group)
        guard let wait, let idle, let cue, let rise, let least, let most, let tail, let pedal else { return nil }
        guard least < most else {
            group.reportContradiction("hold-maximum", "\(most.seconds)", "> hold-minimum")
            return nil
        }
        guard wait < idle else {
            group.reportContradiction("idle-limit", "\(idle.seconds)", "> idle-wait")
            return nil
        }
        idleWait = wait
        idleLimit = idle
        cueLimit = cue
        riseMaximum = rise
        holdMinimum = least
        holdMaximum = most
        peakTail = tail
        self.pedal = pedal
    }
}

extension FreeAccelerationRules.Peak {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let source: Source? = pack.rule("from", of: group)
        let filter: Filter? = pack.rule("filter", of: group)
        let length = pack.value("effective-length", "m", in: 0.01...2, of: group)
        let smoke = pack.value("smoke-gap", "s", in: 0.1...10, of: group)
        let speed = pack.value("speed-gap", "s", in: 0.1...10, of: group)
        let cleared = pack.value("cleared", "1/m", of: group)
        let agreement = pack.value("agreement", "1/m", of: group)
        let share = pack.value("agreement-share", "%", in: 0...100, of: group)
        guard let source, let filter, let length, let smoke, let speed, let cleared, let agreement, let share
        else { return nil }
        var bessel: BesselFilter?
        if filter == .bessel {
            let overall = pack.value("filter-response", "s", in: 0.01...10, of: group)
            let physical = pack.value("physical-response", "s", in: 0...10, of: group)
            let electrical = pack.value("electrical-response", "s", in: 0...10, of: group)
            let interval = pack.value("filter-interval", "s", in: 0.001...1, of: group)
            guard let overall, let physical, let electrical, let interval else { return nil }
            do throws(MetrologyError) {
                bessel = try BesselDesign(
                    overall: overall.value, physical: physical.value, electrical: electrical.value,
                    interval: interval.value
                ).filter
            } catch {
                group.report(error.message, at: "filter-response")
                return nil
            }
            // What the opacimeter remembers has not been through this filter.
            guard source == .readings else {
                group.reportContradiction("from", source.rawValue, Source.readings.rawValue)
                return nil
            }
        }
        self.source = source
        self.filter = filter
        self.length = length
        smokeGap = .seconds(smoke.value)
        speedGap = .seconds(speed.value)
        self.cleared = cleared
        self.agreement = agreement
        agreementShare = share
        self.bessel = bessel
    }
}

extension SmokeAcceptance {
    init?(_ group: MappingReader, _ pack: PackReader) {
        func number(_ key: String, _ range: ClosedRange<Double>) -> Int? {
            pack.value(key, "1", in: range, whole: true, of: group)?.count
        }
        let purges = number("purges", 0...20)
        let count = number("count", 1...20)
        let fewest = number("fewest", 1...50)
        let most = number("most", 1...50)
        let invalid = number("most-invalid", 1...50)
        let spread = group.optional("spread-absorption") { pack.value($0, "1/m", of: group) }
        let opacity = group.optional("spread-opacity") { pack.value($0, "%", in: 0...100, of: group) }
        let trend: Trend? = pack.rule("trend", of: group)
        let above: Above? = pack.rule("above-limit", of: group)
        guard let purges, let count, let fewest, let most, let invalid, let trend, let above else { return nil }
        guard count <= fewest, fewest <= most else {
            group.reportContradiction("fewest", "\(fewest)", "count ≤ fewest ≤ most")
            return nil
        }
        self.purges = purges
        self.count = count
        self.fewest = fewest
        self.most = most
        mostInvalid = invalid
        self.spread = spread ?? opacity
        self.trend = trend
        self.above = above
    }
}

extension SmokePreTestRules {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let oil = pack.value("oil-temperature-minimum", "°C", of: group)
        let running = pack.value("engine-running-instead", "s", of: group)
        let low = pack.value("air-temperature-minimum", "°C", in: -50...60, of: group)
        let high = pack.value("air-temperature-maximum", "°C", in: -50...60, of: group)
        let humidity = pack.value("relative-humidity-maximum", "%", in: 0...100, of: group)
        let air: AirRule? = pack.rule("air", of: group)
        let zero = pack.value("zero-tolerance", "%", in: 0...50, of: group)
        let full = pack.value("full-scale-tolerance", "%", in: 0...50, of: group)
        let steady = pack.seconds("steady", of: group)
        let warm = pack.seconds("warm-up-limit", of: group)
        let zeroLimit = pack.seconds("zero-limit", of: group)
        let fullLimit = pack.seconds("full-scale-limit", of: group)
        let probe = pack.seconds("probe-limit", of: group)
        guard let oil, let running, let low, let high, let humidity, let air, let zero, let full, let steady, let warm,
            let zeroLimit, let fullLimit, let probe
        else { return nil }
        guard low.value <= high.value else {
            group.reportContradiction(
                "air-temperature-maximum", high.decimal.description, "≥ air-temperature-minimum")
            return nil
        }
        oilTemperatureMinimum = oil
        engineRunningInstead = running
        airTemperature = low.value...high.value
        relativeHumidityMaximum = humidity
        self.air = air
        zeroTolerance = zero
        fullScaleTolerance = full
        steadySeconds = steady
        warmUpLimit = warm
        self.zeroLimit = zeroLimit
        fullScaleLimit = fullLimit
        probeLimit = probe
    }
}

extension MappingReader {
    /// Notes a value that contradicts another one.
    fileprivate func reportContradiction(_ key: String, _ found: String, _ expected: String) {
        report(
            Message(
                .documentOutOfRange, ["key": .text(key), "found": .text(found), "expected": .text(expected)]), at: key)
    }
}
