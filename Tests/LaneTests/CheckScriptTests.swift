import Documents
import Lane
import Messages
import Metrology
import Standards
import Testing

@Suite("A script of checks")
struct CheckScriptTests {
    private func script(_ text: String) throws(Problems) -> CheckScript {
        try CheckScript(document: try Document(bytes: Array(text.utf8), name: "checks.yaml"))
    }

    @Test("says what is taken and answered, check by check")
    func reading() throws {
        let script = try script(
            """
            checks:
              - check: gas-single-point
                references: [low=B-7]
                attempts: 2
                answers:
                  - {step: low.connect, after: 2.5, connect: B-9}
                  - {step: zero, answer: abort}
              - check: flow-meter
                readings: [{exhaust-flow: 6.00, flow-temperature: 25.0}, {exhaust-flow: 2.0}]
                answers: [{step: low.set, enter: {exhaust-flow: 2.01}}, {step: high, answer: deny}]
              - check: obd-adapter
                vehicle-connected: true
            """)
        let gas = try #require(script[.gasSinglePoint])
        #expect(gas.references == ["low=B-7"] && gas.attempts == 2 && gas.readings.isEmpty)
        #expect(gas.answers.map(\.step) == ["low.connect", "zero"])
        #expect(gas.answers.map(\.reply) == [.confirm, .abort] && gas.answers.map(\.takes) == ["B-9", nil])
        #expect(gas.answers.map(\.after) == [.seconds(2.5), .zero])
        let flow = try #require(script[.flowMeter])
        #expect(flow.readings.map { $0[.exhaustFlow]?.description } == ["6.00", "2.0"])
        #expect(!gas.answers.contains { !$0.enters.isEmpty })
        #expect(flow.readings[0][.flowTemperature] == RoundedDecimal("25.0") && flow.attempts == 1)
        #expect(flow.answers.map { $0.enters[.exhaustFlow]?.description } == ["2.01", nil])
        #expect(flow.answers.map(\.reply) == [.confirm, .deny])
        #expect(script[.obdAdapter]?.vehicleConnected == true)
        #expect(script[.gasLeak] == nil)
        try gas.require(steps: ["zeroing", "zero", "low.connect", "low"])
    }

    @Test("is refused with every mistake by its line")
    func mistakes() throws {
        let problems = #expect(throws: Problems.self) {
            try script(
                """
                checks:
                  - check: gas-leek
                  - check: gas-leak
                    attempts: 0
                  - check: flow-meter
                    readings: [{exhaust-flaw: 6}]
                  - check: clock
                    answers:
                      - {step: zero, answer: perhaps}
                      - {answer: abort}
                      - {step: zero, colour: red}
                """)
        }
        let found = (problems?.all ?? []).map { "\($0.location.line ?? 0) \($0.message.code.rawValue)" }
        #expect(
            found == [
                "2 document.unknown-value", "4 document.out-of-range", "6 document.unknown-value",
                "9 document.unknown-value", "10 document.missing-key", "11 document.unknown-key",
            ])
    }

    @Test("speaks of each check once, and only of steps that the check has")
    func consistency() throws {
        let twice = #expect(throws: Problems.self) {
            try script("checks: [{check: clock}, {check: clock}]")
        }
        #expect(twice?.all.map(\.message.code) == [.checkScriptTwice])
        let entry = try #require(
            try script(
                """
                checks:
                  - check: gas-leak
                    answers:
                      - {step: cap}
                      - {step: hat}
                """)[.gasLeak])
        let unknown = #expect(throws: Problems.self) { try entry.require(steps: ["cap", "leak", "uncap"]) }
        #expect(unknown?.all.map(\.location.line) == [5])
        #expect(unknown?.all.map(\.message.code) == [.documentUnknownValue])
    }
}
