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
    var all: [CheckRow] = []

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

    mutating func add(
        _ name: String, _ kind: CheckKind, _ expected: CheckRow.Expected, _ item: String, injected: String = "",
        _ dynamometer: DynamometerClass = .light, _ change: (inout CheckBench.Faults) -> Void = { _ in }
    ) {
        var row = CheckRow(name: name, kind: kind, expected: expected, item: item, injected: injected)
        row.dynamometer = dynamometer
        change(&row.faults)
        all.append(row)
    }

    /// A row with another order or another bench.
    mutating func vary(
        _ name: String, _ kind: CheckKind, _ expected: CheckRow.Expected, _ item: String, injected: String = "",
        order: @escaping (inout CheckOrder) -> Void = { _ in }, bench: @escaping (inout CheckBench) -> Void = { _ in }
    ) {
        var row = CheckRow(name: name, kind: kind, expected: expected, item: item, injected: injected)
        row.order = order
        row.bench = bench
        all.append(row)
    }

    /// Two rows, a thousandth of the tolerance inside and outside of it.
    mutating func edges(
        _ kind: CheckKind, _ item: String, at limit: Double, margin: Double = 0.001,
        _ change: (inout CheckBench.Faults, Double) -> Void
    ) {
        for (name, factor, expected) in [
            ("edge inside", 1 - margin, CheckRow.Expected.passed), ("edge outside", 1 + margin, .failed),
        ] {
            add(name, kind, expected, item, injected: Self.text(limit * factor)) { change(&$0, limit * factor) }
        }
    }

    static func text(_ value: Double) -> String {
        (try? RoundedDecimal(value, places: 5))?.description ?? "\(value)"
    }

    // MARK: The others

    mutating func others() {
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

    mutating func aborts() {
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
