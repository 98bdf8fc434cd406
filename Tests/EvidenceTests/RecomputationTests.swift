import Evidence
import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// A recorded ASM test on a synthetic lane.
struct RecordedTest {
    let payload: JSONValue
    var files: [String: [UInt8]]
    let frames: [Frame]

    init(
        exhaust: SyntheticLane.Exhaust = .clean, _ disturbances: [SyntheticLane.Disturbance] = [],
        interruptedAfter limit: Int? = nil
    ) throws {
        let limits = try #require(try PackLibrary.limits("GB18285-2018-ASM-limits", ASMLimits.self))
        let requirements = try #require(try PackLibrary.requirements("GB18285-2018-ASM", ASMRequirements.self))
        let order = TestOrder(
            number: "1", method: .asm,
            vehicle: OrderedVehicle(
                plate: "苏A00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
                curbMass: RoundedDecimal("1250")),
            limitSet: "a", inspector: "A", driver: "B")
        let lane = LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1))
        var procedure = try ASMProcedure(order, limits: limits, requirements: requirements, lane: lane)
        var bench = SyntheticLane(
            seed: 11, freshness: requirements.freshness, exhaust: ["": exhaust], disturbances: disturbances)
        var run = SyntheticRun(&procedure, on: &bench, maximumSeconds: limit ?? 4000)
        if limit != nil { run.directives += procedure.interrupt() }
        frames = run.frames

        var writer = FrameWriter()
        var file: [UInt8] = []
        for frame in frames { file += try writer.line(frame) }
        let context = TestContext(
            station: "S", testID: "T", order: order, started: "2026-11-21T09:00:00.000+08:00",
            isClockSynchronised: true, rate: 1,
            software: SoftwareIdentity(version: "0", executable: Digest(of: []), isSimulationBuild: true),
            instruments: [], lane: lane,
            limits: PackReference(id: limits.identity.id, bytes: limits.bytes),
            requirements: PackReference(id: requirements.identity.id, bytes: requirements.bytes))
        let record = try TestRecord(
            TestPrologue(context), outcome: try #require(procedure.outcome),
            ended: "2026-11-21T09:05:00.000+08:00", frameFile: GrowingFile(file), sampling: SamplingStatistics(frames),
            diagnosis: nil)
        let references = record.attachments.map { $0.reference(signing: [.ed25519]) }
        let sealed = record.payload(
            lane: "L", station: "S", counter: 1, previous: nil, audit: nil, origin: .simulated, references: references)
        payload = try JSONValue(parsing: try JSONValue.object(sealed).canonicalBytes())
        files = Dictionary(record.attachments.map { ($0.name, $0.bytes) }) { first, _ in first }
    }

    func recompute() -> Recomputation { Recomputation(of: payload, attachments: { files[$0] }) }
}

@Suite("A recorded test")
struct RecomputationTests {
    @Test(
        "comes out again, byte for byte, from its frames and packs",
        arguments: [0.08, 0.35, 0.9], [nil, SyntheticLane.Kind.dilution(0.3), .speed(2.6), .lost(.gasAnalyzer)])
    func reproduces(co: Double, kind: SyntheticLane.Kind?) throws {
        let disturbances = kind.map { [SyntheticLane.Disturbance($0, after: 12, length: 3, stage: .measure)] } ?? []
        let recorded = try RecordedTest(exhaust: .init(co: co, hc: 60, no: 500), disturbances)
        let again = recorded.recompute()
        #expect(again.findings == [])
        #expect(again.frameCount == recorded.frames.count)
        #expect(again.verdict == recorded.payload["result"]?["verdict"]?.text)
    }

    @Test("that was interrupted comes out as interrupted")
    func interrupted() throws {
        let recorded = try RecordedTest(interruptedAfter: 100)
        #expect(recorded.payload["result"]?["reason"]?["code"]?.text == "interrupted")
        #expect(recorded.recompute().findings == [])
    }

    @Test("keeps every bit of its frames in its frame file")
    func frameFile() throws {
        let recorded = try RecordedTest([.init(.event(.operatorAbort), after: 90)])
        let file = try #require(recorded.files[TestRecord.framesName])
        #expect(try FrameReader.frames(file) == recorded.frames)
    }

    @Test("names the line of a frame file that is no frame")
    func badLine() throws {
        let recorded = try RecordedTest()
        var file = try #require(recorded.files[TestRecord.framesName])
        let third = try #require(file.indices.filter { file[$0] == 0x0A }.dropFirst(2).first)
        file.insert(contentsOf: Array("{\"n\":1}\n".utf8), at: third + 1)
        let error = #expect(throws: FrameFileError.self) { try FrameReader.frames(file) }
        #expect(error?.line == 4)
    }

