import Foundation
import Testing

extension EndToEnd {
    @Suite("lane plan")
    struct PlanTests {
        /// An order whose method is not decided, and what its plan must say.
        struct Ordered: CustomTestStringConvertible, Sendable {
            let name: String
            let vehicle: String
            var region: String?
            let permitted: Set<String>
            /// Exclusions that must be among the reasons, with their method.
            let excluded: [String: String]
            let needsOBD: Bool?

            var testDescription: String { name }
        }

        static let orders = [
            Ordered(
                name: "a gasoline car",
                vehicle: "fuel: gasoline, curb-mass: 1250, gross-mass: 1700, rated-speed: 5500, registered: 2019-05-01",
                permitted: ["asm", "two-speed-idle", "vmas"], excluded: ["lug-down": "diesel-only"], needsOBD: true),
            Ordered(
                name: "a bi-fuel car where the simple transient method is adopted",
                vehicle: """
                    fuel: gasoline, second-fuel: natural-gas, curb-mass: 1250, gross-mass: 1700, rated-speed: 5500, \
                    registered: 2011-06-30
                    """,
                region: "{methods: [vmas, lug-down], limit-set: b}", permitted: ["vmas"],
                excluded: ["asm": "other-loaded-method", "two-speed-idle": "loaded-method-comes-first"],
                needsOBD: false),
            Ordered(
                name: "a gasoline car with permanent four-wheel drive",
                vehicle: "fuel: gasoline, curb-mass: 1800, gross-mass: 2400, drive: full-time-four-wheel",
                permitted: ["two-speed-idle"],
                excluded: ["asm": "permanent-four-wheel", "vmas": "permanent-four-wheel"], needsOBD: nil),
            Ordered(
                name: "a heavy gasoline lorry", vehicle: "fuel: gasoline, gross-mass: 4200, registered: 2019-05-01",
                permitted: ["two-speed-idle"], excluded: ["asm": "heavy-gasoline", "vmas": "heavy-gasoline"],
                needsOBD: false),
            Ordered(
                name: "a diesel pickup where lug-down is adopted",
                vehicle: """
                    fuel: diesel, gross-mass: 3200, rated-power: 85, rated-speed: 3200, aspiration: turbocharged, \
                    transmission: manual, drive: two-wheel, registered: 2018-01-01
                    """,
                region: "{methods: [vmas, lug-down]}", permitted: ["lug-down", "non-road"],
                excluded: ["asm": "spark-ignition-only", "free-acceleration": "lug-down-comes-first"], needsOBD: true),
            Ordered(
                name: "an excavator", vehicle: "fuel: diesel, category: machinery, rated-power: 110, rated-speed: 2100",
                permitted: ["non-road"],
                excluded: ["lug-down": "road-vehicles-only", "free-acceleration": "road-vehicles-only"],
                needsOBD: false),
        ]

        @Test("says which methods a vehicle can be tested by, and why not by the others", arguments: orders)
        func plan(_ ordered: Ordered) async throws {
            let space = try Workspace()
            var arguments = ["plan", "--order", try Self.order(ordered, in: space), "--day", "2026-03-01"]
            if let region = ordered.region { arguments += ["--lane", try Self.lane(region, in: space)] }
            let finished = await (try LaneProgram.Running(LaneProgram.path, arguments + ["--json"])).finished()
            #expect(finished.code == 0, "\(finished.errors)")
            let plan = try finished.json()
            let methods = try #require(plan["methods"] as? [[String: Any]])
            #expect(methods.count == 6)
            let permitted = methods.filter { $0["permitted"] as? Bool == true }
            #expect(Set(permitted.compactMap { $0["method"] as? String }) == ordered.permitted)
            for entry in permitted { #expect(entry["limits"] as? String != nil, "\(entry)") }
            for (method, rule) in ordered.excluded {
                let entry = try #require(methods.first { $0["method"] as? String == method })
                let exclusions = try #require(entry["exclusions"] as? [[String: Any]])
                let found = try #require(exclusions.first { $0["rule"] as? String == rule }, "\(entry)")
                #expect((found["clause"] as? String)?.contains("GB ") == true)
                #expect(["M-H", "M-M", "M-L"].contains(found["grade"] as? String))
            }
            #expect((plan["checks"] as? [String: Any])?["obdNeeded"] as? Bool == ordered.needsOBD)

            for (language, words) in [("en", "not permitted"), ("zh-CN", "不允许")] {
                let told = await (try LaneProgram.Running(LaneProgram.path, arguments + ["--language", language]))
                    .finished()
                #expect(told.output.components(separatedBy: words).count == 7 - ordered.permitted.count)
                #expect(!told.output.contains("{"), "\(told.output)")
            }
        }

        @Test("refuses an order that it cannot read, with every problem and its line")
        func refused() async throws {
            let space = try Workspace()
            let order = try space.write(
                "number: 1\nvehicle: {plate: A, vin: SHORT, fuel: coal}\ninspector: A\ndriver: B\n", to: "order.yaml")
            let finished = try await LaneProgram.run("plan", "--order", order)
            #expect(finished.code == 78)
            for expected in ["order.yaml:2: “vin”", "order.yaml:2: “fuel” is “coal”", "“oil-temperature-readable” is"] {
                #expect(finished.errors.contains(expected), "\(expected)\n\(finished.errors)")
            }
        }

        private static func order(_ ordered: Ordered, in space: Workspace) throws -> String {
            try space.write(
                """
                number: PLAN
                vehicle: {plate: 苏A00001, vin: LSVAA4180E2100001, oil-temperature-readable: true, \(ordered.vehicle)}
                inspector: A
                driver: B
                """, to: "order.yaml")
        }

        private static func lane(_ region: String, in space: Workspace) throws -> String {
            let example = try String(
                contentsOfFile: "\(LaneProgram.root)/Devices/lanes/simulated.yaml", encoding: .utf8)
            return try space.write("\(example)\nregion: \(region)\n", to: "lane.yaml")
        }
    }

