public import Assurance
import Evidence
import Instruments
public import Messages
import Metrology
import Procedures
public import Standards

/// A check that is ready to run.
public struct PreparedCheck: Sendable {
    /// Runs it.
    public let session: LaneSession
    /// What the technician should know of the reference materials.
    public let warnings: [Message]
    /// The names of its steps, as the status shows them.
    public let steps: [String]
}

extension RunningLane {
    /// Prepares the check that a technician asks for, with reference materials from the registry.
    ///
    /// - Throws: `CheckProblems` naming at once every reference that may not be used and everything that is missing;
    ///   `PeopleError`, ``LaneError``. Nothing has moved then.
    public func session(for request: CheckRequest, by person: SignedInPerson? = nil) async throws -> PreparedCheck {
        guard let assurance = desk.assurance else { throw LaneError.checkWithoutAssurance }
        let (kind, rules) = (request.kind, assurance.rules)
        if let role = kind.role, !configuration.instruments.contains(where: { $0.role == role }) {
            throw CheckProblems([
                OrderProblem(
                    role.rawValue,
                    Message(.checkNotOnLane, ["role": .message(role.message), "kind": .message(kind.message)]))
            ])
        }
        guard let requirements = try CheckPackLibrary.requirements(rules.checkPack),
            let now = Timestamp(time.wallTime())
        else { throw LaneError.checkWithoutAssurance }
        let materials = CheckMaterials(
            request, registry: request.registry ?? assurance.references, rules: rules, requirements: requirements,
            now: now)
        let order = CheckOrder(
            kind: kind, references: materials.references, dynamometer: assurance.dynamometer,
            propaneEquivalence: assurance.propaneEquivalence, clockOffsets: request.clockOffsets,
            vehicleConnected: request.vehicleConnected, leakCheckByHand: isLeakCheckedByHand(kind))
        let check: any CheckProcedure
        do {
            check = try CheckKind.prepare(order, requirements: requirements, lane: desk.parameters)
        } catch {
            // A bottle that was refused is missing, too; why it was refused says more.
            throw CheckProblems(materials.problems.isEmpty ? error.all : materials.problems)
        }
        guard materials.problems.isEmpty else { throw CheckProblems(materials.problems) }
        return PreparedCheck(
            session: try await session(for: check, order: order, requirements: requirements, by: person),
            warnings: materials.warnings, steps: check.steps)
    }

    /// Whether the lane cannot tell the instrument to check itself for leaks, since its profile has no word for it.
    private func isLeakCheckedByHand(_ kind: CheckKind) -> Bool {
        guard kind == .gasLeak || kind == .noxLeak else { return false }
        return configuration.instruments.contains { $0.role == kind.role && !$0.profile.actions.contains(.leakCheck) }
    }

    /// The numbers of reference materials that the registry has for a check, in the order of its points: for each point
    /// the first bottle that may be used, the filter nearest to it, every weight, the first instrument.
    ///
    /// The check names them in its instructions and its record; whoever carries it out takes them or others.
    ///
    /// - Throws: what reading the pack of checks throws.
    public func suggestedReferences(
        for kind: CheckKind, registry: ReferenceRegistry? = nil
    ) throws -> [String] {
        guard let assurance = desk.assurance, let now = Timestamp(time.wallTime()),
            let requirements = try CheckPackLibrary.requirements(assurance.rules.checkPack)
        else { return [] }
        return CheckMaterials.suggestion(
            for: kind, registry: registry ?? assurance.references, rules: assurance.rules, requirements: requirements,
            now: now)
    }
}
