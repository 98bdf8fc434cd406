import Evidence
import Messages
import Testing

@Suite("Exported audit trails")
struct AuditFileTests {
    private func trail(_ count: Int) throws -> [UInt8] {
        var file: [UInt8] = []
        var previous: Digest?
        for number in 1...count {
            let line = try AuditLine(
                number: number, at: "2026-11-21T14:30:29Z", kind: "pack.changed",
                detail: ["old": "GB18285-2005-ASM", "new": "GB18285-2018-ASM", "by": "检测员"], previous: previous
            ).bytes()
            previous = Digest(of: line)
            file += line + [0x0A]
        }
        return file
    }

    private func head(_ file: [UInt8], _ lane: SampleLane) throws -> AuditHead {
        let header = StatementHeader(
            .auditHead, lane: lane.name, origin: .measured, signing: lane.keys.map(\.algorithm),
            at: "2026-11-21T14:30:29Z")
        let envelope = try #require(try AuditHead.sealed(over: file, header: header, with: lane.keys))
        let report = Verifier(trust: try lane.trust).verifyAuditHead(envelope.bytes)
        #expect(report.findings == [])
        return try #require(report.content)
    }

    @Test("A trail as it was exported has no findings")
    func good() throws {
        let file = try trail(5)
        #expect(try head(file, .withBothAlgorithms()).findings(in: file) == [])
        let header = StatementHeader(.auditHead, lane: "1", origin: .measured, signing: [.ed25519], at: "")
        #expect(try AuditHead.sealed(over: [], header: header, with: []) == nil)
    }

    @Test("Every single bit that is flipped is found, with a place")
    func everyBit() throws {
        let file = try trail(4)
        let head = try head(file, SampleLane())
        for index in file.indices {
            for bit in 0..<8 {
                var spoilt = file
                spoilt[index] ^= 1 << bit
                let findings = head.findings(in: spoilt)
                if findings.isEmpty || findings.contains(where: \.place.isEmpty) {
                    Issue.record("bit \(bit) of byte \(index) went unnoticed or unplaced")
                }
            }
        }
    }

    @Test("Entries that were taken out, put in, cut off or changed places are found where it happened")
    func changed() throws {
        let file = try trail(5)
        let head = try head(file, SampleLane())
        let lines = file.split(separator: 0x0A).map { Array($0) + [0x0A] }
        func found(_ order: [Int]) -> [String] {
            head.findings(in: order.flatMap { lines[$0] }).map { "\($0.place): \($0.message.code.rawValue)" }
        }
        #expect(found([0, 1, 3, 4]).first == "audit 3: evidence.audit-broken")
        #expect(found([0, 1, 1, 2, 3, 4]).first == "audit 3: evidence.audit-broken")
        #expect(found([0, 2, 1, 3, 4]).first == "audit 2: evidence.audit-broken")
        #expect(found([0, 1, 2, 3]) == ["audit: evidence.audit-truncated"])
        #expect(found([]) == ["audit: evidence.audit-truncated"])
    }
}
