import Authority
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Rules for every method")
struct MethodRuleTests {
    @Test("Clean and dirty vehicles of every method keep every rule", arguments: Sealed.allCases)
    func right(_ sealed: Sealed) async throws {
        let record = try sealed.record
        try await withServer { _, client, lane in
            let answer = try await client.post(record, by: lane)
            #expect(answer.status == 200, "\(String(decoding: answer.body.prefix(1500), as: UTF8.self))")
        }
    }

    @Test("What was changed in a record is refused by its own rule", arguments: idle + transient + smoke + lugDown)
    func changed(_ change: Change) async throws {
        let record = try change.record
        try await withServer { server, client, lane in
            let answer = try await client.post(record, by: lane)
            #expect(answer.status == 422)
            var rules: [String] = []
            for problem in try answer.problems where !rules.contains(problem.rule) { rules.append(problem.rule) }
            #expect(rules == change.rules, "\(String(decoding: answer.body.prefix(800), as: UTF8.self))")
            #expect(await server.receipts.isEmpty)
        }
    }

    @Test("Every rule of a method is broken by one of the changes")
    func complete() {
        for (method, changes) in [
            ("two-speed-idle", idle), ("vmas", transient), ("free-acceleration", smoke), ("lug-down", lugDown),
        ] {
            let broken = Set(changes.flatMap(\.rules))
            let rules = RecordProblem.rules(ofMethod: method)
            #expect(rules.count > 10)
            #expect(rules.filter { !broken.contains($0) } == [], "\(method)")
        }
        #expect(RecordProblem.rules(ofMethod: "non-road") == RecordProblem.rules(ofMethod: "free-acceleration"))
        #expect(RecordProblem.rules(ofMethod: "walking") == [])
    }

    @Test("Limit b of NOx was wider until June 2020")
    func nox() async throws {
        var record = try Tested.lugDown(set: "b", limits: "GB3847-2018-until-2020-06-lug-down-limits")
        let later = record
        try await withServer { _, client, lane in
            let problems = try await client.post(later, by: lane).problems
            #expect(problems.map(\.path) == ["result.items[4].limit"])
        }
        record.set("time.started", "2020-06-30T23:59:59+08:00")
        let earlier = record
        try await withServer { _, client, lane in
            let answer = try await client.post(earlier, by: lane)
            #expect(answer.status == 200)
        }
    }

    @Test("A record without air is taken from portable instruments only")
    func air() async throws {
        var record = try Sealed.smokeClean.record
        record.set("environment", .null)
        let changed = record
        try await withServer { _, client, lane in
            let problems = try await client.post(changed, by: lane).problems
            #expect(Set(problems.map(\.rule)) == ["environment.plausible"])
        }
    }
}

/// Whole tests, by what they are to show.
enum Sealed: String, CaseIterable, Sendable {
    case idleClean, idleDirty, idleTwice
    case transientClean, transientDirty, transientOnGas
    case smokeClean, smokeDirty, smokeWithErrors, smokeWithoutMemory
    case machine, roadside
    case lugDownClean, lugDownDirty, lugDownOnMountain

    var record: Value { get throws { try Self.records[self].unwrapped.get() } }

    /// Each test is carried out once.
    private static let records = Dictionary(
        uniqueKeysWithValues: allCases.map { sealed in (sealed, Result { try sealed.carriedOut }) })

    private var carriedOut: Value {
        get throws {
            switch self {
            case .idleClean: try Tested.idle()
            case .idleDirty: try Tested.idle(exhaust: ["": .init(co: 0.7, hc: 150, no: 50)], set: "b")
            case .idleTwice:
                try Tested.idle {
                    $0.secondFuel = .naturalGas
                    $0.tailPipes = 2
                }
            case .transientClean: try Tested.transient()
            case .transientDirty: try Tested.transient(exhaust: .init(co: 1.2, hc: 500, no: 1400, co2: 13.8))
            case .transientOnGas: try Tested.transient(set: "b") { $0.fuel = .naturalGas }
            case .smokeClean: try Tested.smoke()
            case .smokeDirty: try Tested.smoke(puffs: [1.6, 1.4, 1.9])
            case .smokeWithErrors: try Tested.smoke(errors: [2: .slow, 6: .early])
            case .smokeWithoutMemory: try Tested.smoke(hasMemory: false)
            case .machine:
                try Tested.smoke(
                    method: .nonRoad, packs: ("GB36886-2018-non-road-limits", "GB36886-2018-non-road"), set: "class-2")
            case .roadside:
                try Tested.smoke(
                    method: .nonRoad, packs: ("GB3847-2018-roadside-limits", "GB36886-2018-non-road"), set: "b")
            case .lugDownClean: try Tested.lugDown()
            case .lugDownDirty: try Tested.lugDown(vehicle: Tested.smokingPickup)
            case .lugDownOnMountain: try Tested.lugDown(altitude: "3600", set: "b")
            }
        }
    }
}

