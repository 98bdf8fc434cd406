import Evidence
import Foundation
import Instruments
import Messages
import Metrology

/// What some seconds of polling told about one instrument.
struct Sample: Sendable {
    /// Whether it answers, or sends; nil of a model that is asked nothing, whose port is open.
    let isUp: Bool?
    let failure: InstrumentError?
    let wire: [WireFrame]
    let counters: InstrumentCounters
    let statistics: [String: CommandStatistics]
    let account: LineAccount

    /// Polls an instrument as often as its profile says, in real time.
    init(of instrument: Instrument, for time: Duration) async {
        var wire: [WireFrame] = []
        var failure: InstrumentError?
        var isUp = false
        var isConnected = false
        do {
            try await instrument.connect()
            isConnected = true
        } catch { failure = error }
        let clock = ContinuousClock()
        let end = clock.now + time
        while clock.now < end {
            let report = await instrument.poll()
            wire += report.wire
            if wire.count > 100_000 { wire.removeFirst(wire.count - 100_000) }
            switch report.link {
            case .up: isUp = true
            case .lost(let error): (isUp, failure) = (false, error)
            }
            let pause = max(20, Int(instrument.profile.pollInterval.seconds * 1000))
            try? await clock.sleep(for: .milliseconds(pause), tolerance: .milliseconds(1))
        }
        counters = await instrument.counters
        statistics = await instrument.statistics
        account = await instrument.takeLineAccount()
        await instrument.close()
        // A link is lost after several failures; one over which nothing has ever come is not up before that. Of a model
        // that is asked nothing only its port can be told.
        let isOpen = isUp && (isConnected || counters.replies > 0)
        self.isUp = isOpen && instrument.profile.isAskedNothing ? nil : isOpen
        self.failure = isOpen ? nil : failure
        self.wire = wire
    }

    /// What the line suffers from, and what should not be.
    private var complaints: [Message] { [account.complaint].compactMap { $0 } + account.impossiblyFast }

    /// What a person sees.
    func lines(_ instrument: Instrument, _ catalogue: Catalogue) -> [String] {
        func text(_ code: MessageCode, _ arguments: [String: MessageArgument] = [:]) -> String {
            catalogue.text(Message(code, arguments))
        }
        let state =
            switch isUp {
            case true?: text(.deviceUp)
            case false?: failure.map { catalogue.text($0.message) } ?? "–"
            case nil: text(.deviceOpen)
            }
        let role = catalogue.text(instrument.profile.role.message)
        var lines = ["\(role)\t\(instrument.profile.id)\t\(instrument.port)\t\(state)"]
        let counted: [String: MessageArgument] = [
            "replies": .integer(counters.replies), "timeouts": .integer(counters.timeouts),
            "damaged": .integer(counters.checksumErrors), "refused": .integer(counters.refusals),
            "busy": .integer(counters.busyAnswers), "discarded": .integer(counters.discardedBytes),
            "resyncs": .integer(counters.resyncs),
        ]
        lines.append("  " + text(.deviceCounters, counted))
        for complaint in complaints { lines.append("  \(catalogue.text(complaint)) [\(complaint.code.rawValue)]") }
        for (name, statistics) in statistics.sorted(by: { $0.key < $1.key }) {
            let times = [statistics.latency(0.5), statistics.latency(0.99), statistics.slowest].map(Self.milliseconds)
            let took = text(
                .deviceTimes, ["median": .text(times[0]), "slow": .text(times[1]), "slowest": .text(times[2])])
            let failures = CommandStatistics.Failure.allCases.compactMap { kind in
                statistics.failures[kind].map { text(Self.code(kind), ["count": .integer($0)]) }
            }
            lines.append("  \(name)\t\(statistics.count)\t" + ([took] + failures).joined(separator: "  "))
        }
        return lines
    }

    private static func code(_ failure: CommandStatistics.Failure) -> MessageCode {
        switch failure {
        case .timeout: .deviceTimeouts
        case .damaged: .deviceDamaged
        case .negative: .deviceNegative
        }
    }

    /// What a program reads; times are texts in milliseconds.
    func json(_ instrument: Instrument) -> JSONValue {
        [
            "role": .string(instrument.profile.role.rawValue), "profile": .string(instrument.profile.id),
            "port": .string(instrument.port), "up": isUp.map { .boolean($0) } ?? .null,
            "problem": failure.map { .string($0.message.code.rawValue) } ?? .null,
            "replies": .integer(Int64(counters.replies)), "timeouts": .integer(Int64(counters.timeouts)),
            "damaged": .integer(Int64(counters.checksumErrors)),
            "advice": .array(complaints.map { .string($0.code.rawValue) }),
            "commands": .array(
                statistics.sorted { $0.key < $1.key }.map { name, statistics in
                    [
                        "command": .string(name), "count": .integer(Int64(statistics.count)),
                        "p50": .string(Self.milliseconds(statistics.latency(0.5))),
                        "p99": .string(Self.milliseconds(statistics.latency(0.99))),
                        "max": .string(Self.milliseconds(statistics.slowest)),
                        "failures": .integer(Int64(statistics.failures.values.reduce(0, +))),
                    ]
                }),
        ]
    }

    private static func milliseconds(_ time: Duration?) -> String {
        guard let time else { return "–" }
        let (seconds, attoseconds) = time.components
        let tenths = (seconds * 10_000) + attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
