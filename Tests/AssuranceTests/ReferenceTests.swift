import Assurance
import Documents
import Evidence
import Messages
import Testing

@Suite("Reference materials")
struct ReferenceTests {
    static let text = """
        bottles:
          - number: B-1
            maker: A
            certificate: GBW(E)060001
            expires: 2026-11-21
            pressure: 1.0
            values:
              propane: {value: 200, uncertainty: 4, unit: ppm}
              co: {value: "0.500", uncertainty: "0.0101", unit: "%"}
          - number: B-2
            maker: A
            certificate: GBW(E)060002
            expires: 2027-11-21
            pressure: 0.9
            values:
              propane: {value: 200, uncertainty: 2, unit: ppm}
        filters:
          - number: F-1
            maker: B
            certificate: C-7
            expires: 2027-01-01
            values:
              opacity: {value: "29.8", uncertainty: "0.9", unit: "%"}
        """

    func registry(_ text: String = text) throws -> ReferenceRegistry {
        try ReferenceRegistry(document: Document(bytes: Array(text.utf8), name: "references.yaml"))
    }

    func judge(
        _ number: String, _ kind: ReferenceKind = .bottle, _ needed: [String] = ["propane"],
        at now: Timestamp = WholeLane.morning
    ) throws -> ReferenceJudgement {
        try registry().judge(number, as: kind, needing: needed, rules: WholeLane.rules, now: now)
    }

    @Test("are good through their certificate's last day, in China's calendar")
    func expiry() throws {
        #expect(try judge("B-1", at: WholeLane.moment("2026-11-21T15:59:59Z")).objections == [])
        #expect(
            try judge("B-1", at: WholeLane.moment("2026-11-21T16:00:00Z")).objections.map(\.code)
                == [.referenceExpired])
    }

    @Test("are refused if unknown, of another kind, without what is needed, or too uncertain")
    func unsuitable() throws {
        #expect(try judge("B-9").objections.map(\.code) == [.referenceUnknown])
        #expect(try judge("F-1").objections.map(\.code) == [.referenceOtherKind])
        #expect(try judge("B-2", .bottle, ["propane", "co"]).objections.map(\.code) == [.referenceLacks])
        // 4 of 200 is 2 %, the pack's most; 0.0101 of 0.500 is 2.02 %.
        #expect(try judge("B-1", .bottle, ["propane"]).objections == [])
        #expect(try judge("B-1", .bottle, ["co"]).objections.map(\.code) == [.referenceUncertain])
        // A filter's uncertainty has no limit of its own.
        #expect(try judge("F-1", .filter, ["opacity"]).objections == [])
    }

    @Test("are told of when nearly empty")
    func pressure() throws {
        #expect(try judge("B-1").warnings == [])
        #expect(try judge("B-2").warnings.map(\.code) == [.referenceNearlyEmpty])
    }

    @Test("have every fault of their file told at once")
    func faults() throws {
        let text = Self.text.replacing("B-2", with: "B-1").replacing("maker: B", with: "makes: B")
        do {
            _ = try registry(text)
            Issue.record("the faulty registry was taken")
        } catch let problems as Problems {
            let codes = problems.all.map(\.message.code)
            #expect(codes.contains(.documentMissingKey) && codes.contains(.referenceTwice))
        }
    }
}
