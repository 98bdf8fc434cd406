import Foundation
import Instruments
import InstrumentsTestKit
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("A probe of a port")
struct ProbeTests {
    private let somewhere = try? PortAddress("/dev/simulated")

    private func probe(_ ids: [String]? = nil) throws -> PortProbe {
        let profiles = try ids?.map { try Profiles.named($0) } ?? Array(try Profiles.all.get().profiles.values)
        return PortProbe(profiles: profiles, patience: .milliseconds(400))
    }

    private func look(_ probe: PortProbe, _ port: SimulatedPort) async throws -> PortProbe.Finding {
        try await probe.look(at: try #require(somewhere), opener: port)
    }

    @Test("finds the model among all models wherever it can be asked or heard, and moves nothing")
    func everyModel() async throws {
        let probe = try probe()
        var (found, silent, moved): ([String: [String]], [String], [String]) = ([:], [], [])
        // libmodbus speaks for DWSP-T5, in real time: it is looked for on a real port below.
        for (profile, role) in try Profiles.simulated() where !["dwsp-t5", "zhengde"].contains(profile.id) {
            if profile.id == "modbus-dyno-tcp" { continue }
            let port = try SimulatedPort(InstrumentRequest(role, profile.model))
            // Some benches draw, and some fans run, as soon as they are on.
            port.lane.advance(to: 1_000_000_000)
            let before = port.lane.lane.snapshot().plant
            let finding = try await look(probe, port)
            let ids = finding.answers.map(\.id)
            let refusals = Self.mustBeToldFirst.contains(profile.id) ? [profile.id] : []
            #expect(finding.refusals.map(\.id) == refusals, "\(profile.id)")
            let after = port.lane.lane.snapshot().plant
            let isMoved =
                after.brakeMode != before.brakeMode || after.lift != before.lift || after.inlet != before.inlet
                || after.nitrogenInlet != before.nitrogenInlet || after.motorRuns != before.motorRuns
                || after.tube.fanRuns != before.tube.fanRuns
            // What takes single bytes for commands takes those of others' questions for them, too.
            #expect(!isMoved || Self.takesSingleBytes.contains(profile.id), "\(profile.id)")
            if isMoved { moved.append(profile.id) }
            if profile.canBeProbed, !Self.mustBeToldFirst.contains(profile.id) {
                #expect(ids.contains(profile.id), "\(profile.id): \(ids)")
                found[profile.id] = ids
            } else {
                #expect(!ids.contains(profile.id))
                silent.append(profile.id)
            }
        }
        let several = found.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
        print("\(found.count) models found; with others that answer alike: \(several.map { "\($0.key) \($0.value)" })")
        print("\(silent.count) not asked for: \(silent.sorted().joined(separator: " "))")
        print("moved by questions for others: \(moved.sorted().joined(separator: " "))")
        #expect(found.count > 30)
    }

    private static let takesSingleBytes: Set = [
        "fla-502", "flv-1000", "mq-550", "mqw-511", "nha-501a", "nha-503", "nha-506", "nha-506i", "sv-5q",
    ]
    /// It refuses its values before it is told to be a flow meter, and a search tells nothing.
    private static let mustBeToldFirst: Set = ["amb-vmas"]

    @Test("asks nothing but what reads")
    func harmless() async throws {
        var probe = try probe()
        probe.units = [1, 2]
        let brake = try SimulatedPort(InstrumentRequest(.dynamometer, "NHC-03"))
        #expect(try await look(probe, brake).answers.map(\.id) == ["nhc-03"])
        #expect(brake.received == ["C"])
        let bench = try SimulatedPort(InstrumentRequest(.gasAnalyzer, "MQW-50A"))
        #expect(try await look(probe, bench).answers.map(\.id).contains("mqw-50a"))
        #expect(bench.received.isSubset(of: ["60", "61", "A3", "A8"]), "\(bench.received)")
    }

    @Test("finds an instrument that was set to another speed, where every speed is tried")
    func bauds() async throws {
        for speed in LineSettings.bauds where speed != 9600 {
            let port = try SimulatedPort(
                InstrumentRequest(.gasAnalyzer, "MQW-50A"), faults: [Fault(.baudMismatch, amount: Double(speed))])
            var probe = try probe(["mqw-50a", "fla-501", "ak-analyzer"])
            #expect(try await look(probe, port).answers.isEmpty, "\(speed)")
            probe.bauds = LineSettings.bauds
            let answers = try await look(probe, port).answers
            #expect(answers.map(\.id) == ["mqw-50a"] && answers.first?.line.baud == speed, "\(speed): \(answers)")
        }
    }

    @Test("finds an instrument that was set to another unit, of Modbus or not, within the range that is searched")
    func units() async throws {
        for (id, unit) in [
            ("metsens300", UInt8(5)), ("modbus-dyno", 247), ("nhf-1", 3), ("thp-modbus", 2), ("rz-1", 16),
            ("opa-100", 3), ("mgt-300", 9), ("ak-nox", 7),
        ] {
            let profile = try Profiles.named(id)
            let port = try SimulatedPort(InstrumentRequest(profile.role, profile.model, unit: unit))
            var probe = try probe()
            #expect(try await look(probe, port).answers.isEmpty, "\(id) answers as the usual unit")
            probe.units = Array(1..<unit).suffix(4)
            #expect(try await look(probe, port).answers.isEmpty, "\(id) answers below \(unit)")
            probe.units.append(unit)
            let answers = try await look(probe, port).answers
            #expect(answers.contains { $0.id == id }, "\(id)")
            #expect(answers.allSatisfy { $0.unit == unit })
            // The entry that is proposed works, once what the search has left unfinished is forgotten.
            port.lane.advance(to: port.lane.now + 2_000_000_000)
            let found = try #require(answers.first { $0.id == id })
            let driver = Instrument(profile: found, port: try #require(somewhere), opener: port) { .zero }
            try await driver.connect()
            #expect(await driver.poll().failures.isEmpty)
            await driver.close()
        }
    }

    @Test("finds once what answers whatever unit it is asked as")
    func anyUnit() async throws {
        for (model, id, unit) in [
            ("Gas analyzer with the AK protocol", "ak-analyzer", UInt8(0x20)), ("VMT-2000", "vmt-2000", 0xFF),
        ] {
            let role = try Profiles.named(id).role
            let port = try SimulatedPort(InstrumentRequest(role, model))
            var probe = try probe([id])
            probe.units = Array(1...4)
            #expect(try await look(probe, port).answers.map(\.unit) == [unit])
        }
    }

    @Test("tells bytes that it cannot read from silence")
    func noise() async throws {
        let probe = try probe(["mqz-2", "mqw-50a"])
        let noisy = try SimulatedPort(
            InstrumentRequest(.tachometer, "MQZ-2"), faults: [Fault(.baudMismatch, amount: 38_400)])
        let finding = try await look(probe, noisy)
        #expect(finding.answers.isEmpty && finding.strayBytes > 0 && finding.asked == 2)
        let silent = try SimulatedPort(InstrumentRequest(.tachometer, "MQZ-2"), faults: [Fault(.silent)])
        let nothing = try await look(probe, silent)
        #expect(nothing.answers.isEmpty && nothing.strayBytes == 0)
        let stream = try SimulatedPort(InstrumentRequest(.tachometer, "MQZ-2"))
        #expect(try await look(probe, stream).answers.map(\.id) == ["mqz-2"])
        #expect(stream.received.isEmpty && stream.lane.lane.snapshot().instruments[0].frames.rejected == 0)
    }
}

/// The same on ports of this machine; how long an answer is waited for leaves room for a busy computer.
@Suite("A probe of a real port", .serialized)
struct RealProbeTests {
    private func probe(_ ids: [String]) throws -> PortProbe {
        PortProbe(profiles: try ids.map { try Profiles.named($0) }, patience: .seconds(3))
    }

    /// Looks again where nothing was found: a busy computer may answer later than the model is given time for.
    private func look(_ probe: PortProbe, at port: PortAddress) async throws -> PortProbe.Finding {
        for _ in 0..<2 {
            let finding = try await probe.look(at: port)
            if !finding.answers.isEmpty { return finding }
        }
        return try await probe.look(at: port)
    }

    @Test("asks a Modbus station only when the line has been silent for as long as a pause within a frame may be")
    func silenceBeforeModbus() async throws {
        let lane = try TestLane(
            [InstrumentRequest(.weatherStation, "DWSP-T5")], clock: ManualTime().clock, warmUp: 0)
        let port = try PortAddress(try #require(lane.lane.endpoints.first).path)
        // The question for the opacimeter is the beginning of a frame to the station's libmodbus, for half a second.
        let profiles = try ["cap3030", "dwsp-t5"].map { try Profiles.named($0) }
        let probe = PortProbe(profiles: profiles, patience: .milliseconds(300))
        #expect(try await look(probe, at: port).answers.map(\.id) == ["dwsp-t5"])
    }

    @Test("finds what is on a pseudo-terminal and behind TCP, by unit, and says at once why a port cannot be opened")
    func ports() async throws {
        let lane = try TestLane(
            [
                InstrumentRequest(.weatherStation, "DWSP-T5", unit: 2),
                InstrumentRequest(.dynamometer, "Modbus dynamometer over TCP", link: "tcp:127.0.0.1:0", unit: 7),
            ], clock: ManualTime().clock, warmUp: 0)
        let ports = try lane.lane.endpoints.map { try PortAddress($0.path) }
        var probe = try probe(["dwsp-t5", "modbus-dyno-tcp"])
        probe.units = [2]
        let station = try await look(probe, at: ports[0])
        #expect(station.answers.map { "\($0.id) \($0.unit ?? 0)" } == ["dwsp-t5 2"])
        #expect(station.asked == 1, "what has no serial line is not asked there")
        probe.units = [7]
        let brake = try await look(probe, at: ports[1])
        #expect(brake.answers.map { "\($0.id) \($0.unit ?? 0)" } == ["modbus-dyno-tcp 7"])

        let missing = await #expect(throws: InstrumentError.self) {
            try await probe.look(at: try PortAddress("/dev/no-such-port"))
        }
        #expect(missing?.reason == .portNotFound)
        #expect(missing?.device == "/dev/no-such-port", "no model is to blame")
        let holder = Instrument(profile: try Profiles.named("dwsp-t5").with(unit: 2), port: ports[0]) { .zero }
        for _ in 0..<5 { if (try? await holder.connect()) != nil { break } }
        let held = await #expect(throws: InstrumentError.self) { try await probe.look(at: ports[0]) }
        #expect(held?.reason == .portBusy)
        await holder.close()
    }
}
