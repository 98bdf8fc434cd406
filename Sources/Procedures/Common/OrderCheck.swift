import Messages
import Metrology
import Standards

/// Checks an order for what a method needs, and gathers every problem.
struct OrderCheck {
    private let order: TestOrder
    private var problems: [OrderProblem] = []

    init(_ order: TestOrder) { self.order = order }

    /// The name of the order's limit set, if the limits have it.
    mutating func limitSet(_ limits: some MethodLimits) -> String? {
        if limits.setNames.contains(order.limitSet) { return order.limitSet }
        note("limit-set", found: order.limitSet, expected: limits.setNames)
        return nil
    }

    /// Notes a fuel that the method is not for.
    mutating func expect(_ fuels: [Fuel]) {
        guard !fuels.contains(order.vehicle.fuel) else { return }
        note("vehicle.fuel", found: order.vehicle.fuel.rawValue, expected: fuels.map(\.rawValue))
    }

    /// A member that the method cannot do without.
    mutating func need<Value>(_ value: Value?, _ member: String) -> Value? {
        if value == nil { problems.append(.missing(member, for: order.method)) }
        return value
    }

    /// Notes a member that is outside a pack's range; a missing one is not outside.
    mutating func expect(_ value: RoundedDecimal?, _ member: String, in range: (low: PackValue, high: PackValue)) {
        guard let value, value < range.low.decimal || range.high.decimal < value else { return }
        let expected = Message(
            .expectedRange,
            ["low": .decimal(range.low.decimal.description), "high": .decimal(range.high.decimal.description)])
        note(member, found: value.description, allowed: .message(expected))
    }

    /// A parameter of the lane, by its place in the lane file, that the method cannot do without.
    mutating func needLane<Value>(_ value: Value?, _ member: String) -> Value? {
        if value == nil {
            note(
                OrderProblem(
                    member,
                    Message(
                        .orderLaneParameterMissing,
                        ["member": .text(member), "method": .text(order.method.rawValue)])))
        }
        return value
    }

    /// Notes a number that the method does not allow.
    mutating func note(_ member: String, found: String, allowed: MessageArgument) {
        note(
            OrderProblem(
                member,
                Message(
                    .documentOutOfRange, ["key": .text(member), "found": .decimal(found), "expected": allowed])))
    }

    /// Notes a problem.
    mutating func note(_ problem: OrderProblem) { problems.append(problem) }

    /// Notes a value that is not one of those expected.
    mutating func note(_ member: String, found: String, expected: [String]) {
        problems.append(
            OrderProblem(
                member,
                Message(
                    .documentUnknownValue,
                    [
                        "key": .text(member), "found": .text(found),
                        "expected": .text(expected.joined(separator: ", ")),
                    ])))
    }

    /// - Throws: ``OrderProblems`` if there were any.
    func finish() throws(OrderProblems) {
        guard problems.isEmpty else { throw OrderProblems(problems) }
    }
}
