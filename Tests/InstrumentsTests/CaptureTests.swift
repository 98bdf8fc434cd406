import Instruments
import Metrology
import Testing

@Suite("Captures of the wire")
struct CaptureTests {
    private func frame(_ kind: WireFrame.Kind, _ text: String, _ nanoseconds: Int64) -> WireFrame {
        WireFrame(kind: kind, bytes: bytes(text), at: LaneInstant(nanoseconds: nanoseconds))
    }

    @Test("Text has a line for each entry")
    func text() {
        var capture = WireCapture(instruments: ["analyzer"])
        capture.add([frame(.sent, "02 60 03 9B", 1_500_000_000), frame(.discarded, "FF", 1_500_042_000)], of: 0)
        #expect(capture.text == "1.500000 analyzer > 02 60 03 9B\n1.500042 analyzer x FF\n")
    }

    @Test("What an instrument of another Modbus unit answered is decoded by what it was asked, and by nothing else")
    func otherUnit() throws {
        let decoder = WireDecoder(try Devices.profile("dwsp-t5"))
        // Unit 5 in the place of 1; the checks computed apart from this program (polynomial A001).
        func exchange(_ request: String, _ reply: String) -> [WireFrame] {
            [
                WireFrame(kind: .sent, bytes: bytes(request), at: .zero, command: "air"),
                WireFrame(kind: .received, bytes: bytes(reply), at: .zero, command: "air"),
            ]
        }
        let own = exchange("01 04 00 00 00 03 B0 0B", "01 04 06 27 60 00 FB 01 C8 97 BB")
        let other = exchange("05 04 00 00 00 03 B1 8F", "05 04 06 27 60 00 FB 01 C8 A5 7B")
        #expect(try decoder.decode(other).readings.map(\.value) == [100.8, 25.1, 45.6])
        #expect(try decoder.decode(other) == decoder.decode(own))
        #expect(throws: WireDecodingError.self) { try decoder.decode([own[0], other[1]]) }
        #expect(throws: WireDecodingError.self) { try decoder.decode([other[0], own[1]]) }
    }

    @Test("A full capture forgets the oldest and counts them")
    func bounded() {
        var capture = WireCapture(instruments: ["a"], limit: 3)
        for number in 0..<5 { capture.add([frame(.sent, "0\(number)", Int64(number))], of: 0) }
        #expect(capture.entries.map(\.frame.bytes) == [[2], [3], [4]])
        #expect(capture.dropped == 2)
    }

    @Test("A pcapng file is made of well-formed blocks with direction, time and bytes")
    func pcapng() throws {
        var capture = WireCapture(instruments: ["analyzer", "dyno"])
        capture.add([frame(.sent, "02 60 03 9B", 7)], of: 0)
        capture.add([frame(.received, "41 49 49", 9)], of: 1)
        let file = capture.pcapng(origin: 1 << 33)
        var blocks: [(type: UInt32, body: [UInt8])] = []
        var position = 0
        while position < file.count {
            let type = word(file, position)
            let length = Int(word(file, position + 4))
            try #require(length >= 12 && length.isMultiple(of: 4) && position + length <= file.count)
            #expect(Int(word(file, position + length - 4)) == length)
            blocks.append((type, Array(file[position + 8..<position + length - 4])))
            position += length
        }
        #expect(blocks.map(\.type) == [0x0A0D_0D0A, 1, 1, 6, 6])
        #expect(word(blocks[0].body, 0) == 0x1A2B_3C4D)
        #expect(Array(blocks[1].body.prefix(2)) == [147, 0])
        // Interface, time in two halves, captured and original length, bytes filled up to four.
        #expect((0..<5).map { word(blocks[3].body, 4 * $0) } == [0, 2, 7, 4, 4])
        #expect(Array(blocks[3].body[20..<24]) == bytes("02 60 03 9B"))
        #expect((0..<5).map { word(blocks[4].body, 4 * $0) } == [1, 2, 9, 3, 3])
        #expect(Array(blocks[4].body[20..<24]) == bytes("41 49 49 00"))
        #expect(Array(blocks[3].body[24..<32]) == [2, 0, 4, 0, 2, 0, 0, 0])
        #expect(Array(blocks[4].body[24..<32]) == [2, 0, 4, 0, 1, 0, 0, 0])
    }

    @Test("What was written is read again as the same, in both formats")
    func reading() throws {
        var capture = WireCapture(instruments: ["analyzer", "dyno"])
        capture.add([frame(.sent, "02 60 03 9B", -10_417_000), frame(.discarded, "FF", 1_500_042_000)], of: 0)
        capture.add([frame(.received, "41 49 49", 1_500_043_000)], of: 1)
        #expect(capture.text.hasPrefix("-0.010417 analyzer > 02 60 03 9B\n"))
        for bytes in [capture.pcapng(), Array(capture.text.utf8)] {
            let again = try WireCapture(parsing: bytes)
            #expect(again.instruments == capture.instruments)
            #expect(again.entries == capture.entries)
        }
    }

    @Test(
        "What is no capture is refused with its place",
        arguments: [("1.5 a > 00", "1"), ("1.500000 a > 00\n\n1.500000 a ? 00", "3"), ("1.500000 a < 0", "1")])
    func refused(_ text: String, _ place: String) {
        let error = #expect(throws: WireCaptureError.self) { try WireCapture(parsing: Array(text.utf8)) }
        #expect(error?.place == place)
        expectRendered(error?.message)
    }

    @Test("A pcapng file that is cut short or of another link type is refused")
    func damaged() {
        var capture = WireCapture(instruments: ["analyzer"])
        capture.add([frame(.sent, "02 60 03 9B", 7)], of: 0)
        let file = capture.pcapng()
        // Every length but those at which a block ends.
        let whole: Set<Int> = [28, 28 + Int(word(file, 32)), file.count]
        for count in 4..<file.count where !whole.contains(count) {
            #expect(throws: WireCaptureError.self, "\(count) bytes") {
                try WireCapture(parsing: Array(file.prefix(count)))
            }
        }
        var other = file
        other[36] = 1
        #expect(throws: WireCaptureError.self) { try WireCapture(parsing: other) }
    }

    private func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
    }
}
