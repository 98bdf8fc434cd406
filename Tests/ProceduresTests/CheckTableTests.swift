import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("Checks of simulated instruments")
struct CheckTableTests {
    @Test("reach the right verdict for every instrument, inside and outside each tolerance, with every fault")
    func table() throws {
        let rows = CheckRows(try #require(try CheckPackLibrary.requirements(CheckFixture.pack))).all
        var lines: [String] = []
        for row in rows {
            var fixture = try CheckFixture(row.kind, dynamometer: row.dynamometer)
            row.order(&fixture.order)
            let (outcome, run) = try fixture.run(row.faults, row.bench)
            let item = outcome.items.first { $0.id == row.item }
            let found: CheckRow.Expected =
                switch outcome.verdict {
                case .passed: .passed
                case .failed: .failed
                case .aborted(let reason): .aborted(reason.code)
                }
            let words = [
                row.kind.rawValue, row.name, row.injected, row.item, item?.measured?.description ?? "-",
                item?.tolerance.text ?? "-", "\(found)",
            ]
            lines.append("| " + words.joined(separator: " | ") + " |")
            let context: Comment =
                "\(lines.last ?? "") \(outcome.items.filter { !$0.passes }.map(\.id)) \(outcome.verdict)"
            #expect(found == row.expected, context)
            if case .aborted = row.expected {
                #expect(outcome.items.isEmpty && outcome.parameters.isEmpty, context)
            } else {
                #expect(item != nil, context)
                #expect(item?.passes == (row.expected == .passed), context)
            }
            if found != .passed { #expect(outcome.parameters.isEmpty, context) }
            Self.expectSafeEnd(run, row.kind, context)
        }
        print("| check | instrument | injected | item | measured | tolerance | verdict |")
        print(lines.joined(separator: "\n"))
        print("\(lines.count) instruments, \(Set(rows.map(\.kind)).count) kinds of checks")
        #expect(rows.count >= 60)
        #expect(Set(rows.map(\.kind)) == Set(CheckKind.allCases))
    }

    /// The rollers are left without load and without motor; the analyzer stops drawing.
    static func expectSafeEnd(_ run: CheckRun, _ kind: CheckKind, _ context: Comment) {
        if kind.role == .dynamometer {
            let loads = run.directives.filter { if case .load = $0 { true } else { $0 == .unload } }
            let motors = run.directives.filter { if case .motor = $0 { true } else { $0 == .motorOff } }
            #expect(loads.last == .unload, context)
            #expect(motors.last == .motorOff, context)
        }
        if kind.role == .noxAnalyzer { #expect(run.directives.contains(.bench(.stop)), context) }
    }
}