/// One way to change a sealed record, and every rule that must notice.
struct Change: CustomTestStringConvertible, Sendable {
    let sealed: Sealed
    let edits: [(path: String, value: Value?)]
    let rules: [String]

    init(_ sealed: Sealed, _ edits: [(String, Value?)], _ rules: String...) {
        (self.sealed, self.edits, self.rules) = (sealed, edits, rules)
    }

    var record: Value {
        get throws {
            var record = try sealed.record
            for (path, value) in edits { record.set(path, value) }
            return record
        }
    }

    var testDescription: String { "\(sealed.rawValue): \(edits.map(\.path)) → \(rules)" }
}

/// Two-speed idle; the seconds of high idle are 49 to 78, those of idle 96 to 125, counted from 0.
private let idle = [
    Change(.idleClean, [("packs[0].id", "GB18285-2005-TSI-limits")], "packs.edition"),
    Change(.idleClean, [("order.vehicle.fuel", "diesel")], "outline.member", "idle.duration", "means.complete"),
    Change(.idleClean, [("result.items[4].id", "idle.no")], "items.complete", "item.id"),
    Change(.idleClean, [("result.items[0].pollutant", "HC")], "item.symbol"),
    Change(.idleClean, [("result.items[0].unit", "ppm")], "item.unit"),
    Change(.idleClean, [("result.items[0].value", "0.1")], "item.decimals"),
    Change(.idleClean, [("result.items[0].value", "0.11")], "item.full", "item.mean"),
    Change(.idleClean, [("result.items[1].limit", "60")], "item.limit"),
    Change(.idleClean, [("result.items[2].limitLow", "0.97")], "item.limit"),
    Change(.idleClean, [("result.items[1].limit", "30")], "item.column"),
    Change(.idleClean, [("order.limitSet", .null)], "outline.member"),
    Change(.idleClean, [("result.items[1].verdict", "failed")], "item.verdict", "verdict.items"),
    Change(.idleDirty, [("result.verdict", "passed")], "verdict.items"),
    Change(.idleClean, [("result.seconds[100].n", 100)], "seconds.number"),
    Change(.idleClean, [("result.seconds[100].t", 3)], "seconds.time"),
    Change(.idleClean, [("result.seconds[100].rpm", .null)], "seconds.missing"),
    Change(.idleClean, [("result.seconds[60].pt", 13)], "idle.duration"),
    Change(.idleClean, [("result.seconds[48].pt", 14)], "idle.duration"),
    Change(
        .idleClean, [("result.seconds[60].rpm", "2200"), ("result.seconds[61].rpm", "2250")], "idle.speed",
        "means.seconds"),
    Change(.idleClean, [("result.seconds[60].co2", "5.80")], "idle.carbon", "idle.lambda"),
    Change(.idleClean, [("result.seconds[60].lambdac", "1.0100")], "idle.lambda", "means.seconds"),
    Change(.idleClean, [("result.means[0].co", "0.0903")], "means.seconds", "item.mean"),
    Change(.idleClean, [("result.means[0].pipe", 2)], "means.complete"),
    Change(.idleClean, [("result.means[1].rpm", "900")], "means.seconds"),
    Change(.idleTwice, [("result.items[0].value", "0.12"), ("result.items[0].full", "0.12")], "item.mean"),
]

