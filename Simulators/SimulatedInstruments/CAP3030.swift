import Metrology
import Plant

/// The Capelec CAP3030 opacimeter with the commands of the Sensors LCS-2400: `cmd data CS`, CS the two's complement of
/// the sum; a reply repeats the command, `15 EB` refuses.
struct CAP3030: AnsweringInstrument {
    private var meter: OpacityMeter
    private var isArmed = false
    private var isTriggered = false
    private var isStandingBy = false
    var received: [UInt8] = []

    /// The commands without data, which are all that this bench knows.
    private static let known: Set<UInt8> = [0x75, 0x8B, 0x8C, 0x6C, 0x61, 0x74, 0x71, 0x99]
    /// The greatest signal that leaves the window clean enough to be set to zero, 1/m.
    private static let sootLimit = 1.0

    private var isSooted = false

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { meter = OpacityMeter(switchedOn: switchedOn, warmUp: warmUp) }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        guard Self.known.contains(bytes[0]) else { return .damaged(bytes.count) }
        guard bytes.count >= 2 else { return .unfinished }
        return Wire.sum(bytes.prefix(2)) == 0 ? .whole(2) : .damaged(bytes.count)
    }

    func refusal(of request: [UInt8]) -> [UInt8] { Wire.complemented([0x15]) }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let command = request[0]
        var data: [UInt8] = []
        switch command {
        case 0x75: data = values(meter.live(surroundings.observe().smoke), surroundings) + status(surroundings)
        case 0x8B: data = Array(values(raw(surroundings), surroundings).prefix(2))
        case 0x8C: data = values(raw(surroundings), surroundings) + status(surroundings)
        case 0x6C:
            guard meter.isWarm(at: surroundings.now), !meter.isCalibrating(at: surroundings.now) else {
                return .refused
            }
            isSooted = surroundings.observe().smoke.absorption > Self.sootLimit
            if !isSooted { meter.calibrate(surroundings) }
        case 0x61: (isArmed, isTriggered, isStandingBy) = (true, false, false)
        case 0x74:
            guard isArmed else { return .refused }
            isTriggered = true
        case 0x71: (isArmed, isTriggered) = (false, false)
        default: (isArmed, isTriggered, isSooted) = (false, false, false)
        }
        return .done(Wire.code(command), Wire.complemented([command] + data))
    }

    /// Without the filter of one second.
    private func raw(_ surroundings: Surroundings) -> OpacityMeter.Shown {
        var unfiltered = meter
        unfiltered.isFiltered = false
        return unfiltered.live(surroundings.observe().smoke)
    }

    /// Opacity in tenths of a percent, and the temperatures of gas and tube in whole °C.
    private func values(_ shown: OpacityMeter.Shown, _ surroundings: Surroundings) -> [UInt8] {
        let tube = meter.tubeTemperature(surroundings)
        return Wire.unsignedWord(shown.opacity, scale: 10) + [Wire.byte(tube - 10), Wire.byte(tube)]
    }

    /// The high byte, then the low one.
    private func status(_ surroundings: Surroundings) -> [UInt8] {
        let isWarm = meter.isWarm(at: surroundings.now)
        var (high, low): (UInt8, UInt8) = (0, 0)
        if meter.isCalibrating(at: surroundings.now) { high |= 0x01 }
        if isSooted { high |= 0x02 }
        if isArmed { high |= 0x04 }
        if isTriggered { high |= 0x08 }
        if !isWarm {
            high |= 0x20
            low |= 0x04
        }
        return [high, low]
    }
}