    @Suite("lane standards")
    struct StandardsTests {
        @Test("lists every pack with its dates, and as JSON with its digest")
        func list() async throws {
            let finished = try await LaneProgram.run("standards", "list", "--json")
            #expect(finished.code == 0)
            let packs = try #require(
                try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [[String: Any]])
            let ids = Set(packs.compactMap { $0["id"] as? String })
            for id in [
                "GB18285-2018-ASM-limits", "GB18285-2018-TSI", "GB18285-2018-VMAS", "GB3847-2018-lug-down-limits",
                "GB3847-2005-free-acceleration", "GB36886-2018-non-road-limits", "CN-2018-vehicle-checks",
            ] { #expect(ids.contains(id)) }
            for pack in packs {
                #expect((pack["sha256"] as? String)?.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
                #expect(pack["values"] as? Int ?? 0 > 0, "\(pack)")
            }
            let plain = try await LaneProgram.run("standards", "list", "--language", "zh-CN")
            let lines = plain.output.split(separator: "\n")
            #expect(lines.count == packs.count)
            #expect(
                lines.contains {
                    $0.hasPrefix("GB3847-2018-until-2020-06-lug-down-limits\tlimits\tlug-down\t2019-05-01…2020-06-30")
                })
        }

        @Test("shows every value with unit, source and grade")
        func show() async throws {
            let finished = try await LaneProgram.run("standards", "show", "GB18285-2018-ASM-limits")
            #expect(finished.code == 0)
            #expect(finished.output.contains("sets.a.asm5025.co\t0.50 %\tM\tM-H"), "\(finished.output)")
            #expect(finished.output.contains("sets.b.asm2540.no\t390 ppm\tM\tM-H"))
            let json = try await LaneProgram.run("standards", "show", "GB3847-2018-lug-down-limits", "--json").json()
            let rows = try #require(json["rows"] as? [[String: Any]])
            let nox = try #require(rows.first { $0["path"] as? String == "sets.b.nox" })
            #expect(nox["value"] as? String == "900" && nox["note"] as? String == "1200 until 2020-06-30")
            let unknown = try await LaneProgram.run("standards", "show", "GB18285-1999")
            #expect(unknown.code == 66)
            #expect(unknown.errors.contains("GB18285-2018-ASM-limits"))
        }

        @Test("compares packs value by value, also with one in a file")
        func diff() async throws {
            let tightened = try await LaneProgram.run(
                "standards", "diff", "GB3847-2018-until-2020-06-lug-down-limits", "GB3847-2018-lug-down-limits",
                "--json")
            let changes = try #require(
                try JSONSerialization.jsonObject(with: Data(tightened.output.utf8)) as? [[String: Any]])
            #expect(changes.map { $0["path"] as? String } == ["sets.b.nox"])

            let space = try Workspace()
            let id = "GB18285-2018-ASM-limits"
            let text = try String(
                contentsOfFile: "\(LaneProgram.root)/Sources/Standards/Packs/\(id).yaml", encoding: .utf8)
            let own = try space.write(
                text.replacing("\"0.50\"", with: "\"0.45\"", maxReplacements: 1), to: "own.yaml")
            let finished = try await LaneProgram.run("standards", "diff", id, own, "--language", "en")
            #expect(finished.code == 0)
            #expect(finished.output.contains("- sets.a.asm5025.co\t0.50 %"), "\(finished.output)")
            #expect(finished.output.contains("+ sets.a.asm5025.co\t0.45 %"))
            #expect(finished.output.contains("1 differences between"))
            let same = try await LaneProgram.run("standards", "diff", id, id)
            #expect(same.code == 0 && same.output.contains("0 "))
        }
    }
}
