import Instruments
import Messages
import Metrology
import Testing

@Suite("Actions")
struct ActionTests {
    @Test("Every action of the analyzer is preceded by a stop and acknowledged")
    func actions() async throws {
        let port = MemoryPort()
        port.answer { request, _ in [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        for action in [InstrumentAction.zero, .sampleExhaust, .sampleAmbient, .purge, .stopSampling] {
            try await analyzer.perform(action)
        }
        let stop = bytes("02 78 03 83")
        #expect(
            Array(port.sent.dropFirst()) == [
                stop, bytes("02 67 03 94"), stop, bytes("02 7B 03 80"), stop, bytes("02 7C 03 7F"), stop,
                bytes("02 80 03 7B"), stop,
            ])
        let error = await #expect(throws: InstrumentError.self) { try await analyzer.perform(.brakeOff) }
        #expect(error?.reason == .unsupportedAction)
        expectRendered(error?.message)
    }

    @Test("An action whose acknowledgement is lost once is tried again")
    func actionTriedAgain() async throws {
        let port = MemoryPort()
        port.answer { request, count in count == 2 ? [] : [(.milliseconds(40), .input(Analyzer.reply(to: request)))] }
        let analyzer = try await connected(Analyzer.instrument(port))
        try await analyzer.perform(.purge)
        #expect(port.sent.dropFirst().map { $0[1] } == [0x78, 0x78, 0x80])
    }
}
