import Instruments
import Messages
import Testing

/// What instruments that share a line are told apart by, where it is not Modbus.
@Suite("The address in frames")
struct UnitTests {
    @Test("stands in every request and is looked for in every reply, under a check that counts it")
    func digit() throws {
        let usual = try Devices.profile("opa-100")
        let moved = usual.with(unit: 3)
        #expect(usual.unit == 0 && moved.unit == 3 && usual.units == 0...9)
        // The source's frames with another address, whose sums are greater by as much.
        #expect(usual.request("value") == bytes("02 4F 50 41 17 30 17 56 41 44 35 03"))
        #expect(moved.request("value") == bytes("02 4F 50 41 17 33 17 56 41 44 38 03"))
        #expect(moved.request("autozero") == bytes("02 4F 50 41 17 33 17 41 5A 44 43 03"))
        let own = bytes("02 4F 50 41 17 33 17 56 41 17 31 2E 30 32 17 30 46 37 03")
        let other = bytes("02 4F 50 41 17 30 17 56 41 17 31 2E 30 32 17 30 46 34 03")
        #expect(moved.decode(reply: own, to: "value")?.values.first?.value == 1.02)
        #expect(moved.decode(reply: other, to: "value") == nil)
        #expect(usual.decode(reply: own, to: "value") == nil)
        #expect(usual.with(unit: 10).unit == 0, "it is written in one digit")
    }

    @Test("is any byte in the AK protocol, whose answers may repeat it or not")
    func byte() throws {
        let moved = try Devices.profile("ak-analyzer").with(unit: 0x31)
        #expect(moved.request("state") == bytes("02 31 41 53 54 5A 20 4B 30 03"))
        for echo in [UInt8(0x31), 0x20] {
            let reply = [0x02, echo] + bytes("41 53 54 5A 20 30 20 53 52 45 4D 20 53 54 42 59 03")
            #expect(moved.decode(reply: reply, to: "state") != nil)
        }
        #expect(try Devices.profile("vmt-2000").with(unit: 2).request("speed") == bytes("4E 54 30 02 53 03 01 80 7B"))
    }

    @Test("is one that its form can write, in a place where it is found, or the profile is refused")
    func mistakes() {
        #expect(problems(in: profile()) == [])
        #expect(problems(in: profile(unit: "unit: 10\n  unit-form: digit")) == ["10: document.out-of-range"])
        #expect(problems(in: profile(unit: "unit: 256")) == ["10: document.out-of-range"])
        #expect(problems(in: profile(unit: "unit: 1\n  unit-form: roman")) == ["11: document.unknown-value"])
        // None is given; it stands behind what differs in length; it is nowhere.
        #expect(problems(in: profile(unit: "# none")) == ["11: document.wrong-type"])
        #expect(problems(in: profile(request: "[\"02\", command, unit, checksum]")) == ["11: document.wrong-type"])
        #expect(problems(in: profile(request: "[\"02\", command, checksum]")) == ["11: document.wrong-type"])
    }

    /// A profile of an invented model, unit and request of which stand in lines 10 and 11.
    private func profile(
        unit: String = "unit: 1", request: String = "[\"02\", unit, command, checksum]"
    ) -> String {
        """
        id: model-3
        model: Model 3
        manufacturer: Nobody
        role: tachometer
        grade: weak
        sources: { text: a text }
        line: { baud: 9600, data-bits: 8, parity: none, stop-bits: 1 }
        timing: { poll-interval-ms: 100, expected-age-ms: 500, reply-timeout-ms: 500 }
        framing:
          \(unit)
          request: \(request)
          kind: request-reply
          checksum: xor
        commands:
          reset: { code: "63", answered: false }
        polls: []
        examples:
          - { title: reset, source: text, origin: computed, command: reset, request: 02 01 63 60 }
        """
    }
}
