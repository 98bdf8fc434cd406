import Documents
import Messages
import Procedures
import Standards

/// Whether a lane carries out tests of vehicles that were not checked before.
enum VehicleCheckDuty: String, CaseIterable {
    /// There is no test without the checks.
    case required
    /// What the order states is recorded and decides; what it does not state stops nothing.
    case optional
}

extension LaneConfiguration {
    /// What the standards and the local government say against a test, and what is missing of the checks of the vehicle;
    /// empty if nothing. What complete checks lead to is no objection but an outcome, which is recorded.
    ///
    /// - Parameter known: members that were already found to be wrong, of which nothing needs to be said twice.
    func objections(to order: TestOrder, known: Set<String>) -> [OrderProblem] {
        var problems: [OrderProblem] = []
        if let choice = try? PackLibrary.methodChoice() {
            let exclusions = MethodPlan.exclusions(
                of: order.method, for: order.vehicle, region: region, choice: choice)
            problems += exclusions.filter { !known.contains($0.member) }.map { OrderProblem($0.member, $0.message) }
        }
        if let set = region.limitSet, order.limitSet != set, !known.contains("limit-set"),
            packs[order.method]?.limits.setNames.contains(set) == true
        {
            problems.append(
                OrderProblem(
                    "limit-set",
                    Message(.planLimitSet, ["found": .text(order.limitSet), "expected": .text(set)])))
        }
        if order.checks != nil || requiresVehicleChecks, let rules = try? PackLibrary.vehicleCheckRules() {
            let decision = VehicleCheckDecision(order, rules: rules, isRequired: requiresVehicleChecks)
            if !decision.isComplete { problems += decision.obstacles.map { OrderProblem($0.member, $0.message) } }
        }
        return problems
    }

    static func region(_ group: MappingReader) -> RegionRules? {
        let methods = group.optional("methods") { key in
            group.texts(key).flatMap { words -> [TestMethod]? in
                let methods = words.compactMap(TestMethod.init)
                guard methods.count == words.count else {
                    group.report(
                        Message(
                            .documentUnknownValue,
                            [
                                "key": .text(key), "found": .text(words.joined(separator: ", ")),
                                "expected": .text(TestMethod.allCases.map(\.rawValue).joined(separator: ", ")),
                            ]), at: key)
                    return nil
                }
                return methods
            }
        }
        let set = group.optional("limit-set", group.text)
        return RegionRules(adopted: methods ?? [], limitSet: set)
    }
}