    @Test("differs when a reading, a pack or the recorded result was changed, and says where")
    func differences() throws {
        var reading = try RecordedTest()
        let text = String(decoding: try #require(reading.files[TestRecord.framesName]), as: UTF8.self)
        let lines = text.split(separator: "\n").map(String.init)
        // Lambda decides nothing, but it is in the record.
        let changed = lines.enumerated().map { index, line in
            index > lines.count - 60 ? line.replacing("\"lambda\":[1,", with: "\"lambda\":[2,") : line
        }
        reading.files[TestRecord.framesName] = Array((changed.joined(separator: "\n") + "\n").utf8)
        let finding = try #require(reading.recompute().findings.first)
        #expect(finding.place.hasPrefix("payload.result.seconds["))
        #expect(finding.place.hasSuffix("].lambda"))

        var pack = try RecordedTest()
        let name = "pack-GB18285-2018-ASM-limits.yaml"
        pack.files[name] = Array(
            String(decoding: try #require(pack.files[name]), as: UTF8.self).replacing("\"0.50\"", with: "\"0.60\"").utf8
        )
        #expect(pack.recompute().findings.first?.message.code == .evidencePackLacking)

        var missing = try RecordedTest()
        missing.files[TestRecord.framesName] = nil
        #expect(missing.recompute().findings.first?.message.code == .evidenceAttachmentLacking)
    }

    @Test("can be sealed from its prologue after a kill")
    func prologue() throws {
        let recorded = try RecordedTest()
        let requirements = try #require(try PackLibrary.requirements("GB18285-2018-ASM", ASMRequirements.self))
        let limits = try #require(try PackLibrary.limits("GB18285-2018-ASM-limits", ASMLimits.self))
        let order = TestOrder(
            number: "1", method: .asm, attempt: 2, follows: "abc",
            vehicle: OrderedVehicle(
                plate: "P", vin: "LSVAA4180E2100001", fuel: .lpg, oilTemperatureReadable: false,
                curbMass: RoundedDecimal("900"), ratedPower: RoundedDecimal("88.5"),
                lambdaRange: .init(
                    low: try #require(RoundedDecimal("0.97")), high: try #require(RoundedDecimal("1.03"))),
                aspiration: .turbocharged, transmission: .manual, drive: .tandem, isHybrid: true,
                registered: "2019-05-01", tailPipes: 2),
            limitSet: "b", inspector: "A", driver: "B")
        let prologue = TestPrologue(
            TestContext(
                station: "S", testID: "T", order: order, started: "2026-11-21T09:00:00.000+08:00",
                isClockSynchronised: nil, rate: 1,
                software: SoftwareIdentity(version: "0", executable: Digest(of: []), isSimulationBuild: false),
                instruments: [],
                lane: LaneParameters(
                    parasiticLoss: ParasiticLoss(quadratic: 1e-4, linear: 0.01, constant: 0.2),
                    baseInertia: Mass(907.2),
                    analyzerDelay: .milliseconds(2300), flowMeterDelay: .milliseconds(400)),
                limits: PackReference(id: limits.identity.id, bytes: limits.bytes),
                requirements: PackReference(id: requirements.identity.id, bytes: requirements.bytes)))
        let store = Dictionary(prologue.attachments.map { (Digest(of: $0.bytes), $0.bytes) }) { first, _ in first }
        let bytes = try prologue.bytes()
        #expect(Set(TestPrologue.attachmentDigests(bytes)) == Set(store.keys))
        let read = try #require(TestPrologue(parsing: bytes, artifact: { store[$0] }))
        #expect(read.members == prologue.members)
        let procedure = try Recomputation.test(.object(read.members)) { read.attachment($0) }
        let test = try #require(procedure as? ASMProcedure).test
        #expect(test.fuel == .lpg && test.curbMass == Mass(900) && !test.oilTemperatureReadable)
        #expect(test.limits[.asm5025]?[.hydrocarbons]?.decimal == RoundedDecimal("47"))
        #expect(test.parasiticLoss == ParasiticLoss(quadratic: 1e-4, linear: 0.01, constant: 0.2))
        #expect(TestPrologue(parsing: bytes, artifact: { _ in nil }) == nil)
        _ = recorded
    }
}
