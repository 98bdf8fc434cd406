import CPseudoTerminal
import Foundation
import Glibc
import Instruments
import Messages
import Metrology
import Synchronization
import Testing

#if Simulation

    /// A lane clock that tests move.
    final class ManualClock: Sendable {
        private let time = Mutex(LaneInstant.zero)
        var now: LaneInstant {
            get { time.withLock { $0 } }
            set { time.withLock { $0 = newValue } }
        }
    }

    @Suite("Real ports, on pseudo-terminals", .serialized)
    struct PseudoTerminalTests {
        private let clock = ManualClock()

        private func instrument(_ id: String, _ path: String) throws -> Instrument {
            let clock = clock
            return try Instrument(profile: Devices.profile(id), port: PortAddress(path)) { clock.now }
        }

        /// An analyzer at the other end.
        private func analyzer() throws -> PseudoTerminal {
            try PseudoTerminal { request in
                request.count >= 3 && request.count == Int(request[2]) + 1 ? Analyzer.reply(to: request) : nil
            }
        }

        /// A weather station at the other end, giving `replies` in turn and the last for ever.
        private func weather(_ replies: [String]) throws -> PseudoTerminal {
            let count = Mutex(0)
            return try PseudoTerminal { request in
                guard request.count == 8 else { return nil }
                let index = count.withLock { count in
                    defer { count += 1 }
                    return count
                }
                return bytes(replies[min(index, replies.count - 1)])
            }
        }

        /// Asks until the condition holds, at most three seconds of real time.
        private func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
            let deadline = ContinuousClock.now + .seconds(3)
            while ContinuousClock.now < deadline {
                if try await condition() { return true }
                await Task.yield()
            }
            return false
        }

        @Test("libserialport opens a pseudo-terminal by its own path or by a link, at the profile's speed")
        func serialExchange() async throws {
            let answers = pseudo_terminal_modem_line_answers()
            let terminal = try analyzer()
            let link = try PortLink(to: terminal.path)
            for path in [terminal.path, link.path] {
                let analyzer = try instrument("mqw-50a", path)
                clock.now = LaneInstant(nanoseconds: 5)
                try await analyzer.connect()
                let report = await analyzer.poll()
                #expect(Set(report.readings) == Analyzer.readings(at: LaneInstant(nanoseconds: 5)))
                #expect(report.link == .up)
                #expect(await analyzer.isPseudoTerminal)
                #expect(terminal.speed == speed_t(B9600))
                await analyzer.close()
            }
            #expect(pseudo_terminal_modem_line_answers() > answers, "the linker no longer prefers the package's ioctl")
        }

        @Test("A Modbus reply that breaks off is told with the bytes that came, and they are counted")
        func brokenOff() async throws {
            let terminal = try weather(["01 04 06 27 60"])
            let station = try instrument("dwsp-t5", terminal.path)
            let error = await #expect(throws: InstrumentError.self) { try await station.connect() }
            #expect(error?.reason == .noReply(milliseconds: 1000))
            #expect(error?.received == bytes("01 04 06 27 60"))
            #expect(await station.counters.timeouts == 1)
            await station.close()
            // Nothing came: nothing is told.
            let silent = try PseudoTerminal { _ in nil }
            let nobody = try instrument("dwsp-t5", silent.path)
            let nothing = await #expect(throws: InstrumentError.self) { try await nobody.connect() }
            #expect(nothing?.received == [])
            await nobody.close()
        }

        @Test("A port stays with the program that has opened it: no child of it inherits the port")
        func notInherited() async throws {
            for (terminal, id) in [
                (try analyzer(), "mqw-50a"), (try weather(["01 04 06 27 60 00 FB 01 C8 97 BB"]), "dwsp-t5"),
            ] {
                let instrument = try instrument(id, terminal.path)
                try await instrument.connect()
                let folder = "/proc/self/fd"
                let open = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(Int32.init).filter {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == terminal.path
                }
                #expect(open.count == 2, "the instrument and the terminal have it open")
                for descriptor in open { #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC) }
                await instrument.close()
            }
        }

        @Test("A second program is refused a port that is in use, and gets it afterwards")
        func claimed() async throws {
            let terminal = try analyzer()
            let first = try instrument("mqw-50a", terminal.path)
            try await first.connect()
            let second = try instrument("mqw-50a", terminal.path)
            let error = await #expect(throws: InstrumentError.self) { try await second.connect() }
            #expect(error?.message.code == .instrumentPortBusy)
            #expect(!terminal.isExclusive, "the flag would outlive the program, and keep all but root out")
            await first.close()
            try await second.connect()
        }

        @Test("Paths without a terminal are told apart")
        func noTerminal() async throws {
            for id in ["mqw-50a", "dwsp-t5"] {
                for path in ["/dev/no-such-port", "/dev/null/port"] {
                    let error = await #expect(throws: InstrumentError.self) {
                        try await instrument(id, path).connect()
                    }
                    #expect(error?.reason == .portNotFound, "\(id) \(path)")
                }
                for path in ["/dev/null", "/etc/passwd"] {
                    let error = await #expect(throws: InstrumentError.self) {
                        try await instrument(id, path).connect()
                    }
                    #expect(error?.message.code == .instrumentPortFailed, "\(id) \(path): \(error?.description ?? "")")
                }
            }
        }

        @Test("A stream is read and stamped as it comes, not when it is asked for")
        func stamping() async throws {
            let terminal = try PseudoTerminal()
            let brake = try instrument("bntd", terminal.path)
            clock.now = LaneInstant(nanoseconds: 100)
            let connecting = Task { try await brake.connect() }
            // What is sent before the port is open is thrown away, so the brake goes on sending until it is heard.
            let sending = Task.detached { [terminal] in
                while !Task.isCancelled {
                    terminal.send(Brake.idle)
                    await Task.yield()
                }
            }
            let outcome = await connecting.result
            sending.cancel()
            await sending.value
            try outcome.get()
            // Quiet now; take all that is there.
            _ = await eventually { await brake.poll().readings.isEmpty }
            let before = await brake.counters.replies
            clock.now = LaneInstant(nanoseconds: 200)
            terminal.send(Brake.frame("BF", speed: 40, force: 1000, duty: 50))
            #expect(await eventually { await brake.counters.replies > before })
            clock.now = LaneInstant(nanoseconds: 900)
            let report = await brake.poll()
            #expect(report.readings.map(\.value) == [40, 1000, 50])
            #expect(report.readings.allSatisfy { $0.acquiredAt == LaneInstant(nanoseconds: 200) })
            #expect(report.mode?.mode == .forceControl)
            #expect(report.mode?.at == LaneInstant(nanoseconds: 200))
        }

        @Test("Late bytes of an instrument that is asked are read and counted while the line is idle")
        func lateBytes() async throws {
            let terminal = try analyzer()
            let analyzer = try instrument("mqw-50a", terminal.path)
            try await analyzer.connect()
            terminal.send([0x06, 0x60, 0x1B])
            #expect(await eventually { await analyzer.counters.discardedBytes == 3 })
            #expect(await analyzer.poll().readings.count == 9)
        }

        @Test("A port that hangs up is noticed while idle, within a bounded time, and opened again when it is back")
        func hangUp() async throws {
            var terminal = try analyzer()
            let link = try PortLink(to: terminal.path)
            let analyzer = try instrument("mqw-50a", link.path)
            try await analyzer.connect()
            let start = ContinuousClock.now
            terminal.hangUp()
            try link.point(to: nil)
            #expect(await eventually { await analyzer.poll().lostFor != nil })
            #expect(ContinuousClock.now - start < .seconds(1))
            let lost = await analyzer.poll().lostFor
            #expect(lost?.port == link.path)
            #expect(lost?.device == "mqw-50a")

            terminal = try self.analyzer()
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: terminal.path)
            #expect(await eventually { await analyzer.poll().readings.count == 9 })
            #expect(await analyzer.counters.reopens == 1)
        }

        @Test("A port that hangs up while a reply is awaited ends the wait at once")
        func hangUpWhileWaiting() async throws {
            let count = Mutex(0)
            let terminal = try PseudoTerminal { request in
                guard request.count == 4 else { return nil }
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                return isFirst ? Analyzer.reply(to: request) : []
            }
            let analyzer = try instrument("mqw-50a", terminal.path)
            try await analyzer.connect()
            let start = ContinuousClock.now
            let polling = Task { await analyzer.poll() }
            #expect(await terminal.waitForBytes(8).count == 8)
            terminal.hangUp()
            let report = await polling.value
            #expect(report.lostFor?.reason == .hungUp)
            #expect(ContinuousClock.now - start < .milliseconds(900), "the reply timeout is 1000 ms")
        }

        @Test("libmodbus reads the weather station, and the wire log holds the frames that were on the wire")
        func modbusExchange() async throws {
            let terminal = try weather(["01 04 06 27 60 00 FB 01 C8 97 BB"])
            let station = try instrument("dwsp-t5", terminal.path)
            clock.now = LaneInstant(nanoseconds: 7)
            try await station.connect()
            let report = await station.poll()
            #expect(
                report.readings == [
                    TimedReading(.airPressure, 100.8, at: clock.now),
                    TimedReading(.airTemperature, 25.1, at: clock.now),
                    TimedReading(.relativeHumidity, 45.6, at: clock.now),
                ])
            #expect(
                report.wire.suffix(2).map(\.bytes) == [
                    bytes("01 04 00 00 00 03 B0 0B"), bytes("01 04 06 27 60 00 FB 01 C8 97 BB"),
                ])
            #expect(Array(terminal.received.prefix(8)) == bytes("01 04 00 00 00 03 B0 0B"))
            #expect(terminal.speed == speed_t(B9600))
            #expect(await station.isPseudoTerminal)
        }

        @Test("A wrong check, another unit and an exception are errors with their bytes; the next reply is right again")
        func modbusFaults() async throws {
            let good = "01 04 06 27 60 00 FB 01 C8 97 BB"
            let terminal = try weather([
                good, "01 04 06 27 60 00 FB 01 C8 97 BC", "02 04 06 27 60 00 FB 01 C8 83 4B", "01 84 02 C2 C1", good,
            ])
            let station = try instrument("dwsp-t5", terminal.path)
            try await station.connect()
            var failures: [InstrumentError] = []
            _ = await eventually {
                let report = await station.poll()
                failures += report.failures
                return failures.count == 3
            }
            // What another unit said is whole, and no answer of this one.
            #expect(failures.map(\.reason) == [.damagedReply, .noReply(milliseconds: 1000), .refused])
            #expect(failures[1].received == bytes("02 04 06 27 60 00 FB 01 C8 83 4B"))
            #expect(failures.first?.received == bytes("01 04 06 27 60 00 FB 01 C8 97 BC"))
            #expect(failures.last?.received == bytes("01 84 02 C2 C1"))
            #expect(await eventually { await station.poll().readings.count == 3 })
        }

        @Test("A late Modbus reply does not answer the next request")
        func modbusLate() async throws {
            let count = Mutex(0)
            let good = bytes("01 04 06 27 60 00 FB 01 C8 97 BB")
            let terminal = try PseudoTerminal { request in
                guard request.count == 8 else { return nil }
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                // The second request is not answered.
                return number == 2 ? [] : good
            }
            let station = try instrument("dwsp-t5", terminal.path)
            try await station.connect()
            #expect(await station.poll().failures.first?.reason == .noReply(milliseconds: 1000))
            // Another temperature, 24.0 °C, arrives too late.
            let late = bytes("01 04 06 27 60 00 F0 01 C8 E6 79")
            terminal.send(late)
            #expect(await eventually { await station.counters.discardedBytes == 11 })
            var values: [Double?] = []
            #expect(
                await eventually {
                    values = await station.poll().readings.map(\.value)
                    return !values.isEmpty
                })
            #expect(values == [100.8, 25.1, 45.6])
        }

        @Test("A Modbus line that hangs up is lost within a bounded time and opened again")
        func modbusHangUp() async throws {
            var terminal = try weather(["01 04 06 27 60 00 FB 01 C8 97 BB"])
            let link = try PortLink(to: terminal.path)
            let station = try instrument("dwsp-t5", link.path)
            try await station.connect()
            terminal.hangUp()
            #expect(await eventually { await station.poll().lostFor != nil })
            terminal = try weather(["01 04 06 27 60 00 FB 01 C8 97 BB"])
            try link.point(to: terminal.path)
            #expect(await eventually { await station.poll().readings.count == 3 })
        }

        @Test("The unattended unload sends the unload three times, after being written down and read again")
        func unattendedUnload() async throws {
            let terminal = try PseudoTerminal()
            let unload = try #require(try instrument("bntd", terminal.path).unattendedUnload)
            let again = try JSONDecoder().decode(UnattendedUnload.self, from: JSONEncoder().encode(unload))
            #expect(again == unload)
            try again.send()
            let frame = bytes("58 42 51 00 00 00 00 EB 43")
            #expect(await terminal.waitForBytes(27) == frame + frame + frame)
            #expect(terminal.speed == speed_t(B38400))
            #expect(try instrument("mqw-50a", terminal.path).unattendedUnload == nil)
            // A Modbus frame is the same bytes whoever sends it.
            let modbus = try PseudoTerminal()
            let order = try #require(try instrument("modbus-dyno", modbus.path).unattendedUnload)
            try order.send()
            let off = bytes("01 06 00 00 00 00 89 CA")
            #expect(await modbus.waitForBytes(24) == off + off + off)
            terminal.hangUp()
            let error = #expect(throws: InstrumentError.self) { try again.send() }
            #expect(error?.device == "bntd")
        }
    }

