public import Metrology
public import Standards

/// What a check arrives at; the record of the check holds its report.
public struct CheckOutcome: Hashable, Sendable {
    /// The kind of check.
    public let kind: CheckKind
    /// The instrument; nil for the lane's own clock.
    public var role: InstrumentRole? { kind.role }
    /// Passed, failed, or broken off. A check that was broken off says nothing: the instrument is not checked by it.
    public let verdict: Verdict
    /// What was compared with a tolerance, in order.
    public let items: [CheckItem]
    /// What was found and is valid for the tests that follow; empty unless the check passed.
    public let parameters: [SealedParameter]
    /// Numbers of the reference materials that were used.
    public let references: [String]
    /// What a reader of the record should know.
    public let remarks: [CheckRemark]

    /// Creates an outcome.
    public init(
        kind: CheckKind, verdict: Verdict, items: [CheckItem] = [], parameters: [SealedParameter] = [],
        references: [String] = [], remarks: [CheckRemark] = []
    ) {
        self.kind = kind
        self.verdict = verdict
        self.items = items
        self.parameters = parameters
        self.references = references
        self.remarks = remarks
    }

    /// The record's result.
    public func report() -> Report {
        [
            "kind": .text(kind.rawValue), "instrument": .optional(role?.rawValue), "verdict": .text(verdict.code),
            "reason": verdict.abortReason.map { ["code": .text($0.code), "detail": .optional($0.detail)] } ?? .absent,
            "items": .list(items.map(\.report)), "parameters": .list(parameters.map(\.report)),
            "references": .list(references.map(Report.text)),
            "remarks": .list(remarks.map { .text($0.rawValue) }),
        ]
    }
}

/// How far a reading may be from its reference (允许误差).
public enum CheckTolerance: Hashable, Sendable {
    /// Passes if the absolute **or** the relative error (%) is within its tolerance, inclusive; a missing one is no
    /// excuse.
    case within(absolute: PackValue?, relative: PackValue?)
    /// The reading itself has to be within a limit.
    case bound(Bound)
    /// Something has to be so, or not.
    case condition(Bool)
    /// The reading is only noted (备注).
    case noted

    /// The tolerance as a report shows it, such as `±0.02 / ±3 %`.
    public var text: String {
        switch self {
        case .within(let absolute, let relative):
            [absolute.map { "±\($0.decimal)" }, relative.map { "±\($0.decimal) %" }].compactMap { $0 }
                .joined(separator: " / ")
        case .bound(.atMost(let high)): "≤ \(high.decimal)"
        case .bound(let bound): bound.text
        case .condition(let isWanted): isWanted ? "yes" : "no"
        case .noted: "–"
        }
    }

    var report: Report {
        func value(_ value: PackValue?) -> Report { value.map { .decimal($0.decimal) } ?? .absent }
        return switch self {
        case .within(let absolute, let relative): ["absolute": value(absolute), "relative": value(relative)]
        case .bound(let bound): ["low": value(bound.low), "high": value(bound.high)]
        case .condition(let isWanted): ["wanted": .flag(isWanted)]
        case .noted: ["low": .absent, "high": .absent]
        }
    }
}

/// One reading against its reference (检查项目).
public struct CheckItem: Hashable, Sendable {
    /// The point or interval, such as `low` or `50-30`.
    public let point: String
    /// What was read, such as `co` or `time`.
    public let quantity: String
    /// The unit of reference, reading and error.
    public let unit: String
    /// The certified or computed value; nil where the reading itself has a limit.
    public let reference: RoundedDecimal?
    /// The reading; nil if it did not come about, which does not pass.
    public let measured: RoundedDecimal?
    /// The reading at twelve significant digits.
    public let full: SignificantDecimal?
    /// Reading minus reference.
    public let error: RoundedDecimal?
    /// The error as a share of the reference, %; nil for a reference of zero.
    public let relativeError: RoundedDecimal?
    /// How far off it may be.
    public let tolerance: CheckTolerance
    /// Whether it passes.
    public let passes: Bool

