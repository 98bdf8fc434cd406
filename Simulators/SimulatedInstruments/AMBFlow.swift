import Metrology
import Plant

/// The VMAS flow meter with the AMB protocol that some Nanhua analyzers have built in. One source only.
///
/// It measures after it has been told to be a flow meter (32 with 1); its fan starts then, and 38 switches it.
struct AMBFlow: AnsweringInstrument {
    private var isFlowMeter = false
    private var fanRuns = false
    private let warmUntil: LaneInstant
    var received: [UInt8] = []

    private static let cubicFeetPerMinute = 1 / 0.471_947_443_2
    private static let fan: UInt16 = 0x10
    /// How much the first of the two oxygen cells is above their mean, %: no two cells are equal.
    private static let cellDifference = 0.02

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { warmUntil = switchedOn + warmUp }

    func beginning(of bytes: [UInt8]) -> RequestBeginning { AMBFrame.beginning(of: bytes) }

    func refusal(of request: [UInt8]) -> [UInt8] { AMBFrame.reply(request.first ?? 0, .refused) }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let (command, words) = (request[0], AMBFrame.words(request))
        var reply: [UInt16] = []
        switch command {
        case 0x32 where words.count == 1 && words[0] <= 1:
            isFlowMeter = words[0] == 1
            switchFan(isFlowMeter, surroundings)
        case 0x37 where words.isEmpty:
            guard isFlowMeter else { return .refused }
            guard surroundings.now >= warmUntil else { return .done("37", AMBFrame.reply(0x37, .busy)) }
            reply = live(surroundings.observe().tube)
        case 0x38 where words.count == 1: switchFan(words[0] & Self.fan != 0, surroundings)
        case 0x0B where words.isEmpty: break
        default: return .refused
        }
        return .done(Wire.code(command), AMBFrame.reply(command, .done, reply))
    }

    private mutating func switchFan(_ isOn: Bool, _ surroundings: Surroundings) {
        fanRuns = isOn
        surroundings.host.command { $0.fan(isOn: isOn) }
    }

    /// 26 words, of which the last seven but two are described; the others are zero.
    private func live(_ tube: TubeFlow) -> [UInt16] {
        [UInt16](repeating: 0, count: 19) + [
            AMBFrame.word(tube.oxygen + Self.cellDifference, 100),
            AMBFrame.word(tube.oxygen - Self.cellDifference, 100), AMBFrame.word(tube.temperature, 10),
            AMBFrame.word(tube.pressure, 100),
            AMBFrame.word(tube.standardFlow, Self.cubicFeetPerMinute), 0, 0,
        ]
    }
}