/// The simple transient method.
private let transient = [
    Change(.transientClean, [("packs[1].id", "GB18285-2005-VMAS")], "packs.edition"),
    Change(.transientClean, [("result.items[2].id", "no")], "items.complete", "item.id"),
    Change(.transientOnGas, [("result.items[0].pollutant", "HC")], "item.symbol"),
    Change(.transientClean, [("result.items[0].unit", "g")], "item.unit"),
    Change(.transientClean, [("result.items[0].value", "1.084")], "item.decimals"),
    Change(.transientClean, [("result.items[0].value", "1.09")], "item.full", "item.mass"),
    Change(.transientClean, [("result.items[0].limit", "8.1")], "item.limit"),
    Change(.transientClean, [("result.items[0].limit", "5.0")], "item.column"),
    Change(.transientDirty, [("result.items[1].verdict", "passed")], "item.verdict"),
    Change(.transientDirty, [("result.verdict", "passed")], "verdict.items"),
    Change(.transientClean, [("result.seconds[100].n", 100)], "seconds.number"),
    Change(.transientClean, [("result.seconds[100].kh", .null)], "seconds.missing"),
    Change(.transientClean, [("result.seconds[100].op", 14)], "cycle.operation"),
    Change(.transientClean, [("result.seconds[150].target", "49.000")], "cycle.target"),
    Change(
        .transientClean,
        [
            ("result.seconds[150].speed", "53.00"), ("result.seconds[151].speed", "53.00"),
            ("result.seconds[152].speed", "53.00"),
        ], "cycle.speed", "distance.sum"),
    Change(.transientClean, [("result.distance", "1.0120")], "distance.sum", "item.mass"),
    Change(.transientClean, [("result.distance", "0.8000")], "distance.sum", "distance.range", "item.mass"),
    Change(.transientClean, [("result.seconds[150].df", "1.2000")], "seconds.dilution", "seconds.corrected"),
    Change(.transientClean, [("result.seconds[150].kh", "0.9500")], "seconds.humidity", "seconds.corrected"),
    Change(.transientClean, [("result.seconds[150].coc", "0.1500")], "seconds.corrected", "seconds.mass.co"),
    Change(.transientClean, [("result.seconds[150].std", "125.000")], "seconds.flow", "seconds.exhaust"),
    Change(.transientClean, [("result.seconds[150].dr", "0.05000")], "seconds.share", "seconds.exhaust"),
    Change(.transientClean, [("result.seconds[150].drh", .bool(true))], "seconds.share"),
    Change(
        .transientClean, [("result.seconds[150].exh", "20.000")], "seconds.exhaust", "seconds.mass.co",
        "seconds.mass.hc",
        "seconds.mass.nox"),
    Change(.transientClean, [("result.seconds[150].mco", "0.009000")], "seconds.mass.co", "masses.sum"),
    Change(.transientClean, [("result.seconds[150].mhc", "0.009000")], "seconds.mass.hc", "masses.sum", "item.mass"),
    Change(.transientClean, [("result.seconds[150].mnox", "0.009000")], "seconds.mass.nox", "masses.sum"),
    Change(.transientClean, [("result.readings[0].noxBasis", "no")], "seconds.mass.nox"),
    Change(.transientClean, [("result.masses.co", "1.0000")], "masses.sum"),
    Change(.transientClean, [("result.seconds", .array([]))], "outline.complete", "cycle.seconds"),
]

/// Free acceleration; the fourth to sixth of the accelerations are measured.
private let smoke = [
    Change(.smokeClean, [("packs[0].id", "UK-MOT-free-acceleration-limits")], "packs.edition"),
    Change(.smokeClean, [("result.items[0].id", "opacity")], "items.complete", "item.id"),
    Change(.smokeClean, [("result.items[0].pollutant", "N")], "item.symbol"),
    Change(.smokeClean, [("result.items[0].unit", "%")], "item.unit"),
    Change(.smokeClean, [("result.items[0].value", "0.6")], "item.decimals"),
    Change(.smokeClean, [("result.items[0].value", "0.61")], "item.full", "item.mean"),
    Change(.smokeClean, [("result.items[0].limit", "1.6")], "item.limit"),
    Change(.machine, [("result.items[0].limit", "1.00")], "item.limit"),
    Change(.machine, [("result.items[0].limit", "1.61")], "item.column"),
    Change(.smokeClean, [("result.items[0].limit", "0.7")], "item.column"),
    Change(.smokeDirty, [("result.items[0].verdict", "passed")], "item.verdict", "verdict.items"),
    Change(.smokeDirty, [("result.verdict", "passed")], "verdict.items"),
    Change(.smokeClean, [("result.seconds[50].n", 50)], "seconds.number"),
    Change(.smokeClean, [("result.seconds[50].t", 3)], "seconds.time"),
    Change(.smokeClean, [("result.seconds[82].rpm", .null)], "seconds.missing"),
    Change(.smokeClean, [("result.accelerations[1].valid", .bool(false))], "smoke.purges"),
    Change(.smokeClean, [("result.accelerations[4].valid", .bool(false))], "smoke.count"),
    Change(.smokeClean, [("result.accelerations[3].topSpeed", "2000")], "smoke.course"),
    Change(.smokeClean, [("result.accelerations[3].hold", "1.90")], "smoke.course"),
    Change(.smokeClean, [("result.accelerations[3].rise", "3.10")], "smoke.course"),
    Change(.smokeClean, [("result.accelerations[0].threshold", "1500")], "smoke.course"),
    Change(.smokeClean, [("result.accelerations[5].peak", "0.50")], "smoke.peak"),
    Change(.smokeClean, [("result.accelerations[5].peakReadings", "0.40")], "smoke.readings"),
    Change(.smokeClean, [("result.accelerations[5].n", 9)], "smoke.readings"),
    Change(.smokeClean, [("result.seconds[50].k", "0.90")], "seconds.opacity"),
    Change(
        .smokeClean, [("result.items[0].value", "0.50"), ("result.items[0].full", "0.5")], "item.mean"),
]

