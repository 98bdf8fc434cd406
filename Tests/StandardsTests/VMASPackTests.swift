import Documents
import Messages
import Metrology
import Standards
import Testing

@Suite("The packs of the simple transient method")
struct VMASPackTests {
    private func requirements(_ change: (String) -> String = { $0 }) throws -> VMASRequirements {
        let document = try #require(try PackLibrary.document("GB18285-2018-VMAS"))
        let text = change(String(decoding: document.bytes, as: UTF8.self))
        return try VMASRequirements(document: Document(bytes: Array(text.utf8), name: "bad.yaml"))
    }

    @Test("hold limits a and b in g/km, HC and NOx apart")
    func limits() throws {
        let limits = try #require(try PackLibrary.limits("GB18285-2018-VMAS-limits", VMASLimits.self))
        #expect(limits.setNames == ["a", "b"])
        for (set, values) in [("a", ["8.0", "1.6", "1.3"]), ("b", ["5.0", "1.0", "0.7"])] {
            let found = try #require(limits.limits(set))
            #expect(MassPollutant.allCases.map { found[$0]?.decimal.description } == values)
            #expect(found.values.allSatisfy { $0.unit == "g/km" })
        }
        #expect(limits.naturalGasHydrocarbons == .recommended)
    }

    @Test("hold the urban cycle of 195 s and 1.0146 km in 25 operations and 15 phases")
    func cycle() throws {
        let cycle = try requirements().cycle
        #expect(cycle.seconds == 195)
        #expect(cycle.operations.count == 25)
        #expect(cycle.operations.last?.phase == 15)
        #expect(abs(cycle.trace.distance - 1.0146) < 0.00005)
        // Seconds of a public table of station software; its linear parts.
        let table: [(Double, Double)] = [
            (11, 0), (15, 15), (24, 12.5), (50, 3), (57, 18.4), (61, 32), (86, 29.25), (94, 6.667), (128, 23.889),
            (136, 36.875), (150, 50), (156, 48.125), (163, 35), (188, 0), (195, 0),
        ]
        for (second, speed) in table { #expect(abs(cycle.trace.speed(at: second).value - speed) < 0.001) }
    }

    @Test("hold the classes of reference mass of ECE")
    func classes() throws {
        let load = try requirements().load
        let table: [(Double, Double, Double)] = [
            (700, 1.3, 680), (1000, 1.5, 910), (1350, 1.8, 1360), (1700, 2.0, 1590), (2200, 2.4, 2270),
            (9999, 2.7, 2270),
        ]
        for (mass, power, inertia) in table {
            let row = load.loadClass(referenceMass: Mass(mass))
            #expect(row.power == Power(power) && row.inertia == Mass(inertia))
        }
    }

    @Test("say what is wrong with them, all at once")
    func mistakes() throws {
        let error = #expect(throws: Problems.self) {
            try requirements {
                $0.replacing("{until: 15, speed: 15", with: "{until: 9, speed: 15")
                    .replacing("{up-to: 850,", with: "{up-to: 700,")
                    .replacing("{value: no2, source", with: "{value: n2o, source")
                    .replacing(
                        "flow-minimum: {value: \"97\", unit: L/s", with: "flow-minimum: {value: \"97\", unit: m/s"
                    )
                    .replacing("time-tolerance: ", with: "time-tolerence: ")
            }
        }
        let codes = try #require(error).all.map(\.message.code)
        #expect(codes.count { $0 == .documentOutOfRange } == 2)
        #expect(codes.contains(.documentMissingKey))
        #expect(codes.count { $0 == .documentUnknownValue } == 2)
        #expect(try #require(error).all.allSatisfy { $0.location.line != nil })
    }

    @Test("are read only as what they are")
    func otherMethod() throws {
        let document = try #require(try PackLibrary.document("GB18285-2018-VMAS"))
        #expect(throws: Problems.self) { try ASMRequirements(document: document) }
        #expect(throws: Problems.self) { try VMASLimits(document: document) }
        #expect(try TestMethod.vmas.requirements(document) is VMASRequirements)
    }
}
