import Assurance
import Documents
import Lane
import Messages
import Procedures
import Standards
import Testing

/// Reference materials of a check; a lane that is never run.
@Suite("Reference materials of a check")
struct CheckMaterialTests {
    private static let bottle = """
        propane: {value: 200, uncertainty: 2, unit: ppm}, co: {value: 0.50, uncertainty: 0.005, unit: "%"},
        co2: {value: 6.0, uncertainty: 0.06, unit: "%"}, "no": {value: 300, uncertainty: 3, unit: ppm}
        """
    private static let registry = """
        bottles:
          - {number: GOOD, maker: M, certificate: C, expires: 2099-12-31, pressure: 9, values: {\(bottle)}}
          - {number: OLD, maker: M, certificate: C, expires: 2020-12-31, pressure: 9, values: {\(bottle)}}
          - {number: LOW, maker: M, certificate: C, expires: 2099-12-31, pressure: 0.5, values: {\(bottle)}}
          - {number: AIR, maker: M, certificate: C, expires: 2099-12-31, pressure: 9, values: {o2: {value: 20.9, uncertainty: 0.1, unit: "%"}}}
        filters:
          - {number: F-30, maker: M, certificate: C, expires: 2099-12-31, values: {opacity: {value: 30.1, uncertainty: 0.5, unit: "%"}}}
        """

    private func run(_ request: CheckRequest) async throws -> PreparedCheck {
        let bench = try AssuredBench()
        var request = request
        request.registry = try ReferenceRegistry(
            document: try Document(bytes: Array(Self.registry.utf8), name: "references.yaml"))
        let asked = request
        return try await bench.withLane([("references.yaml}", "references.yaml, propane-equivalence: 0.508}")]) {
            try await $0.session(for: asked)
        }
    }

    @Test(
        "that may not be used are refused by name, all at once",
        arguments: [
            (["OLD"], ["reference.OLD"], [MessageCode.referenceExpired]),
            (["NOBODY"], ["reference.NOBODY"], [.referenceUnknown]),
            (["F-30"], ["reference.F-30"], [.referenceOtherKind]),
            (["AIR"], Array(repeating: "reference.AIR", count: 4), Array(repeating: .referenceLacks, count: 4)),
            (["GOOD", "LOW"], ["reference.LOW"], [.checkReferenceUnused]),
            (
                ["low=OLD", "zero=NOBODY"], ["reference.NOBODY", "reference.OLD"],
                [.referenceUnknown, .referenceExpired]
            ),
            ([], ["bottle.low"], [.checkNeeds]),
        ] as [([String], [String], [MessageCode])])
    func refused(numbers: [String], members: [String], codes: [MessageCode]) async throws {
        let problems = await #expect(throws: CheckProblems.self) {
            _ = try await run(CheckRequest(kind: .gasSinglePoint, references: numbers))
        }
        #expect(problems?.all.map(\.member) == members)
        #expect(problems?.all.map(\.message.code) == codes)
    }

    @Test("that are good are taken without a word; a nearly empty bottle is told of")
    func taken() async throws {
        #expect(try await run(CheckRequest(kind: .gasSinglePoint, references: ["GOOD"])).warnings == [])
        let low = try await run(CheckRequest(kind: .gasSinglePoint, references: ["low=LOW"]))
        #expect(low.warnings.map(\.code) == [.referenceNearlyEmpty])
    }

    @Test("a check of an instrument that the lane has not is refused")
    func missing() async throws {
        let problems = await #expect(throws: CheckProblems.self) {
            _ = try await run(CheckRequest(kind: .opacimeterDrift))
        }
        #expect(problems?.all.map(\.message.code) == [.checkNotOnLane])
    }
}
