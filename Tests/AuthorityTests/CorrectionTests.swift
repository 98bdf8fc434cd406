import Authority
import Testing

/// A record whose every second has the same raw values and factors; the corrected values follow from them.
private struct Correction: CustomTestStringConvertible, Sendable {
    var fuel = "gasoline"
    var dioxide: String
    var monoxide: String
    var dilution: String
    var air = ("25.0", "50.0", "101.30")
    var humidity = "0.973175"

    var testDescription: String { "\(fuel) \(dioxide) \(monoxide) DF \(dilution), \(air) kH \(humidity)" }

    /// The record of a broken-off test, in which no verdict hides a wrong factor.
    var payload: Value {
        get throws {
            var mode = Mode()
            (mode.monoxide, mode.dioxide) = (monoxide, dioxide)
            (mode.dilution, mode.humidity) = (dilution, humidity)
            let (factor, wet) = try (Double(dilution).unwrapped, Double(humidity).unwrapped)
            mode.air = (temperature: air.0, humidity: air.1, pressure: air.2)
            mode.corrected = (
                monoxide: thousandths(try Double(monoxide).unwrapped * factor), hydrocarbons: thousandths(30 * factor),
                nitricOxide: thousandths(200 * factor * wet)
            )
            var payload = Payload.aborted()
            payload.set("order.vehicle.fuel", .string(fuel))
            payload.set("result.seconds", .array(mode.seconds(3)))
            return payload
        }
    }

