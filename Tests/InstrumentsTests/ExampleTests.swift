import Instruments
import Messages
import Metrology
import Testing

@Suite("Device profiles and their examples")
struct ExampleTests {
    @Test("The profiles of the repository are read without a problem")
    func allProfilesAreGood() throws {
        let library = try DeviceLibrary(directory: Devices.directory)
        #expect(library.problems?.description == nil)
        #expect(library.profiles.keys.sorted().filter(["bntd", "dwsp-t5", "mqw-50a", "mqz-2"].contains).count == 4)
        for profile in library.profiles.values { #expect(!profile.examples.isEmpty, "\(profile.id)") }
    }

    @Test("Every example is encoded and decoded exactly")
    func examplesAgree() throws {
        for profile in try DeviceLibrary(directory: Devices.directory).profiles.values {
            for example in profile.examples {
                let decoded: DecodedFrame?
                switch example.subject {
                case .exchange(let command, let parameters, let request, let reply):
                    #expect(profile.request(command, parameters: parameters) == request, "\(example.title)")
                    decoded = reply.flatMap { profile.decode(reply: $0, to: command) }
                    #expect((decoded == nil) == (reply == nil), "\(example.title)")
                case .stream(let bytes):
                    decoded = profile.decode(streamFrame: bytes)
                    #expect(decoded != nil, "\(example.title)")
                }
                for (field, value) in example.values {
                    let found = try #require(decoded?.values.first { $0.field == field }?.value)
                    #expect(abs(found - value) <= 1e-7 * max(1, abs(value)), "\(example.title): \(field)")
                }
                if let mode = example.mode { #expect(decoded?.mode == mode) }
                if let conditions = example.conditions { #expect(decoded?.conditions == conditions) }
            }
        }
    }

    // Numbers and frames from outside the profiles: the protocol descriptions that the profiles were written from.

    @Test("A data reply of the gas analyzer gives each channel its value in its unit")
    func analyzerData() throws {
        let profile = try Devices.profile("mqw-50a")
        let reply = bytes("06 60 1B 05 48 00 2D 00 7B 01 C8 00 7B 01 C8 03 54 00 FB 09 C4 03 F5 03 F4 03 F0 7C")
        let frame = try #require(profile.decode(reply: reply, to: "data"))
        let at = LaneInstant(nanoseconds: 42)
        #expect(
            Set(frame.readings(at: at)) == [
                TimedReading(.carbonDioxide, 13.52, at: at), TimedReading(.carbonMonoxide, 0.45, at: at),
                TimedReading(.hydrocarbons, 123, at: at), TimedReading(.nitricOxide, 456, at: at),
                TimedReading(.oxygen, 1.23, at: at), TimedReading(.oilTemperature, 85.2, at: at),
                TimedReading(.analyzerEngineSpeed, 2500, at: at), TimedReading(.linePressure, 101.3, at: at),
                TimedReading(.lambda, 1.012, at: at),
            ])
    }

    @Test(
        "Each status bit of the gas analyzer means what its protocol says",
        arguments: [
            (3, 7, InstrumentCondition.lowFlow), (3, 6, .zeroing), (3, 5, .readingResidue), (3, 4, .leakChecking),
            (3, 3, .readingAmbient), (3, 2, .readingBackground), (3, 1, .purging), (3, 0, .warmingUp), (4, 7, .busy),
            (4, 6, .pumpOn), (5, 2, .zeroFailed), (5, 1, .residueHigh), (5, 0, .leak), (5, 7, .fault), (7, 0, .fault),
        ])
    func analyzerStatus(byte: Int, bit: Int, condition: InstrumentCondition) throws {
        var reply = bytes("06 61 0A 00 00 00 00 00 00 00")
        reply[byte] |= 1 << bit
        reply.append(0 &- reply.reduce(0, &+))
        let frame = try Devices.profile("mqw-50a").decode(reply: reply, to: "status")
        #expect(frame?.conditions == [condition])
    }

    @Test("Stroke and ignition settings are no conditions")
    func analyzerSettings() throws {
        let frame = try Devices.profile("mqw-50a").decode(
            reply: bytes("06 61 0A 00 00 00 C0 00 00 00 CF"), to: "status")
        #expect(frame?.conditions == [])
    }

    @Test("Values below zero and outside the range are delivered and marked")
    func analyzerRange() throws {
        // HC -3, CO2 25.00 %.
        var reply = bytes("06 60 1B 09 C4 00 2D FF FD 01 C8 00 7B 01 C8 03 54 00 FB 09 C4 03 F5 03 F4 03 F0")
        reply.append(0 &- reply.reduce(0, &+))
        let frame = try #require(try Devices.profile("mqw-50a").decode(reply: reply, to: "data"))
        let readings = frame.readings(at: .zero)
        #expect(readings.contains(TimedReading(.hydrocarbons, -3, at: .zero)))
        #expect(readings.contains(TimedReading(.carbonDioxide, 25, at: .zero, validity: .outOfRange)))
    }

    @Test("The dynamometer's commands are the bytes of its protocol")
    func dynamometerCommands() throws {
        let profile = try Devices.profile("bntd")
        #expect(profile.request("set-force", parameter: 1125) == bytes("58 53 46 00 A0 8C 44 61 43"))
        #expect(profile.request("stop") == bytes("58 42 51 00 00 00 00 EB 43"))
        #expect(profile.request("lift-up") == bytes("58 4A 55 00 00 00 00 F7 43"))
        #expect(profile.request("set-force") == nil)
        #expect(profile.request("stop", parameter: 1) == nil)
        for bad in [-1, 10_001, Double.nan, .infinity] {
            #expect(profile.request("set-force", parameter: bad) == nil, "\(bad)")
        }
    }

    @Test("The dynamometer's frame gives speed, force and duty as single-precision numbers")
    func dynamometerFrame() throws {
        let frame = try #require(
            try Devices.profile("bntd").decode(
                streamFrame: bytes("41 49 49 CD CC CC 41 CD AC 54 44 00 00 A0 41 00 43")))
        #expect(
            frame.readings(at: .zero) == [
                TimedReading(.rollerSpeed, Double(Float(25.6)), at: .zero),
                TimedReading(.rollerForce, Double(Float(850.7)), at: .zero), TimedReading(.brakeDuty, 20, at: .zero),
            ])
        #expect(frame.mode == .idle)
    }

    @Test("The weather station's register reply is decoded, and refused if a bit of it or of its check is wrong")
    func weatherStation() throws {
        let profile = try Devices.profile("dwsp-t5")
        #expect(profile.request("air") == bytes("01 04 00 00 00 03 B0 0B"))
        let reply = bytes("01 04 06 27 60 00 FB 01 C8 97 BB")
        let frame = try #require(profile.decode(reply: reply, to: "air"))
        #expect(
            frame.readings(at: .zero) == [
                TimedReading(.airPressure, 100.8, at: .zero), TimedReading(.airTemperature, 25.1, at: .zero),
                TimedReading(.relativeHumidity, 45.6, at: .zero),
            ])
        for bit in 0..<reply.count * 8 {
            var damaged = reply
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(profile.decode(reply: damaged, to: "air") == nil, "bit \(bit)")
        }
    }
}
