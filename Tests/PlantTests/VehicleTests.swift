import Foundation
import Messages
import Plant
import Testing

@Suite("A vehicle file")
struct VehicleTests {
    @Test("of each vehicle that comes with the simulator is in order")
    func embedded() throws {
        for id in Vehicle.embeddedIDs {
            let vehicle = try Vehicle.embedded(id)
            #expect(vehicle.id == id)
            // Full-load curves are power; torque is what makes sense of them: 20 to 200 N·m per litre.
            let torque = vehicle.ratedPower * 30_000 / (.pi * vehicle.ratedSpeed)
            #expect((20...200).contains(torque / vehicle.displacement), "\(id) \(torque)")
            #expect(vehicle.governedSpeed > vehicle.ratedSpeed)
        }
    }

    @Test("that does not exist is named, with those that do")
    func unknown() {
        let problems = #expect(throws: Problems.self) { try Vehicle.embedded("spotless") }
        #expect(
            problems?.all.first?.message.arguments["expected"]
                == .text("clean, dirty, gross, hybrid, clean-diesel, dirty-diesel, clean-truck, dirty-truck"))
    }

    @Test("with mistakes is rejected with all of them, each with its line")
    func mistakes() throws {
        let text = """
            id: broken
            curb-mass: 12
            engine:
              idle-speed: fast
              inertia: 0.16
              drag-torque: 18
              displacement: 1.6
              governed-speed: 6500
              full-load:
                - {engine-speed: 2000, power: 11}
                - {engine-speed: 1500, power: 19}
            gears: []
            driveline: {efficiency: 0.92, rotating-mass: 35, rolling-resistance: 140}
            oil: {initial-temperature: 88, warm-temperature: 90, warming-time: 420}
            colour: red
            exhaust:
              hydrogen-ratio: 1.8766
              light-off: 270
              cold-factor: {co: 2, hc: 2, no: 2}
              warm: []
            """
        let problems = #expect(throws: Problems.self) { try Vehicle(bytes: Array(text.utf8), name: "broken.yaml") }
        let found = (problems?.all ?? []).map { "\($0.location.line ?? 0) \($0.message.code.rawValue)" }
        #expect(found.contains("2 document.out-of-range"))
        #expect(found.contains("4 document.wrong-type"))
        #expect(found.contains("10 document.unknown-value"))
        #expect(found.contains("12 document.unknown-value"))
        #expect(found.contains("13 document.missing-key"))
        #expect(found.contains("15 document.unknown-key"))
        #expect(found.contains("20 document.unknown-value"))
        #expect(found.count == 7, "\(found)")
    }
}