/// Lug-down; seconds 64 to 72 are those of the first point, 27 is that of the greatest power, counted from 0.
private let lugDown = [
    Change(.lugDownClean, [("packs[0].id", "GB3847-2005-lug-down")], "packs.edition"),
    Change(.lugDownClean, [("result.items[4].id", "p100.nox")], "items.complete", "item.id", "item.point"),
    Change(.lugDownClean, [("result.items[4].pollutant", "NO")], "item.symbol"),
    Change(.lugDownClean, [("result.items[0].unit", "PS")], "item.unit"),
    Change(.lugDownClean, [("result.items[0].value", "64.99")], "item.decimals"),
    Change(.lugDownClean, [("result.items[0].value", "70.0")], "item.full", "item.scan"),
    Change(.lugDownClean, [("result.items[0].limitLow", "30.00")], "item.limit"),
    Change(.lugDownClean, [("order.vehicle.ratedPower", "90")], "item.limit"),
    Change(.lugDownClean, [("laneParameters.altitude", "2600")], "item.limit"),
    Change(.lugDownOnMountain, [("laneParameters.altitude", .null)], "item.column"),
    Change(.lugDownClean, [("result.items[4].limit", "900")], "item.column"),
    Change(.lugDownDirty, [("result.items[2].verdict", "passed")], "item.verdict"),
    Change(.lugDownDirty, [("result.verdict", "passed")], "verdict.items"),
    Change(.lugDownClean, [("result.seconds[50].n", 50)], "seconds.number"),
    Change(.lugDownClean, [("result.seconds[50].t", 3)], "seconds.time"),
    Change(.lugDownClean, [("result.seconds[66].k", .null)], "seconds.missing"),
    Change(.lugDownClean, [("result.seconds[40].brake", "60.00")], "seconds.brake", "seconds.power"),
    Change(.lugDownClean, [("result.seconds[40].loss", "2.49")], "seconds.loss", "seconds.power"),
    Change(.lugDownClean, [("result.seconds[40].power", "66.23")], "seconds.power", "seconds.corrected-power"),
    Change(
        .lugDownClean, [("result.seconds[40].pcf", "0.9999")], "seconds.power-factor", "seconds.corrected-power"),
    Change(.lugDownClean, [("result.seconds[40].pc", "65.00")], "seconds.corrected-power"),
    Change(.lugDownClean, [("order.vehicle.aspiration", "natural")], "seconds.power-factor"),
    Change(.lugDownClean, [("result.seconds[40].noxc", "500.0")], "seconds.corrected-nox"),
    Change(.lugDownClean, [("result.seconds[40].kh", "0.8000")], "seconds.corrected-nox", "seconds.humidity"),
    Change(.lugDownClean, [("result.scan.maxHP", "60.00")], "scan.maximum"),
    Change(.lugDownClean, [("result.scan.t", 200)], "scan.maximum"),
    Change(.lugDownClean, [("result.scan.velMaxHP", "66.00")], "scan.maximum", "points.target"),
    Change(.lugDownClean, [("result.scan.rpmRatio", "100.00")], "scan.ratio", "item.scan"),
    Change(.lugDownClean, [("result.points[1].point", "p90")], "outline.member", "points.complete", "points.seconds"),
    Change(.lugDownClean, [("result.points[0].target", "60.00")], "points.target", "points.seconds"),
    Change(.lugDownClean, [("result.seconds[66].stage", "stabilise")], "points.seconds"),
    Change(.lugDownClean, [("result.points[0].k", "0.400")], "points.means", "item.point"),
    Change(.lugDownClean, [("result.points[1].nox", "650.0")], "points.means", "item.point"),
]
