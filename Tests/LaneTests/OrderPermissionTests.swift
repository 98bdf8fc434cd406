import Documents
import Foundation
import Instruments
import Lane
import Messages
import Metrology
import Procedures
import Testing

@Suite("An order for a lane")
struct OrderPermissionTests {
    private static let devices = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Devices").path

    /// A lane with the instruments for gasoline cars, and more lines of its file.
    private func lane(_ more: String = "") throws -> LaneConfiguration {
        let text = """
            lane: {id: L-1, station: S}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs:
              asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}
              two-speed-idle: {limits: GB18285-2018-TSI-limits, requirements: GB18285-2018-TSI}
            instruments:
              - {role: gas-analyzer, profile: mqw-50a, port: /dev/a}
              - {role: dynamometer, profile: bntd, port: /dev/b}
              - {role: tachometer, profile: mqz-2, port: /dev/c}
              - {role: weather-station, profile: dwsp-t5, port: /dev/d}
            \(more)
            """
        return try LaneConfiguration(
            document: try Document(bytes: Array(text.utf8), name: "lane.yaml"),
            devices: try DeviceLibrary(directory: Self.devices))
    }

    private func order(_ method: String = "asm", vehicle: String = "", _ more: String = "") throws -> Document {
        let text = """
            number: "1"
            method: \(method)
            vehicle:
              plate: P
              vin: LSVAA4180E2100001
              fuel: gasoline
              curb-mass: 1250
              rated-speed: 5500
              oil-temperature-readable: true
              registered: 2019-05-01
              \(vehicle)
            limit-set: a
            inspector: A
            driver: B
            \(more)
            """
        return try Document(bytes: Array(text.utf8), name: "order.yaml")
    }

    private func problems(_ order: Document, checks: Document? = nil, on lane: LaneConfiguration) -> [Problem] {
        do throws(Problems) {
            _ = try OrderFile.read(order, checks: checks, lane: lane)
            return []
        } catch { return error.all }
    }

    @Test("is taken where nothing excludes its method, whatever else it does not say")
    func permitted() throws {
        #expect(problems(try order(), on: try lane()) == [])
        #expect(problems(try order(vehicle: "gross-mass: 1700"), on: try lane()) == [])
    }

    @Test("is refused for a vehicle that cannot be driven on the rollers, with every reason and its line")
    func excluded() throws {
        let vehicle = "gross-mass: 4200\n  drive: full-time-four-wheel"
        let found = problems(try order(vehicle: vehicle), on: try lane())
        #expect(found.map(\.message.code) == [.planExcludedMass, .planExcludedDrive])
        #expect(found.map(\.location.line) == [11, 12])
        #expect(problems(try order("two-speed-idle", vehicle: vehicle), on: try lane()) == [])
    }

    @Test("is refused where the local government adopted another method or other limits")
    func region() throws {
        let vmas = try lane("region: {methods: [vmas], limit-set: b}")
        #expect(problems(try order(), on: vmas).map(\.message.code) == [.planExcludedRegion, .planLimitSet])
        let idle = try order("two-speed-idle", vehicle: "gross-mass: 1700")
        #expect(problems(idle, on: vmas).map(\.message.code) == [.planExcludedLoaded, .planLimitSet])
        #expect(problems(try order(), on: try lane("region: {methods: [asm], limit-set: a}")) == [])
    }

    @Test("is refused while the checks before the tailpipe are missing, where the lane requires them")
    func required() throws {
        let strict = try lane("vehicle-checks: required")
        let found = problems(try order(), on: strict)
        #expect(found.map(\.message.code) == [.checkMissing, .checkMissing])
        let checks = try Document(contentsOf: "\(Self.devices)/lanes/vehicle-checks.yaml")
        #expect(problems(try order(), checks: checks, on: strict) == [])
    }

