import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("A free acceleration test is broken off")
struct FreeAccelerationAbortTests {
    /// A stage of the test, and the part of it.
    struct Place: Sendable, CustomTestStringConvertible {
        let stage: StageKind
        let mode: String?
        var testDescription: String { [mode, stage.rawValue].compactMap { $0 }.joined(separator: "/") }

        static let all: [Place] =
            [StageKind.warmUp, .zero, .fullScale].map { Place(stage: $0, mode: nil) }
            + [StageKind.idle, .accelerate, .hold, .release].map { Place(stage: $0, mode: "purge") }
            + [StageKind.probe, .idle, .accelerate, .hold, .release].map { Place(stage: $0, mode: "test") }
    }

    private func run(_ kind: SmokeLane.Kind, at place: Place) throws -> (FreeAccelerationOutcome, SyntheticRun) {
        let result = try FreeAccelerationFixture().run {
            // The engine is cold for ten seconds, so that there is something to break off.
            $0.disturbances = [
                .init(.coldEngine, length: 10), .init(kind, after: 0.2, stage: place.stage, mode: place.mode),
            ]
        }
        #expect(result.run.directives.last { $0 == .unload } == .unload)
        #expect(result.outcome.items.isEmpty)
        return result
    }

    @Test("at once by a person or the lane, at every stage", arguments: Place.all)
    func events(place: Place) throws {
        for (event, reason) in [
            (FrameEvent.operatorAbort, AbortReason.operatorAbort), (.emergencyStop, .emergencyStop),
            (.storageLost, .storageLost), (.actionFailed(.opacimeter), .deviceFault(.opacimeter)),
        ] {
            let (outcome, run) = try run(.event(event), at: place)
            #expect(outcome.verdict == .aborted(reason))
            #expect(run.frames.last?.events.contains(event) ?? false, "\(event)")
        }
    }

    @Test("by a lost instrument, at every stage", arguments: Place.all)
    func lost(place: Place) throws {
        for role in FreeAccelerationProcedure.roles {
            let (outcome, _) = try run(.lost(role), at: place)
            #expect(outcome.verdict == .aborted(.deviceLost(role)), "\(role)")
        }
    }

    @Test("by a defective instrument, at every stage", arguments: Place.all)
    func fault(place: Place) throws {
        for role in FreeAccelerationProcedure.roles {
            let (outcome, _) = try run(.fault(role), at: place)
            #expect(outcome.verdict == .aborted(.deviceFault(role)), "\(role)")
        }
    }

    @Test("by an engine that stalls, once it is to run")
    func stall() throws {
        for place in Place.all where place.mode != nil {
            let (outcome, _) = try run(.stall, at: place)
            #expect(outcome.verdict == .aborted(.stall), "\(place.testDescription)")
        }
    }

    @Test("by an interruption from outside, at every second of it, with what was measured")
    func interruption() throws {
        let fixture = try FreeAccelerationFixture()
        var procedure = try #require(try fixture.prepare() as? FreeAccelerationProcedure)
        var lane = FreeAccelerationFixture.lane(fixture)
        var count = 0
        while procedure.outcome == nil {
            lane.perform(procedure.advance(lane.next(procedure.status)))
            count += 1
            guard count % 10 == 0, procedure.outcome == nil else { continue }
            var stopped = procedure
            #expect(stopped.interrupt().contains(.unload))
            let outcome = try #require(stopped.outcome)
            #expect(outcome.verdict == .aborted(.interrupted))
            _ = try outcome.report()
            #expect(stopped.interrupt().isEmpty)
        }
        #expect(procedure.interrupt().isEmpty)
    }

    @Test("not by a device that is back within the pack's time, which spoils one acceleration only")
    func ridesThrough() throws {
        for role in [InstrumentRole.opacimeter, .tachometer] {
            let (outcome, _) = try FreeAccelerationFixture().run {
                $0.disturbances = [.init(.lost(role), length: 1.5, stage: .accelerate, mode: "test")]
            }
            #expect(outcome.verdict == .passed)
            #expect(outcome.accelerations.compactMap(\.fault) == [role == .opacimeter ? .smokeNotRead : .speedNotRead])
        }
    }
}