#else

    @Suite("Pseudo-terminals in a station build")
    struct PseudoTerminalTests {
        @Test(
            "A pseudo-terminal is refused by a code of its own, by path and by link", arguments: ["mqw-50a", "dwsp-t5"])
        func refused(id: String) async throws {
            let terminal = try PseudoTerminal()
            let link = try PortLink(to: terminal.path)
            for path in [terminal.path, link.path] {
                let instrument = try Instrument(profile: Devices.profile(id), port: PortAddress(path)) { .zero }
                let error = await #expect(throws: InstrumentError.self) { try await instrument.connect() }
                #expect(error?.message.code == .instrumentPseudoTerminalRefused)
                #expect(error?.port == path)
            }
            let unload = try Instrument(profile: Devices.profile("bntd"), port: PortAddress(terminal.path)) { .zero }
                .unattendedUnload
            #expect(throws: InstrumentError.self) { try unload?.send() }
        }
    }

#endif

@Suite("Port addresses")
struct PortAddressTests {
    @Test(
        "Paths and USB identities are understood",
        arguments: [
            "/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0", "/run/lane/analyzer", "usb:0403:6001",
            "usb:1a86:7523:A50285BI", "usb:1a86:7523:A:B",
        ])
    func good(text: String) throws {
        #expect(try PortAddress(text).description == text)
    }

    @Test(
        "Anything else is refused with the text",
        arguments: [
            "", "/", "ttyUSB0", "COM3", "usb:", "usb:0403", "usb:403:6001", "usb:0403:60011", "usb:0403:600g",
            "usb:0403:6001:", "usb:+403:6001", "/dev/tty\0USB0",
        ])
    func bad(text: String) throws {
        let error = #expect(throws: PortAddressError.self) { try PortAddress(text) }
        #expect(error?.message.arguments["address"] == .text(text))
        expectRendered(error?.message)
    }

    @Test("An adapter that is not plugged in is not found")
    func absentAdapter() async throws {
        let instrument = try Instrument(
            profile: Devices.profile("mqw-50a"), port: PortAddress("usb:fffe:fffe:NONE")
        ) { .zero }
        let error = await #expect(throws: InstrumentError.self) { try await instrument.connect() }
        #expect(error?.reason == .portNotFound)
    }
}