    private func thousandths(_ value: Double) -> String {
        let count = Int((value * 1000).rounded())
        let rest = String(count % 1000)
        return "\(count / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}

@Suite("Corrections")
struct CorrectionTests {
    @Test("Published factors are accepted", arguments: rightFactors)
    private func right(_ correction: Correction) async throws {
        try await withServer { _, client, lane in
            let answer = try await client.post(try correction.payload, by: lane)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    @Test("Factors of another fuel, edition or humidity are refused", arguments: wrongFactors)
    private func wrong(_ correction: Correction, _ rule: String) async throws {
        try await withServer { _, client, lane in
            let answer = try await client.post(try correction.payload, by: lane)
            #expect(answer.status == 422)
            #expect(try answer.problems.map(\.rule) == [rule, rule, rule])
        }
    }

    @Test("A reported value may lie one unit of its last place from the mean of its seconds, not two")
    func mean() async throws {
        // The mean of the last ten is 45.3, of all it would be 35.3.
        for (value, isRight) in [("44", false), ("45", true), ("46", true), ("47", false), ("35", false)] {
            try await withServer { _, client, lane in
                var payload = Payload.passed()
                for second in 0..<10 {
                    payload.set("result.seconds[\(second)].hc", "16")
                    payload.set("result.seconds[\(second)].hcc", "24.2")
                }
                payload.set("result.items[1].value", .string(value))
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == (isRight ? 200 : 422), "\(value)")
            }
        }
    }

    @Test("The mean is that of the item's own mode, and needs ten seconds")
    func meanOfMode() async throws {
        try await withServer { _, client, lane in
            var payload = Payload.passed()
            for second in 0..<11 { payload.set("result.seconds[\(second)].mt", 0) }
            for second in 11..<20 { payload.set("result.seconds[\(second)].mt", .number(second - 10)) }
            let answer = try await client.post(payload, by: lane)
            #expect(answer.status == 422)
            #expect(try answer.problems.map(\.rule) == ["item.mean", "item.mean", "item.mean"])
        }
    }

    @Test("After an unsteady end the newest steady window is the result, and the last one is too")
    func unsteadyEnd() async throws {
        // Seconds 1 to 20 have 45.3, the five after them 60.4 at 1.2 km/h more: 45.3 is the newest steady mean, 52.85 the
        // last one.
        for (value, isRight) in [("45", true), ("53", true), ("49", false), ("60", false)] {
            try await withServer { _, client, lane in
                let mode = Mode()
                var payload = Payload.passed()
                payload.set("result.seconds", .array(mode.seconds(25)))
                for second in 20..<25 {
                    payload.set("result.seconds[\(second)].hc", "40")
                    payload.set("result.seconds[\(second)].hcc", "60.4")
                    payload.set("result.seconds[\(second)].speed", "26.30")
                }
                payload.set("result.items[1].value", .string(value))
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == (isRight ? 200 : 422), "\(value)")
                if !isRight { #expect(try answer.problems.map(\.rule) == ["item.mean"]) }
            }
        }
    }

    @Test("A restart of the timer leaves the seconds before it out of the result")
    func restarted() async throws {
        // Ten seconds with 45.3 before the restart, and then n seconds with 60.4.
        for (seconds, value, isRight) in [(10, "60", true), (10, "45", false), (9, "60", false)] {
            try await withServer { _, client, lane in
                var dirty = Mode()
                (dirty.hydrocarbons, dirty.corrected.hydrocarbons) = ("40", "60.4")
                var payload = Payload.passed()
                payload.set("result.seconds", .array(Mode().seconds(10) + dirty.seconds(seconds, after: 10)))
                payload.set("result.items[1].value", .string(value))
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == (isRight ? 200 : 422), "\(seconds) seconds, \(value)")
            }
        }
    }

    @Test("The known ten-second means are those that are expected")
    func movingMean() async throws {
        // Of 120, 118, 121, … the last ten of fifteen give 119.1.
        let values = [120, 118, 121, 119, 117, 130, 128, 125, 122, 119, 116, 115, 113, 112, 111]
        for (value, isRight) in [("119", true), ("120", true), ("121", false), ("118", false)] {
            try await withServer { _, client, lane in
                var mode = Mode()
                (mode.dilution, mode.dioxide, mode.monoxide) = ("1.0000", "15.185", "0.200")
                mode.corrected = (monoxide: "0.200", hydrocarbons: "0", nitricOxide: "194.6")
                mode.reported = (monoxide: "0.20", hydrocarbons: value, nitricOxide: "195")
                mode.verdicts.hydrocarbons = "failed"
                var payload = Payload.payload(verdict: "failed", modes: [mode])
                payload.set("packs[0].id", "GB18285-2005-ASM")
                payload.set("result.seconds", .array(mode.seconds(15)))
                for (second, hydrocarbons) in values.enumerated() {
                    payload.set("result.seconds[\(second)].hc", .string(String(hydrocarbons)))
                    payload.set("result.seconds[\(second)].hcc", .string(String(hydrocarbons)))
                }
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == (isRight ? 200 : 422), "\(String(decoding: answer.body, as: UTF8.self))")
            }
        }
    }

    @Test("A value that equals its limit as reported may have failed in full, if its seconds allow that")
    func fullValue() async throws {
        // 0.331·DF = 0.5002 is above 0.50 in full and equal to it as reported; 0.329·DF = 0.4972 is below.
        for (monoxide, corrected, isRight) in [("0.331", "0.5002", true), ("0.329", "0.4972", false)] {
            try await withServer { _, client, lane in
                var first = Mode()
                (first.monoxide, first.dioxide, first.dilution) = (monoxide, "9.907", "1.5113")
                first.corrected.monoxide = corrected
                first.reported.monoxide = "0.50"
                first.verdicts.monoxide = "failed"
                var second = first
                second.name = "asm2540"
                second.limits = Mode.second.limits
                let payload = Payload.payload(verdict: "failed", modes: [first, second])
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == (isRight ? 200 : 422), "\(String(decoding: answer.body, as: UTF8.self))")
                if !isRight { #expect(try answer.problems.map(\.rule) == ["item.verdict"]) }
            }
        }
    }

    @Test("More than five times a limit fails after ASM5025 alone")
    func gross() async throws {
        // 299·DF = 451.9 is above 450, and 295·DF = 445.8 is not.
        for (raw, corrected, value, isRight) in [("299", "451.9", "452", true), ("295", "445.8", "446", false)] {
            try await withServer { _, client, lane in
                var mode = Mode()
                mode.hydrocarbons = raw
                mode.corrected.hydrocarbons = corrected
                mode.reported.hydrocarbons = value
                mode.verdicts.hydrocarbons = "failed"
                let payload = Payload.payload(verdict: "failed", modes: [mode])
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == (isRight ? 200 : 422), "\(String(decoding: answer.body, as: UTF8.self))")
                if !isRight { #expect(try answer.problems.map(\.rule) == ["verdict.mode"]) }
            }
        }
    }

    @Test("Nothing is asked of seconds outside the modes, and an aborted test may have missing values")
    func missing() async throws {
        try await withServer { _, client, lane in
            var payload = Payload.passed()
            let only: Value = ["n": 1, "t": 30, "mode": "asm5025", "speed": "12.0", "co": nil, "df": nil, "mt": 0]
            var seconds = Mode().seconds(20, after: 1)
            seconds.insert(only, at: 0)
            payload.set("result.seconds", .array(seconds))
            let judged = try await client.post(payload, by: lane)
            #expect(judged.status == 200)
            var aborted = Payload.aborted()
            seconds = Mode().seconds(2)
            for member in ["co", "df", "coc", "noc"] { seconds[0].set(member, .null) }
            for member in ["force", "rpm"] { seconds[1].set(member, nil) }
            aborted.set("result.seconds", .array(seconds))
            aborted.set("counter", 2)
            aborted.set("previous", .string(digest(payload.json)))
            let answer = try await client.post(aborted, by: lane)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        }
    }
}

/// CO2, CO, DF and air, kH of worked examples.
private let rightFactors = [
    Correction(dioxide: "15.30", monoxide: "0.00", dilution: "1.001831"),
    Correction(dioxide: "13.20", monoxide: "0.35", dilution: "1.139702"),
    Correction(dioxide: "10.00", monoxide: "0.20", dilution: "1.511286"),
    Correction(dioxide: "7.00", monoxide: "0.10", dilution: "2.167674"),
    Correction(dioxide: "5.00", monoxide: "0.05", dilution: "3.0"),
    Correction(dioxide: "16.50", monoxide: "0.00", dilution: "0.928971"),
    Correction(fuel: "lpg", dioxide: "14.50", monoxide: "0.50", dilution: "0.924984"),
    Correction(fuel: "lpg", dioxide: "11.0", monoxide: "0.3", dilution: "1.2257"),
    Correction(fuel: "natural-gas", dioxide: "10.00", monoxide: "0.20", dilution: "1.155695"),
    Correction(fuel: "natural-gas", dioxide: "9.0", monoxide: "0.2", dilution: "1.2819"),
    Correction(
        dioxide: "10.00", monoxide: "0.20", dilution: "1.511286", air: ("30.0", "80.0", "101.30"), humidity: "1.554692"),
    Correction(
        dioxide: "10.00", monoxide: "0.20", dilution: "1.511286", air: ("5.0", "40.0", "101.30"), humidity: "0.7801"),
    Correction(
        dioxide: "10.00", monoxide: "0.20", dilution: "1.511286", air: ("0.0", "30.0", "101.30"), humidity: "0.7602"),
    // Station software takes the saturation pressure of 30 °C here.
    Correction(
        dioxide: "10.00", monoxide: "0.20", dilution: "1.511286", air: ("35.0", "70.0", "100.00"), humidity: "1.3763"),
]

/// Factors that are wrong, and the rule that says so in each second.
private let wrongFactors: [(Correction, String)] = [
    // The constants of the two gases swapped, as station software has them.
    (Correction(fuel: "lpg", dioxide: "11.0", monoxide: "0.3", dilution: "1.0448"), "seconds.dilution"),
    (Correction(fuel: "natural-gas", dioxide: "9.0", monoxide: "0.2", dilution: "1.5036"), "seconds.dilution"),
    // Gasoline's constant for gas, and no cap.
    (Correction(fuel: "natural-gas", dioxide: "10.00", monoxide: "0.20", dilution: "1.511286"), "seconds.dilution"),
    (Correction(dioxide: "5.00", monoxide: "0.05", dilution: "3.043936"), "seconds.dilution"),
    // No correction at all.
    (Correction(dioxide: "10.00", monoxide: "0.20", dilution: "1.000000"), "seconds.dilution"),
    (Correction(dioxide: "10.00", monoxide: "0.20", dilution: "1.511286", humidity: "1.000000"), "seconds.humidity"),
    // The factor of damp air in dry air.
    (Correction(dioxide: "10.00", monoxide: "0.20", dilution: "1.511286", humidity: "1.554692"), "seconds.humidity"),
    (
        Correction(
            dioxide: "10.00", monoxide: "0.20", dilution: "1.511286", air: ("30.0", "80.0", "101.30"),
            humidity: "0.973175"), "seconds.humidity"
    ),
]