    /// Compares a reading with its reference.
    ///
    /// - Parameters:
    ///   - measured: the reading; nil if it did not come about.
    ///   - reference: the certified or computed value.
    ///   - places: decimal places of what is reported.
    ///   - absolute: the tolerance of the error.
    ///   - relative: the tolerance of the error as a share of the reference, %.
    ///   - comparison: whether reported or full values decide.
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    public init(
        _ quantity: String, at point: String, unit: String, measured: Double?, reference: Double, places: Int,
        absolute: PackValue?, relative: PackValue?, comparison: Comparison
    ) throws(MetrologyError) {
        self.point = point
        self.quantity = quantity
        self.unit = unit
        tolerance = .within(absolute: absolute, relative: relative)
        self.reference = try RoundedDecimal(reference, places: places)
        guard let measured else {
            (self.measured, full, error, relativeError, passes) = (nil, nil, nil, nil, false)
            return
        }
        let difference = measured - reference
        // Errors beside a reference of zero have no share of it.
        let share = reference == 0 ? nil : 100 * difference / abs(reference)
        self.measured = try RoundedDecimal(measured, places: places)
        full = try SignificantDecimal(measured)
        error = try RoundedDecimal(difference, places: places)
        relativeError = try share.map { (share) throws(MetrologyError) in try RoundedDecimal(share, places: 2) }
        func isWithin(_ value: Double?, _ rounded: RoundedDecimal?, _ limit: PackValue?) -> Bool {
            guard let value, let rounded, let limit else { return false }
            switch comparison {
            case .full: return abs(value).isAtMost(limit)
            case .rounded: return rounded.magnitude <= limit.decimal
            }
        }
        passes = isWithin(difference, error, absolute) || isWithin(share, relativeError, relative)
    }

    /// Compares a reading with a limit.
    ///
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    public init(
        _ quantity: String, at point: String, unit: String, measured: Double?, places: Int, bound: Bound,
        comparison: Comparison
    ) throws(MetrologyError) {
        self.point = point
        self.quantity = quantity
        self.unit = unit
        tolerance = .bound(bound)
        (reference, error, relativeError) = (nil, nil, nil)
        guard let measured else {
            (self.measured, full, passes) = (nil, nil, false)
            return
        }
        let rounded = try RoundedDecimal(measured, places: places)
        let significant = try SignificantDecimal(measured)
        self.measured = rounded
        full = significant
        passes = comparison == .rounded ? bound.contains(rounded) : bound.contains(significant)
    }

    /// Notes a reading that nothing depends on.
    ///
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    public init(
        noting quantity: String, at point: String, unit: String, measured: Double, places: Int
    ) throws(MetrologyError) {
        self.point = point
        self.quantity = quantity
        self.unit = unit
        tolerance = .noted
        (reference, error, relativeError) = (nil, nil, nil)
        self.measured = try RoundedDecimal(measured, places: places)
        full = try SignificantDecimal(measured)
        passes = true
    }

    /// States whether something is as it has to be; the reading is 1 for yes and 0 for no.
    public init(_ quantity: String, at point: String, found: Bool, wanted: Bool) throws(MetrologyError) {
        self.point = point
        self.quantity = quantity
        unit = "1"
        tolerance = .condition(wanted)
        (reference, error, relativeError) = (nil, nil, nil)
        measured = try RoundedDecimal(found ? 1 : 0, places: 0)
        full = try SignificantDecimal(found ? 1 : 0)
        passes = found == wanted
    }

    /// The name in records, unique within a check.
    public var id: String { "\(point).\(quantity)" }

    /// The item as the record lists it.
    public var report: Report {
        func decimal(_ value: RoundedDecimal?) -> Report { value.map(Report.decimal) ?? .absent }
        return [
            "id": .text(id), "point": .text(point), "quantity": .text(quantity), "unit": .text(unit),
            "reference": decimal(reference), "value": decimal(measured),
            "full": full.map(Report.significant) ?? .absent, "error": decimal(error),
            "relativeError": decimal(relativeError), "tolerance": tolerance.report,
            "verdict": passes ? "passed" : "failed",
        ]
    }
}

/// Something a reader of a check's record should know.
public enum CheckRemark: String, CaseIterable, Sendable {
    /// The analyzer does not report its PEF; the one of its plate was used.
    case propaneEquivalenceFromPlate = "pef-from-plate"
    /// A channel reads more than it may at zero of a bottle that holds nothing for it: another gas interferes, or air
    /// leaks in (干扰).
    case interference
    /// A reading did not come to rest within its time.
    case unsteady
    /// The readings come less often than the pack asks for, so that times are coarse.
    case coarseTimes = "coarse-times"
    /// The brake's controller was not seen to hold the set power.
    case powerNotHeld = "power-not-held"
    /// The opacimeter reports no light absorption coefficient of its own.
    case absorptionNotRead = "absorption-not-read"
    /// No vehicle was connected; only the adapter itself was looked at.
    case vehicleNotConnected = "vehicle-not-connected"
    /// What was found was seen by the technician and not read by the lane (人工观察).
    case observedByPerson = "observed-by-person"
}
