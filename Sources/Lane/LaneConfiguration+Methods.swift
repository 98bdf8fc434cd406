import Documents
import Messages
import Metrology
public import Procedures
public import Standards

/// What one method is judged by and carried out after.
public struct MethodPacks: Sendable {
    /// The limits.
    public let limits: any MethodLimits
    /// The requirements.
    public let requirements: any MethodRequirements
}

/// A test that is ready to run, with what its record names beside the method's packs.
package struct PreparedTest {
    /// What carries it out: the method's procedure, or the one that ends it by the checks before the tailpipe.
    package let procedure: any LaneProcedure
    /// The name of its algorithm in records.
    let algorithm: String
    /// What the checks before the tailpipe were judged by; nil where the order states none.
    let checks: VehicleCheckRules?
}

extension LaneConfiguration {
    /// Prepares the test that an order asks for; one whose vehicle does not get through the checks before the tailpipe
    /// ends by them.
    ///
    /// - Throws: `OrderProblems` naming everything that stands in the way: what the order lacks, what the method does
    ///   not allow, instruments and packs that the lane does not have.
    package func prepare(_ order: TestOrder) throws -> PreparedTest {
        var problems = missing(for: order.method)
        guard let packs = packs[order.method] else { throw OrderProblems(problems) }
        var test: (any TestProcedure)?
        do {
            test = try TestMethod.prepare(
                order, limits: packs.limits, requirements: packs.requirements, lane: parameters)
        } catch let error as OrderProblems {
            problems += error.all
        }
        problems += objections(to: order, known: Set(problems.map(\.member)))
        guard let test, problems.isEmpty else { throw OrderProblems(problems) }
        let rules = order.checks == nil ? nil : try PackLibrary.vehicleCheckRules()
        if let rules, let end = VehicleCheckProcedure(order, rules: rules) {
            return PreparedTest(procedure: end, algorithm: VehicleCheckProcedure.algorithm, checks: rules)
        }
        return PreparedTest(procedure: test, algorithm: order.method.algorithm, checks: rules)
    }

    /// Everything that keeps the lane from carrying out an order; empty if nothing does.
    public func problems(with order: TestOrder) -> [OrderProblem] {
        do {
            _ = try prepare(order)
            return []
        } catch {
            return (error as? OrderProblems)?.all ?? []
        }
    }

    /// What the lane does not have for a method; empty if it can carry it out.
    public func missing(for method: TestMethod) -> [OrderProblem] {
        var problems: [OrderProblem] = []
        let name = MessageArgument.text(method.rawValue)
        for role in InstrumentRole.allCases
        where method.roles.contains(role) && !instruments.contains(where: { $0.role == role }) {
            problems.append(
                OrderProblem("method", Message(.laneRoleMissing, ["role": .text(role.rawValue), "method": name])))
        }
        if packs[method] == nil {
            problems.append(OrderProblem("method", Message(.lanePacksMissing, ["method": name])))
        }
        return problems
    }

    static func parameters(_ reader: MappingReader) -> LaneParameters? {
        let loss = reader.mapping("parasitic-loss") { group -> ParasiticLoss? in
            let quadratic = group.number("quadratic", in: -1...1)
            let linear = group.number("linear", in: -1...1)
            let constant = group.number("constant", in: -5...5)
            guard let quadratic, let linear, let constant else { return nil }
            return ParasiticLoss(quadratic: quadratic, linear: linear, constant: constant)
        }
        let inertia = reader.optional("base-inertia") { reader.number($0, in: 100...10_000) }
        let brake = reader.optional("brake-power") { reader.number($0, in: 1...1000) }
        let altitude = reader.optional("altitude") { key in
            reader.number(key, in: -500...6000).flatMap { _ in reader.decimal(key).flatMap { RoundedDecimal($0) } }
        }
        let converts = reader.optional("nox-converter", reader.boolean)
        let analyzer = reader.optional("analyzer-delay") { reader.number($0, in: 0...30) }
        let flowMeter = reader.optional("flow-meter-delay") { reader.number($0, in: 0...30) }
        guard let loss else { return nil }
        return LaneParameters(
            parasiticLoss: loss, baseInertia: inertia.map { Mass($0) }, brakePower: brake.map { Power($0) },
            altitude: altitude, analyzerDelay: analyzer.map { .seconds($0) },
            flowMeterDelay: flowMeter.map { .seconds($0) }, convertsNitrogenDioxide: converts ?? false)
    }

    /// The packs of each method that the lane file names some for.
    static func packs(_ group: MappingReader, _ nested: inout [Problem]) -> [TestMethod: MethodPacks]? {
        var packs: [TestMethod: MethodPacks] = [:]
        var isComplete = true
        for method in TestMethod.allCases where group.has(method.rawValue) {
            packs[method] = group.mapping(method.rawValue) { Self.packs($0, of: method, &nested) }
            isComplete = isComplete && packs[method] != nil
        }
        return isComplete ? packs : nil
    }

    private static func packs(
        _ group: MappingReader, of method: TestMethod, _ nested: inout [Problem]
    ) -> MethodPacks? {
        let limitsID = group.text("limits")
        let requirementsID = group.text("requirements")
        var limits: (any MethodLimits)?
        var requirements: (any MethodRequirements)?
        do throws(Problems) {
            if let limitsID { limits = try PackLibrary.limits(limitsID, for: method) }
            if let requirementsID { requirements = try PackLibrary.requirements(requirementsID, for: method) }
        } catch {
            nested += error.all
            return nil
        }
        for (key, id, isThere) in [
            ("limits", limitsID, limits != nil), ("requirements", requirementsID, requirements != nil),
        ] where id != nil && !isThere {
            group.report(
                Message(
                    .documentUnknownValue,
                    [
                        "key": .text(key), "found": .text(id ?? ""),
                        "expected": .text(PackLibrary.ids(limits: key == "limits").joined(separator: ", ")),
                    ]), at: key)
        }
        guard let limits, let requirements else { return nil }
        return MethodPacks(limits: limits, requirements: requirements)
    }
}
