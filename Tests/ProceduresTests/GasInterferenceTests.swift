import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// What channels read of bottles that hold nothing for them: noted, and remarked upon beyond what they may read at zero.
@Suite("A gas check's remark on interference")
struct GasInterferenceTests {
    /// A check whose oxygen cell reads so much where there is no oxygen, and room air as it is.
    private func check(
        _ kind: CheckKind, oxygen shown: Double, certified: String? = nil
    ) throws -> CheckOutcome {
        var fixture = try CheckFixture(kind)
        if let certified {
            let gas = try #require(fixture.order.references.gases[.low])
            let oxygen = [ChannelID.oxygen: try CheckFixture.certified(certified)]
            fixture.order.references.gases[.low] = ReferenceGas(
                number: gas.number, components: gas.components.merging(oxygen) { $1 })
        }
        let air = try #require(CheckBench.air[.oxygen])
        return try fixture.run { bench in
            // The cell has come to rest long before the readings count.
            bench.timeConstant[.oxygen] = 0.1
            bench.faults.offset[.oxygen] = shown
            bench.faults.gain[.oxygen] = (air - shown) / air
        }.outcome
    }

    @Test(
        "appears when oxygen is read of a bottle that holds none, beyond the pack's tolerance and not on it",
        arguments: [CheckKind.gasSinglePoint, .gasFivePoint])
    func edges(kind: CheckKind) throws {
        let limit = try CheckFixture(kind).requirements.gas.oxygenTolerance.value
        for (shown, isRemarked) in [
            (0, false), (limit - 0.001, false), (limit, false), (limit + 0.001, true), (2 * limit, true),
            (-limit, false), (-limit - 0.001, true),
        ] {
            let outcome = try check(kind, oxygen: shown)
            #expect(outcome.remarks.contains(.interference) == isRemarked, "\(kind) \(shown) % O2: \(outcome.remarks)")
            // It is a remark: every point's reading is noted, and no verdict rests on it.
            let notes = outcome.items.filter { $0.quantity == "o2-interference" }
            #expect(notes.map(\.point) == (kind == .gasSinglePoint ? ["low"] : ["low", "mid-low", "mid-high", "high"]))
            #expect(notes.allSatisfy { $0.passes && $0.tolerance == .noted }, "\(notes)")
            for note in notes {
                let full = try #require(note.full.flatMap { Double($0.description) })
                #expect(abs(full - shown) < 1e-12, "\(note)")
            }
            #expect(outcome.verdict == .passed, "\(shown) % O2")
        }
    }

    @Test("does not appear for oxygen that the bottle's certificate names: that is compared with it")
    func certified() throws {
        let rules = try CheckFixture(.gasSinglePoint).requirements.gas
        // The bench's bottle holds what its certificate says: 1 % and what the cell adds to it.
        let good = try check(.gasSinglePoint, oxygen: 0, certified: "1.0")
        #expect(good.verdict == .passed && !good.remarks.contains(.interference))
        #expect(!good.items.contains { $0.quantity.hasSuffix("interference") })
        let off = try check(.gasSinglePoint, oxygen: 2 * rules.oxygenTolerance.value, certified: "1.0")
        #expect(off.verdict == .failed && !off.remarks.contains(.interference))
        #expect(off.items.filter { !$0.passes }.map(\.id) == ["low.o2"], "\(off.items.filter { !$0.passes })")
    }

    @Test("is no other check's")
    func others() throws {
        for kind in CheckKind.allCases {
            let (outcome, _) = try CheckFixture(kind).run()
            #expect(!outcome.remarks.contains(.interference), "\(kind)")
        }
    }
}