    @Test("keeps the checks of the example with who and when")
    func example() throws {
        let checks = try Document(contentsOf: "\(Self.devices)/lanes/vehicle-checks.yaml")
        let read = try #require(try OrderFile.read(try order(), checks: checks, lane: nil).checks)
        #expect(read.appearance?.signature == CheckSignature(by: "A", at: "2024-03-01T10:05:00+08:00"))
        #expect(read.obd?.units.first?.calibration == "8K0907115B-0004")
        #expect(read.observations.map(\.kind) == [.ringelmann(0)])
    }

    @Test("is taken when complete checks fail the vehicle: that is recorded, not refused")
    func failed() throws {
        let checks = """
            vehicle-checks:
              obd:
                by: A
                at: 2026-03-01T10:05:00+08:00
                communication: true
                mil-commanded: true
                mil-lit: false
                codes: [P0301]
                monitors: {catalyst: complete}
                units: [{name: engine, calid: CAL-1}]
              observations:
                - {by: A, at: "2026-03-01T10:05:00+08:00", ringelmann: 3}
            """
        #expect(problems(try order("asm", vehicle: "", checks), on: try lane()) == [])
    }

    @Test("is refused when its checks fail the vehicle and are not complete, with everything that was found")
    func incomplete() throws {
        let checks = """
            vehicle-checks:
              obd:
                by: A
                at: 2026-03-01T10:05:00+08:00
                communication: true
                mil-commanded: true
                mil-lit: false
                codes: [P0301]
                monitors: {catalyst: complete}
              observations:
                - {by: A, at: "2026-03-01T10:05:00+08:00", ringelmann: 3}
            """
        let found = problems(try order("asm", vehicle: "", checks), on: try lane())
        #expect(found.map(\.message.code) == [.checkOBD, .checkOBD, .checkMissing, .checkRingelmann])
        #expect(found.allSatisfy { ($0.location.line ?? 0) > 14 })
    }

    @Test("tells every mistake in its checks at once")
    func mistakes() throws {
        let checks = """
            vehicle-checks:
              appearance:
                by: A
                at: yesterday
                items: {tyres: maybe, wheels: true}
              obd:
                by: A
                at: 2026-03-01T10:05:00+08:00
                communication: 1
                monitors: {catalyst: done}
              observations:
                - {by: A, at: "2026-03-01T10:05:00+08:00"}
                - {by: A, at: "2026-03-01T10:05:00+08:00", ringelmann: 6}
            """
        let found = problems(try order("asm", vehicle: "", checks), on: try lane())
        #expect(found.count >= 7, "\(found)")
        let codes = Set(found.map(\.message.code))
        #expect(codes.isSuperset(of: [.documentWrongType, .documentUnknownKey, .documentUnknownValue]))
        #expect(codes.contains(.documentMissingKey) && codes.contains(.documentOutOfRange))
    }

    @Test("is a retest that names the record which it follows, or a first test that names none")
    func retest() throws {
        let digest = "sha256:" + String(repeating: "0f", count: 32)
        let read = try OrderFile.read(
            try order("asm", vehicle: "", "attempt: 2\nfollows: \(digest)"), lane: try lane())
        #expect(read.attempt == 2 && read.follows == digest)
        for (more, code) in [
            ("attempt: 2", MessageCode.orderRetestFollows), ("follows: \(digest)", .orderFirstFollows),
            ("attempt: 1\nfollows: \(digest)", .orderFirstFollows),
            ("attempt: 2\nfollows: sha256:0f", .documentWrongType), ("attempt: 0", .documentOutOfRange),
        ] {
            #expect(
                problems(try order("asm", vehicle: "", more), on: try lane()).map(\.message.code) == [code], "\(more)")
        }
    }

    @Test("need not have decided its method for a plan")
    func undecided() throws {
        let text = String(decoding: try order().bytes, as: UTF8.self)
            .replacingOccurrences(of: "method: asm\n", with: "").replacingOccurrences(of: "limit-set: a\n", with: "")
        let document = try Document(bytes: Array(text.utf8), name: "order.yaml")
        #expect(try OrderFile.readUndecided(document).vehicle.curbMass?.description == "1250")
        #expect(throws: Problems.self) { try OrderFile.read(document, lane: nil) }
    }
}
