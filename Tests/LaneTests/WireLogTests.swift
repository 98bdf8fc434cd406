import Evidence
import Foundation
import Journal
import Lane
import Messages
import Procedures
import Testing

@Suite("A wire log", .serialized)
struct WireLogTests {
    /// A short test's payload and files.
    private struct Recorded {
        let payload: JSONValue
        var files: [String: [UInt8]]

        init() async throws {
            let bench = try await SimulatedBench()
            let result = try await bench.test { [panel = bench.lane.panel] frame, _ in
                if frame.tick >= 60 { panel.post(.operatorAbort) }
            }
            let journal = bench.lane.journal
            let envelope = try Envelope(parsing: try await journal.envelope(of: result.record.counter))
            payload = try JSONValue(parsing: envelope.payload)
            files = Dictionary(
                try await journal.attachments(of: result.record.counter).map { ($0.name, $0.bytes) }
            ) { first, _ in first }
            await bench.close()
        }

        var lines: [String] {
            get {
                String(decoding: files[TestRecord.wireName] ?? [], as: UTF8.self).split(separator: "\n").map(
                    String.init)
            }
            set { files[TestRecord.wireName] = Array(newValue.map { $0 + "\n" }.joined().utf8) }
        }

        func findings() -> [String] {
            WireRecomputation(of: payload, attachments: { files[$0] }).findings.map {
                "\($0.place): \($0.message.code.rawValue)"
            }
        }
    }

    @Test("gives the test's frames again, and names the place where it or they were changed")
    func changed() async throws {
        let recorded = try await Recorded()
        #expect(recorded.findings() == [])
        let lines = recorded.lines

        // A reply of the analyzer's with one digit more: its checksum does not hold.
        var other = recorded
        let reply = try #require(
            lines.lastIndex { $0.contains(#""r":"gas-analyzer""#) && $0.contains(#"["received""#) })
        let fields = try #require(lines[reply].firstMatch(of: /\["received",\d+,"([0-9a-f]+)","[^"]+"\]/))
        let digits = String(fields.1)
        let spoilt = String(digits.dropLast(3)) + (digits.dropLast(2).hasSuffix("0") ? "1" : "0") + digits.suffix(2)
        other.lines[reply] = lines[reply].replacing(digits, with: spoilt)
        #expect(other.findings() == ["wire.jsonl \(reply + 1): wire.undecodable"])

        // The same reply as one to another question, and to none.
        other.lines = lines
        let question = try #require(lines[reply].matches(of: /"sent",\d+,"([0-9a-f]+)"/).last)
        other.lines[reply] = lines[reply].replacing("\"\(question.1)\"", with: #""00""#)
        #expect(other.findings() == ["wire.jsonl \(reply + 1): wire.undecodable"])

        // A report that is not there, or came at another time.
        other.lines = lines
        other.lines.remove(at: reply)
        let missing = other.findings()
        #expect(missing.count == 1 && missing[0].hasPrefix("frames.jsonl ") && missing[0].hasSuffix(": wire.differs"))
        other.lines = lines
        other.lines[reply] = lines[reply].replacing(/"received",(\d+)/) { "\"received\",1\($0.1)" }
        #expect(other.findings().allSatisfy { $0.hasSuffix(": wire.differs") })
        #expect(!other.findings().isEmpty)

        // A file that is none, or ends for want of room, or is missing.
        other.lines = Array(lines.dropFirst())
        #expect(other.findings() == ["wire.jsonl 1: wire.line"])
        other.lines = lines + ["{"]
        #expect(other.findings() == ["wire.jsonl \(lines.count + 1): wire.line"])
        other.lines = Array(lines.prefix { !$0.contains(#""n":30"#) }) + [#"{"full":true,"n":30}"#]
        #expect(other.findings() == ["wire.jsonl: wire.full"])
        other.files[TestRecord.wireName] = nil
        #expect(other.findings() == ["wire.jsonl: evidence.attachment-lacking"])
        // A profile that is not the one that the record names.
        other = recorded
        other.files["profile-bntd.yaml"]?.append(0x0A)
        #expect(other.findings() == ["profile-bntd.yaml: wire.profile-lacking"])
    }
}
