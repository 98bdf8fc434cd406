import Foundation
import Instruments
import InstrumentsTestKit
import Messages
import Metrology
import Plant
import SimulatedInstruments
import Testing

/// Every way in which an instrument is commonly connected wrongly, told by a code of its own and by a sentence that says
/// where and what to do.
@Suite("Bad wiring reads as a sentence")
struct WiringTests {
    /// Whether the sentence exists in both languages, with all of its blanks filled in and these words in it.
    private func reads(_ message: Message?, as code: MessageCode, with words: [String]) {
        #expect(message?.code == code)
        guard let message else { return }
        for language in [Language.chinese, .english] {
            let text = Catalogue(language).text(message)
            #expect(Catalogue.placeholders(of: text).subtracting(["…"]).isEmpty, "\(text)")
            for word in words { #expect(text.contains(word), "“\(word)” is not in “\(text)”") }
            print(text)
        }
    }

    private func driver(_ id: String, _ port: SimulatedPort, at path: String = "/dev/ttyUSB7") throws -> Instrument {
        Instrument(profile: try Profiles.named(id), port: try PortAddress(path), opener: port) {
            LaneInstant(nanoseconds: port.lane.now)
        }
    }

    /// A port that cannot be opened.
    private struct ClosedPort: PortOpener {
        let failure: PortFailure
        let uptime = Duration.zero
        func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort { throw failure }
        func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort { throw failure }
    }

    private func refusal(_ failure: PortFailure, at path: String) async throws -> Message? {
        let driver = Instrument(
            profile: try Profiles.named("mqw-50a"), port: try PortAddress(path), opener: ClosedPort(failure: failure)
        ) { .zero }
        return await #expect(throws: InstrumentError.self) { try await driver.connect() }?.message
    }

    @Test("There is no such port")
    func missing() async throws {
        let port = try PortAddress("/dev/ttyNone0")
        let driver = Instrument(profile: try Profiles.named("mqw-50a"), port: port) { .zero }
        let error = await #expect(throws: InstrumentError.self) { try await driver.connect() }
        reads(error?.message, as: .instrumentPortNotFound, with: ["/dev/ttyNone0"])
    }

    @Test("The port may not be opened: the group that owns it is named")
    func permission() async throws {
        // Debian gives this device to the group of terminals; a serial port belongs to “dialout” in the same way.
        let device = "/dev/ptmx"
        let attributes = try FileManager.default.attributesOfItem(atPath: device)
        let group = try #require(attributes[.groupOwnerAccountName] as? String)
        reads(try await refusal(.denied, at: device), as: .instrumentPortDenied, with: [device, "“\(group)”"])
        reads(try await refusal(.denied, at: "/dev/ttyNone0"), as: .instrumentPortDenied, with: ["dialout"])
    }

    @Test("Another process holds the port")
    func held() async throws {
        reads(try await refusal(.busy, at: "/dev/ttyUSB7"), as: .instrumentPortBusy, with: ["/dev/ttyUSB7"])
    }

    @Test("Nothing answers")
    func silence() async throws {
        let port = try SimulatedPort(InstrumentRequest(.gasAnalyzer, "MQW-50A"), faults: [Fault(.silent)])
        let error = await #expect(throws: InstrumentError.self) { try await driver("mqw-50a", port).connect() }
        reads(error?.message, as: .instrumentNoReply, with: ["/dev/ttyUSB7", "1000"])
    }

    @Test("A wrong device answers: another unit's frames are no answer, and another name is told")
    func wrongDevice() async throws {
        let port = try SimulatedPort(
            InstrumentRequest(.weatherStation, "T/RH/P transmitter"), faults: [Fault(.wrongAddress)])
        let error = await #expect(throws: InstrumentError.self) { try await driver("thp-modbus", port).connect() }
        // Unit 2 in the place of 1, with a check that agrees: shown byte for byte beside what was expected.
        reads(error?.message, as: .instrumentReplyDamaged, with: ["02 03 06", "01 03 06"])
    }

    @Test("The line speed is suspected where bytes come and no frame")
    func wrongSpeed() async throws {
        let port = try SimulatedPort(
            InstrumentRequest(.tachometer, "MQZ-2"), faults: [Fault(.baudMismatch, amount: 38_400)])
        let driver = try driver("mqz-2", port)
        _ = try? await driver.connect()
        for _ in 0..<50 {
            port.lane.advance(to: port.lane.now + 500_000_000)
            _ = await driver.poll()
        }
        let account = await driver.takeLineAccount()
        #expect(account.counters.replies == 0)
        reads(account.complaint, as: .instrumentWrongBaud, with: ["/dev/ttyUSB7", "9600", "probe"])
    }

    @Test("Damaged replies are told as a rate")
    func noisyLine() async throws {
        let port = try SimulatedPort(
            InstrumentRequest(.gasAnalyzer, "MQW-50A"), faults: [Fault(.corruptedChecksum, amount: 10)])
        let driver = try driver("mqw-50a", port)
        _ = try? await driver.connect()
        for _ in 0..<150 {
            port.lane.advance(to: port.lane.now + 500_000_000)
            _ = await driver.poll()
        }
        let account = await driver.takeLineAccount()
        #expect(account.counters.checksumErrors >= 10)
        reads(account.complaint, as: .instrumentNoisyLine, with: ["/dev/ttyUSB7", "10"])
    }
}
