import Documents
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Synchronization
import Testing

/// A pack with some of its values changed, to show that a number is the pack's.
enum ChangedPack {
    /// - Parameter changes: the new text of values, by `group.member` as the pack has them.
    static func document(_ id: String, _ changes: [String: String]) throws -> Document {
        let document = try #require(try PackLibrary.document(id))
        var (group, found): (String, Set<String>) = ("", [])
        let lines = String(decoding: document.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { line -> String in
            let key = String(line.drop { $0 == " " }.prefix { $0 != ":" })
            if !line.hasPrefix(" ") { group = key }
            guard line.hasPrefix("  "), !line.hasPrefix("   "), let value = changes["\(group).\(key)"] else {
                return String(line)
            }
            found.insert("\(group).\(key)")
            return String(line.replacing(/value: ("[^"]*"|[^,]*)/, with: "value: \"\(value)\"", maxReplacements: 1))
        }
        #expect(found == Set(changes.keys), "the pack has no \(Set(changes.keys).subtracting(found))")
        return try Document(bytes: Array(lines.joined(separator: "\n").utf8), name: "changed.yaml")
    }
}

/// A method that samples with the gas analyzer before and while the vehicle is driven.
enum GasMethod: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case asm
    case twoSpeedIdle
    case vmas

    var testDescription: String { rawValue }

    var pack: String {
        switch self {
        case .asm: "GB18285-2018-ASM"
        case .twoSpeedIdle: "GB18285-2018-TSI"
        case .vmas: "GB18285-2018-VMAS"
        }
    }

    var method: TestMethod {
        switch self {
        case .asm: .asm
        case .twoSpeedIdle: .twoSpeedIdle
        case .vmas: .vmas
        }
    }

    /// What a pack of it says in the groups that all of these methods have.
    func rules(_ changes: [String: String] = [:]) throws -> (PreTestRules, WatchRules, SamplingRules) {
        let document = try ChangedPack.document(pack, changes)
        switch self {
        case .asm:
            let pack = try ASMRequirements(document: document)
            return (pack.preTest, pack.watch, pack.sampling)
        case .twoSpeedIdle:
            let pack = try TwoSpeedIdleRequirements(document: document)
            return (pack.preTest, pack.watch, pack.sampling)
        case .vmas:
            let pack = try VMASRequirements(document: document)
            return (pack.preTest, pack.watch, pack.sampling)
        }
    }
}

/// A gas test by a pack with some of its values changed, on a lane made of numbers whose frames are edited by stage and
/// second, so that a value lies exactly where it is to be.
struct EditedTest {
    /// Where a test is as a frame is made.
    struct Moment {
        let stage: StageKind
        let status: ProcedureStatus
        /// The second of the present stay in the stage, from 1; a second ends with its tenth frame.
        let second: Int
        fileprivate let began: [String: Int]
        fileprivate let tick: Int

        /// Seconds since a stage, of a mode if one is named, first began, from 1; nil as long as it has not.
        func second(since stage: StageKind, _ mode: String? = nil) -> Int? {
            began[EditedTest.key(stage, mode)].map { (tick - $0 + 9) / 10 }
        }

        /// Tenths of a second since a stage first began, 1 with its first frame; nil as long as it has not.
        func tenth(since stage: StageKind) -> Int? { began[EditedTest.key(stage, nil)].map { tick - $0 } }
    }

    /// A stay in a stage.
    struct Stay: Equatable {
        let stage: StageKind
        let mode: String?
        /// Its length.
        let seconds: Int
    }

    let verdict: Verdict
    let outcome: any TestOutcome
    /// The stages in their order, the one that the test ended in with them.
    let stays: [Stay]

    private static func key(_ stage: StageKind, _ mode: String?) -> String { "\(stage.rawValue)/\(mode ?? "")" }

