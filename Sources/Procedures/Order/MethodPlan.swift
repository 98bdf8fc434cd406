public import Messages
import Metrology
public import Standards

/// Which methods a vehicle can be tested by, and why not by the others (检测方法判定).
///
/// A method that nothing excludes is permitted. What the order does not say excludes nothing, but is told: the plan
/// would be another one with it.
public struct MethodPlan: Hashable, Sendable {
    /// One method.
    public struct Entry: Hashable, Sendable {
        /// The method.
        public let method: TestMethod
        /// Why it is not permitted; empty if it is.
        public let exclusions: [Exclusion]
        /// The order's members that it cannot be decided without, such as `vehicle.gross-mass`.
        public let undecided: [String]
        /// The packs in force; nil if there are none for this vehicle on that day.
        public let packs: ChosenPacks?
        /// The sets of limits to choose from; one if the local government's choice is known.
        public let limitSets: [String]
        /// What the order lacks for the method, or what the method does not allow.
        public let problems: [OrderProblem]

        /// Whether nothing excludes it.
        public var isPermitted: Bool { exclusions.isEmpty }
    }

    /// Why a method is not permitted.
    public struct Exclusion: Hashable, Sendable {
        /// The exclusion of the pack.
        public let rule: MethodExclusion
        /// The order's member that it rests on; `method` if it is the local government's choice.
        public let member: String
        /// The reason.
        public let message: Message
    }

    /// Every method, in the order of ``TestMethod``.
    public let entries: [Entry]

    /// Plans the test of a vehicle.
    ///
    /// - Parameters:
    ///   - order: the vehicle and what else is known; its method and its limit set decide nothing.
    ///   - region: what the local government has adopted.
    ///   - day: the day of the test, `YYYY-MM-DD`.
    ///   - lane: what the lane's checks found; nil if it is not known which lane will test.
    /// - Throws: `Problems` of a built-in pack.
    public init(
        _ order: TestOrder, region: RegionRules, on day: String, choice: MethodChoice, lane: LaneParameters? = nil
    ) throws(Problems) {
        let filter = MethodFilter(order.vehicle, region: region, choice: choice)
        var entries: [Entry] = []
        for method in TestMethod.allCases {
            let packs = try Self.packs(method, order.vehicle.category ?? .road, on: day, choice)
            let sets = packs?.limits.setNames ?? []
            var problems: [OrderProblem] = []
            if filter.exclusions(of: method).isEmpty, let packs {
                var wanted = order
                wanted.method = method
                wanted.limitSet = region.limitSet.flatMap { sets.contains($0) ? $0 : nil } ?? sets.first ?? ""
                problems = Self.problems(wanted, packs, lane)
            }
            entries.append(
                Entry(
                    method: method, exclusions: filter.exclusions(of: method), undecided: filter.undecided(of: method),
                    packs: packs?.chosen,
                    limitSets: region.limitSet.flatMap { sets.contains($0) ? [$0] : nil } ?? sets, problems: problems))
        }
        self.entries = entries
    }

    /// Why a method is not permitted for a vehicle; empty if it is.
    public static func exclusions(
        of method: TestMethod, for vehicle: OrderedVehicle, region: RegionRules, choice: MethodChoice
    ) -> [Exclusion] {
        MethodFilter(vehicle, region: region, choice: choice).exclusions(of: method)
    }

    private struct Packs {
        let chosen: ChosenPacks
        let limits: any MethodLimits
        let requirements: any MethodRequirements
    }

    private static func packs(
        _ method: TestMethod, _ category: VehicleCategory, on day: String, _ choice: MethodChoice
    ) throws(Problems) -> Packs? {
        for chosen in choice.packs where chosen.method == method && chosen.categories.contains(category) {
            guard let limits = try PackLibrary.limits(chosen.limits, for: method),
                let requirements = try PackLibrary.requirements(chosen.requirements, for: method),
                limits.identity.applies(on: day), requirements.identity.applies(on: day)
            else { continue }
            return Packs(chosen: chosen, limits: limits, requirements: requirements)
        }
        return nil
    }

    private static func problems(_ order: TestOrder, _ packs: Packs, _ lane: LaneParameters?) -> [OrderProblem] {
        let unknown = LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0, linear: 0, constant: 0))
        do {
            _ = try TestMethod.prepare(
                order, limits: packs.limits, requirements: packs.requirements, lane: lane ?? unknown)
            return []
        } catch {
            let problems = (error as? OrderProblems)?.all ?? []
            return lane == nil ? problems.filter { !$0.member.hasPrefix("lane.") } : problems
        }
    }
}

/// Applies the exclusions of a pack to a vehicle.
private struct MethodFilter {
    private let vehicle: OrderedVehicle
    private let region: RegionRules
    private let choice: MethodChoice

    init(_ vehicle: OrderedVehicle, region: RegionRules, choice: MethodChoice) {
        (self.vehicle, self.region, self.choice) = (vehicle, region, choice)
    }

    func exclusions(of method: TestMethod) -> [MethodPlan.Exclusion] {
        choice.exclusions.filter { $0.methods.contains(method) }.compactMap { exclusion($0, method) }
    }

    func undecided(of method: TestMethod) -> [String] {
        var members: [String] = []
        for rule in choice.exclusions where rule.methods.contains(method) {
            switch rule.condition {
            case .heavierThan where vehicle.grossMass == nil: members.append("vehicle.gross-mass")
            case .drives where vehicle.drive == nil: members.append("vehicle.drive")
            default: break
            }
        }
        return members.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func exclusion(_ rule: MethodExclusion, _ method: TestMethod) -> MethodPlan.Exclusion? {
        func because(
            _ code: MessageCode, _ member: String, _ arguments: [String: MessageArgument]
        ) -> MethodPlan.Exclusion {
            var all = arguments
            all["method"] = .text(method.rawValue)
            all["clause"] = .text(rule.clause)
            return MethodPlan.Exclusion(rule: rule, member: member, message: Message(code, all))
        }
        switch rule.condition {
        case .fuels(let fuels):
            // A bi-fuel vehicle is tested on both.
            let found = [vehicle.fuel] + (vehicle.secondFuel.map { [$0] } ?? [])
            guard let fuel = found.first(where: fuels.contains) else { return nil }
            return because(.planExcludedFuel, "vehicle.fuel", ["found": .text(fuel.rawValue)])
        case .drives(let drives):
            guard let drive = vehicle.drive?.rawValue, drives.contains(drive) else { return nil }
            return because(.planExcludedDrive, "vehicle.drive", ["found": .text(drive)])
        case .categories(let categories):
            guard let category = vehicle.category, categories.contains(category) else { return nil }
            return because(.planExcludedCategory, "vehicle.category", ["found": .text(category.rawValue)])
        case .heavierThan(let limit):
            guard let mass = vehicle.grossMass, mass > limit.decimal else { return nil }
            return because(
                .planExcludedMass, "vehicle.gross-mass",
                ["found": .decimal(mass.description), "limit": .decimal(limit.decimal.description)])
        case .unlessAdopted(let others):
            let adopted = others.filter(region.adopted.contains)
            guard !adopted.isEmpty, !adopted.contains(method) else { return nil }
            return because(.planExcludedRegion, "method", ["found": .text(list(adopted))])
        case .wherePossible(let others):
            let possible = others.filter { region.adopted.contains($0) && exclusions(of: $0).isEmpty }
            guard !possible.isEmpty else { return nil }
            return because(.planExcludedLoaded, "method", ["found": .text(list(possible))])
        }
    }

    private func list(_ methods: [TestMethod]) -> String { methods.map(\.rawValue).joined(separator: ", ") }
}
