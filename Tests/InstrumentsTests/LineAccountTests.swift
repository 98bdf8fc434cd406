import Instruments
import Messages
import Metrology
import Testing

@Suite("The account of a line")
struct LineAccountTests {
    private func account(
        _ counters: InstrumentCounters, commands: [String: CommandStatistics] = [:], isPaced: Bool = true
    ) -> LineAccount {
        LineAccount(
            role: .gasAnalyzer, device: "mqw-50a", port: "/dev/ttyUSB0", baud: 9600, counters: counters,
            commands: commands, isPaced: isPaced)
    }

    @Test("suspects the line's speed where bytes come and no frame, and the cable where some replies are damaged")
    func complaints() {
        var counters = InstrumentCounters()
        counters.discardedBytes = 200
        #expect(account(counters).complaint?.code == .instrumentWrongBaud)
        expectRendered(account(counters).complaint)
        counters.replies = 99
        #expect(account(counters).complaint == nil)
        counters.checksumErrors = 1
        let noisy = account(counters).complaint
        #expect(noisy?.code == .instrumentNoisyLine)
        #expect(noisy?.arguments["percent"] == .integer(1))
        expectRendered(noisy)
        counters.replies = 10
        #expect(account(counters).complaint == nil, "too few replies for a share")
    }

    @Test("counts anew for each account, with latencies, and knows what the line is too slow for")
    func recent() async throws {
        let port = MemoryPort()
        // 4 + 28 bytes take 33 ms at 9600 baud; these come after 2 ms.
        port.answer { request, _ in [(.milliseconds(2), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        _ = await analyzer.takeLineAccount()
        _ = await analyzer.poll()
        let first = await analyzer.takeLineAccount()
        #expect(first.counters.replies == first.commands.values.reduce(0) { $0 + $1.count })
        #expect(first.commands["data"]?.fastest == .milliseconds(2))
        #expect(first.commands["data"]?.fastestBytes == 32)
        #expect(first.impossiblyFast.isEmpty, "a port in memory has no speed")
        let real = account(InstrumentCounters(), commands: first.commands)
        #expect(real.impossiblyFast.map(\.code).allSatisfy { $0 == .adviceFasterThanLine })
        let advice = real.impossiblyFast.first { $0.arguments["command"] == .text("data") }
        #expect(advice?.arguments["needed"] == .text("33.3"))
        expectRendered(advice)
        let second = await analyzer.takeLineAccount()
        #expect(second.counters == InstrumentCounters() && second.commands.isEmpty)
    }
}
