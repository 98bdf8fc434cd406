import Documents
import Messages
import Testing

@Suite("A document")
struct DocumentTests {
    struct Port { var baud: Int, parity: String, note: String? }

    func read(_ text: String) throws(Problems) -> Port {
        try Document(bytes: Array(text.utf8), name: "port.yaml").read { reader in
            let baud = reader.integer("baud", in: 300...115_200)
            let parity = reader.text("parity")
            let note = reader.optional("note", reader.text)
            guard let baud, let parity else { return nil }
            return Port(baud: baud, parity: parity, note: note)
        }
    }

    @Test("is read with its optional keys")
    func reads() throws {
        let port = try read("baud: 9600\nparity: none\nnote: COM1\n")
        #expect(port.baud == 9600 && port.parity == "none" && port.note == "COM1")
        #expect(try read("baud: 0x2580\nparity: none\n").baud == 9600)
    }

    @Test("reports every problem at once, each with its line")
    func problems() throws {
        let error = #expect(throws: Problems.self) { try read("# port\nbaud: fast\n\nspeed: 3\n") }
        let found = try #require(error).all.map { "\($0.location) \($0.message.code.rawValue)" }
        #expect(
            found == [
                "port.yaml:2 document.wrong-type", "port.yaml:2 document.missing-key",
                "port.yaml:4 document.unknown-key",
            ])
    }

    @Test(
        "names bad syntax, duplicates, ranges and emptiness",
        arguments: [
            ("baud: [1", "document.syntax"), ("baud: 1\nbaud: 2\n", "document.duplicate-key"),
            ("baud: 100\nparity: x", "document.out-of-range"), ("", "document.syntax"),
            ("- 1\n- 2\n", "document.wrong-type"),
        ])
    func names(text: String, code: String) throws {
        let error = #expect(throws: Problems.self) { try read(text) }
        #expect(try #require(error).all.map(\.message.code.rawValue).contains(code))
    }

    @Test("that cannot be read says so")
    func unreadable() {
        #expect(throws: Problems.self) { try Document(contentsOf: "/nonexistent/lane.yaml") }
        #expect(throws: Problems.self) { try Document(bytes: [0xFF, 0xFE, 0x00], name: "x") }
    }

    @Test("knows the days of the calendar", arguments: ["2024-02-29", "2000-02-29", "2026-12-31", "2026-04-30"])
    func days(day: String) { #expect(isCalendarDay(day)) }

    @Test(
        "takes nothing else for a day",
        arguments: [
            "2026-02-29", "1900-02-29", "2026-02-31", "2026-04-31", "2026-00-10", "2026-13-01", "2026-01-00",
            "26-01-01",
            "2026-1-01", "2026-01-011", "2026/01/01", "2026-01-01T", "2026-+1-01", "２０２６-01-01", "2026--101", "",
        ])
    func noDays(day: String) { #expect(!isCalendarDay(day)) }

    @Test("reads bytes as hexadecimal pairs only")
    func bytes() {
        #expect(bytesFromHexadecimal("02 60 03 9b") == [0x02, 0x60, 0x03, 0x9B])
        #expect(bytesFromHexadecimal("0260039B") == [0x02, 0x60, 0x03, 0x9B])
        for text in ["0", "0g", "+1", "０１"] { #expect(bytesFromHexadecimal(text) == nil, "\(text)") }
    }
}