    /// - Parameters:
    ///   - changes: of the requirement pack, as ``ChangedPack`` takes them.
    ///   - edit: makes of a frame the one that the procedure sees.
    init(
        _ method: GasMethod, _ changes: [String: String] = [:], set: String = "a",
        exhaust: SyntheticLane.Exhaust = .clean, edit: (Frame, Moment) -> Frame = { frame, _ in frame },
        vehicle change: (inout OrderedVehicle) -> Void = { _ in }
    ) throws {
        let (limits, requirements) = try PreparedPacks.of(method, changes)
        var vehicle = OrderedVehicle(
            plate: "苏A12345", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
            curbMass: RoundedDecimal("1250"), grossMass: RoundedDecimal("1800"), ratedSpeed: RoundedDecimal("5500"),
            transmission: .manual)
        change(&vehicle)
        var procedure = try TestMethod.prepare(
            TestOrder(
                number: "1", method: method.method, vehicle: vehicle, limitSet: set, inspector: "A", driver: "B"),
            limits: limits, requirements: requirements, lane: VMASFixture.lane())
        var still = SyntheticLane(seed: 1, freshness: requirements.freshness, exhaust: ["": exhaust])
        var moving = TransientLane(seed: 1, freshness: requirements.freshness, exhaust: exhaust)
        var began: [String: Int] = [:]
        var stays: [Stay] = []
        var (tick, since) = (0, 0)
        while procedure.outcome == nil {
            try #require(tick < 60_000, "the test does not end: \(procedure.status)")
            let status = procedure.status
            for key in [Self.key(status.stage, nil), Self.key(status.stage, status.mode)] where began[key] == nil {
                began[key] = max(0, tick - 1)
            }
            let raw = method == .vmas ? moving.next(status) : still.next(status)
            let second = max(1, (tick - since + 9) / 10)
            let frame = edit(
                raw, Moment(stage: status.stage, status: status, second: second, began: began, tick: tick))
            let directives = procedure.advance(frame)
            if method == .vmas { moving.perform(directives) } else { still.perform(directives) }
            if (procedure.status.stage, procedure.status.mode) != (status.stage, status.mode) {
                stays.append(Stay(stage: status.stage, mode: status.mode, seconds: (tick - since) / 10))
                since = tick
            }
            tick += 1
        }
        let outcome: (any TestOutcome)? = procedure.outcome
        self.outcome = try #require(outcome)
        verdict = self.outcome.verdict
        self.stays = stays
    }

    /// The first stay in a stage, of a mode if one is named, in seconds; nil if it was not reached.
    func seconds(in stage: StageKind, _ mode: String? = nil) -> Int? {
        stays.first { $0.stage == stage && (mode == nil || $0.mode == mode) }?.seconds
    }

    /// Whether the test got past a stage.
    func passed(_ stage: StageKind) -> Bool {
        guard let index = stays.firstIndex(where: { $0.stage == stage }) else { return false }
        return index + 1 < stays.count
    }
}

/// Packs that have been read, since reading one takes longer than a whole test.
private enum PreparedPacks {
    private static let known = Mutex<[String: (any MethodLimits, any MethodRequirements)]>([:])

    static func of(
        _ method: GasMethod, _ changes: [String: String]
    ) throws -> (any MethodLimits, any MethodRequirements) {
        let key = "\(method) \(changes.sorted { $0.key < $1.key })"
        if let packs = known.withLock({ $0[key] }) { return packs }
        let limits = try #require(try PackLibrary.limits("\(method.pack)-limits", for: method.method))
        let requirements = try method.method.requirements(ChangedPack.document(method.pack, changes))
        known.withLock { $0[key] = (limits, requirements) }
        return (limits, requirements)
    }
}

extension Frame {
    /// The same frame without the readings of some channels.
    func without(_ channels: [ChannelID]) -> Frame {
        changed(samples: samples.filter { !channels.contains($0.key) })
    }

    /// The same frame with instruments that cannot be reached.
    func losing(_ roles: Set<InstrumentRole>) -> Frame { changed(lost: lost.union(roles)) }

    /// The same frame with conditions that an instrument tells besides.
    func adding(_ condition: InstrumentCondition, of role: InstrumentRole) -> Frame {
        var states = states
        let conditions = states[role]?.conditions ?? []
        states[role] = InstrumentState(conditions: conditions.union([condition]), acquiredAt: time)
        return changed(states: states)
    }

    /// The same frame with something that happened, or with nothing.
    func with(events: [FrameEvent]) -> Frame { changed(events: events) }

    private func changed(
        samples: [ChannelID: Sample]? = nil, states: [InstrumentRole: InstrumentState]? = nil,
        lost: Set<InstrumentRole>? = nil, events: [FrameEvent]? = nil
    ) -> Frame {
        Frame(
            tick: tick, time: time, lateness: lateness, samples: samples ?? self.samples,
            states: states ?? self.states, lost: lost ?? self.lost, events: events ?? self.events)
    }
}
