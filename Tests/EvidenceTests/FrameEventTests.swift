import Evidence
import Metrology
import Procedures
import Testing

@Suite("What people do, in a frame file")
struct FrameEventTests {
    @Test("is read back as it was, with every figure of what was entered")
    func roundTrip() throws {
        let values: [ChannelID: String] = [
            .airTemperature: "-3.50", .relativeHumidity: "48", .airPressure: "101.300",
        ]
        let events: [FrameEvent] = [
            .probeInserted, .confirmed, .denied, .operatorAbort, .emergencyStop, .storageLost, .laneLocked,
            .actionFailed(.dynamometer), .entered(values.compactMapValues { RoundedDecimal($0) }),
        ]
        var assembler = FrameAssembler(freshness: [:], origin: .zero)
        for event in events { assembler.take(event) }
        var writer = FrameWriter()
        let line = try writer.line(assembler.frame(tick: 0, due: .zero, lateness: .zero))
        let read = try #require(try FrameReader.frames(line).first)
        #expect(read.events == events)
        let entered = "entered:air-pressure=101.300,air-temperature=-3.50,relative-humidity=48"
        #expect(String(decoding: line, as: UTF8.self).contains(entered))
        for wrong in ["entered:", "entered:co=", "entered:co=1,co=2", "entered:nothing=1", "entered:co=1e3"] {
            let other = String(decoding: line, as: UTF8.self).replacing(entered, with: wrong)
            #expect(throws: FrameFileError.self) { try FrameReader.frames(Array(other.utf8)) }
        }
    }
}
