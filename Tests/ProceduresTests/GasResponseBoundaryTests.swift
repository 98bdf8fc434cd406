import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// The response of gas analyzer and NOx bench on each limit of the pack: a thousandth of a second before it, on it, and a
/// thousandth beyond. A limit itself still passes.
@Suite("The response of a bench to a gas that comes and goes")
struct GasResponseBoundaryTests {
    /// T90, T95, T10 and T5, each with the share of the step at which it is read.
    private enum Quantity: String, CaseIterable {
        case t90, t95, t10, t5

        var share: Double { self == .t90 || self == .t10 ? 0.9 : 0.95 }
        var isOfRise: Bool { self == .t90 || self == .t95 }

        func limit(_ response: GasCheckRules.Response) -> Double {
            switch self {
            case .t90: response.t90.value
            case .t95: response.t95.value
            case .t10: response.t10.value
            case .t5: response.t5.value
            }
        }
    }

    /// Quick to a little less than a share, then in a straight line through the share at a time and somewhat further: what
    /// is read at lower shares comes early, and what is read at higher ones soon afterwards.
    private func knots(through share: Double, at time: Double) -> [ResponseCurve.Knot] {
        let low: ResponseCurve.Knot = (1.5, share - 0.04)
        let slope = (share - low.share) / (time - low.after)
        return [(1, 0), low, (time + 0.2, share + 0.2 * slope), (time + 0.5, 1)]
    }

    /// Half a second for all of the step.
    private let quick: [ResponseCurve.Knot] = [(1, 0), (1.5, 1)]

    private func curve(_ quantity: Quantity, at time: Double) -> ResponseCurve {
        let slow = knots(through: quantity.share, at: time)
        return quantity.isOfRise
            ? ResponseCurve(coming: slow, going: quick) : ResponseCurve(coming: quick, going: slow)
    }

    /// Runs a check with one channel on its limit and tells whether that one passed; whatever else is wrong is told.
    private func judge(
        _ kind: CheckKind, _ channel: ChannelID, _ quantity: Quantity, at time: Double, expecting passes: Bool
    ) throws {
        let curve = curve(quantity, at: time)
        let (outcome, _) = try CheckFixture(kind).run { $0.curves[channel] = curve }
        let id = "\(channel.rawValue).\(quantity.rawValue)"
        let item = try #require(outcome.items.first { $0.id == id })
        let failed = outcome.items.filter { !$0.passes }.map(\.id)
        #expect(failed == (passes ? [] : [id]), "\(id) at \(time) s: \(item.full?.description ?? "-")")
        #expect(outcome.verdict == (passes ? .passed : .failed), "\(id) at \(time) s")
        let found = try #require(item.full.flatMap { Double($0.description) })
        #expect(abs(found - time) < 1e-9, "\(id): \(found) s for \(time) s")
        #expect(item.tolerance == .bound(.atMost(try limit(kind, channel, quantity))))
    }

    private func response(_ kind: CheckKind, _ channel: ChannelID) throws -> GasCheckRules.Response {
        try #require(try CheckFixture(kind).requirements.gas.response(of: channel))
    }

    private func limit(_ kind: CheckKind, _ channel: ChannelID, _ quantity: Quantity) throws -> PackValue {
        let response = try response(kind, channel)
        return switch quantity {
        case .t90: response.t90
        case .t95: response.t95
        case .t10: response.t10
        case .t5: response.t5
        }
    }

    /// Every channel that a good check of a kind judges.
    private func channels(_ kind: CheckKind) throws -> [ChannelID] {
        let (outcome, _) = try CheckFixture(kind).run()
        #expect(outcome.verdict == .passed)
        return ChannelID.allCases.filter { channel in outcome.items.contains { $0.id == "\(channel.rawValue).t5" } }
    }

    @Test(
        "passes at each limit and just before it, and fails just beyond: T90, T95, T10 and T5 of every gas",
        arguments: [CheckKind.gasResponse, .noxResponse])
    func limits(kind: CheckKind) throws {
        var rows = 0
        let channels = try channels(kind)
        #expect(channels.count >= (kind == .gasResponse ? 5 : 2), "\(channels)")
        for channel in channels {
            for quantity in Quantity.allCases {
                let limit = quantity.limit(try response(kind, channel))
                for (time, passes) in [(limit - 0.001, true), (limit, true), (limit + 0.001, false)] {
                    try judge(kind, channel, quantity, at: time, expecting: passes)
                    rows += 1
                }
            }
        }
        print("\(kind.rawValue): \(rows) rows of \(channels.map(\.rawValue))")
    }

    @Test("passes no gas that does not come to a share of its step, or go from it, while it is recorded")
    func never() throws {
        let stuck: [ResponseCurve.Knot] = [(1, 0), (1.5, 0.94), (41, 0.94), (45, 1)]
        for (curve, missing) in [
            (ResponseCurve(coming: stuck, going: quick), "co.t95"),
            (ResponseCurve(coming: quick, going: stuck), "co.t5"),
        ] {
            let (outcome, _) = try CheckFixture(.gasResponse).run { $0.curves[.carbonMonoxide] = curve }
            let failed = outcome.items.filter { !$0.passes }
            #expect(failed.map(\.id) == [missing] && failed.allSatisfy { $0.measured == nil }, "\(failed)")
            #expect(outcome.verdict == .failed && outcome.parameters.isEmpty)
        }
    }
}
