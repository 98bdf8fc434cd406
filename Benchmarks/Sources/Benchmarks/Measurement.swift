import Foundation
import Glibc

/// The figures of one contestant, one for each round.
struct Samples {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    /// The middle figure, which neither a busy moment nor a lucky one moves; the mean of two for an even count.
    var median: Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : min(sorted[middle], last)
    }
}

/// What is demanded of a figure.
enum Requirement {
    /// Ours over the reference's.
    case ratio(atMost: Double)
    /// Our own figure, in the line's unit.
    case below(Double)
    /// Nothing; the figure is told for comparison.
    case none
}

/// One line of the table: a figure of ours, and the same of plain C where there is such a thing.
struct Line {
    let name: String
    let unit: String
    let ours: Samples
    var reference: Samples?
    var requirement = Requirement.none

    var ratio: Double? { reference.map { ours.median / $0.median } }

    /// Whether the requirement is met; nil without one.
    var isWithin: Bool? {
        switch requirement {
        case .none: nil
        case .ratio(let most): ratio.map { $0 <= most }
        case .below(let limit): ours.median < limit
        }
    }
}

/// What a benchmark found: its lines, and what a reader must know to judge them.
struct Findings {
    var lines: [Line] = []
    var notes: [String] = []
}

/// Why a benchmark has no figures.
struct NotMeasured: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Seconds on the monotonic clock.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Processor seconds that this process has used in all its threads, user and system; children do not count.
func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.processorSeconds
}

extension rusage {
    /// User and system time together.
    var processorSeconds: Double {
        Double(ru_utime.tv_sec + ru_stime.tv_sec) + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1e6
    }
}
