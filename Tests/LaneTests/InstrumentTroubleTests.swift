import Instruments
import Lane
import Metrology
import Procedures
import SimulatedInstruments
import Testing

@Suite("Troubles of a lane's instruments", .serialized)
struct InstrumentTroubleTests {
    /// Two errors as instruments have them.
    private func errors() async throws -> (InstrumentError, InstrumentError) {
        let bench = try await SimulatedBench()
        let profile = try #require(bench.lane.configuration.instruments.first?.profile)
        await bench.close()
        let missing = Instrument(profile: profile, port: try PortAddress("/dev/none-at-all"), now: { .zero })
        var found: [InstrumentError] = []
        do throws(InstrumentError) { try await missing.connect() } catch { found.append(error) }
        do throws(InstrumentError) { try await missing.perform(.motorFrequency(.nan)) } catch { found.append(error) }
        try #require(found.count == 2 && found[0].reason != found[1].reason, "\(found)")
        return (found[0], found[1])
    }

    @Test("explain an abort while they last, are told again after a recovery, and an action's stays")
    func lasting() async throws {
        let (outage, refusal) = try await errors()
        var troubles = InstrumentTroubles()
        let (lost, stale) = (AbortReason.deviceLost(.gasAnalyzer), AbortReason.staleData(.carbonDioxide))
        #expect(troubles.error(behind: lost) == nil)
        var isNews = troubles.take(outage, ofLink: .gasAnalyzer)
        #expect(isNews)
        isNews = troubles.take(outage, ofLink: .gasAnalyzer)
        #expect(!isNews, "told on change only")
        #expect(troubles.error(behind: lost) == outage && troubles.error(behind: stale) == outage)
        #expect(troubles.error(behind: .operatorAbort) == nil)

        troubles.recovered(.gasAnalyzer)
        for reason in [lost, stale, .deviceFault(.gasAnalyzer)] { #expect(troubles.error(behind: reason) == nil) }
        isNews = troubles.take(outage, ofLink: .gasAnalyzer)
        #expect(isNews, "the same outage again is news")

        troubles.take(refusal, ofAction: .gasAnalyzer)
        #expect(troubles.error(behind: .deviceFault(.gasAnalyzer)) == refusal)
        #expect(troubles.error(behind: lost) == outage)
        troubles.recovered(.gasAnalyzer)
        #expect(troubles.error(behind: .deviceFault(.gasAnalyzer)) == refusal)
        #expect(troubles.error(behind: .deviceFault(.dynamometer)) == nil)
    }

    @Test("are told each time when a reply is damaged now and then, with good ones in between")
    func recovering() async throws {
        let bench = try await SimulatedBench()
        try bench.simulated.inject(Fault(.corruptedChecksum, amount: 12), on: .gasAnalyzer)
        let session = try await bench.lane.session(for: SimulatedBench.order())
        async let result = session.run()
        var told = 0
        for await event in session.events {
            if case .trouble(.gasAnalyzer, _) = event { told += 1 }
            if told == 3 { bench.lane.panel.post(.operatorAbort) }
        }
        #expect(told >= 3)
        #expect(try await result.diagnosis == nil)
        await bench.close()
    }
}
