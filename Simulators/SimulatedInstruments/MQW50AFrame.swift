/// Frames of the MQW-50A gas analyzer as its host protocol has them, seen from the instrument.
///
/// Request `02 cmd LB data… CS`, reply `06 cmd LB data… CS`; LB is the total length less one, CS the two's complement
/// of the 8-bit sum of all bytes before it. 9600 8N1.
public enum MQW50AFrame {
    /// The byte that brings the sum of a whole frame to zero.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt8 { 0 &- bytes.reduce(0, &+) }

    /// A host's request.
    public static func request(_ command: UInt8, data: [UInt8] = []) -> [UInt8] { frame(0x02, command, data) }

    /// An accepted request without data to answer with.
    public static func acknowledgement(of command: UInt8) -> [UInt8] { frame(0x06, command, []) }

    /// A request that is not accepted: unknown, of the wrong length, damaged, or not possible now.
    ///
    /// The sources give only the leading 15; the rest follows the form of the acknowledgement.
    public static func refusal(of command: UInt8) -> [UInt8] { frame(0x15, command, []) }

    static func frame(_ lead: UInt8, _ command: UInt8, _ data: [UInt8]) -> [UInt8] {
        let bytes = [lead, command, UInt8(data.count + 3)] + data
        return bytes + [checksum(bytes)]
    }
}

/// What the analyzer answers to 60, in the units that a person reads.
public struct MQW50AData: Hashable, Sendable {
    /// %, in hundredths.
    public var carbonDioxide = 0.0
    /// %, in hundredths.
    public var carbonMonoxide = 0.0
    /// ppm.
    public var hydrocarbons = 0.0
    /// ppm.
    public var nitricOxide = 0.0
    /// %, in hundredths.
    public var oxygen = 0.0
    /// %, in tenths.
    public var relativeHumidity = 0.0
    /// °C, in tenths.
    public var oilTemperature = 0.0
    /// °C, in tenths.
    public var airTemperature = 0.0
    /// r/min.
    public var engineSpeed = 0.0
    /// kPa, in tenths.
    public var linePressure = 0.0
    /// In thousandths.
    public var lambda = 0.0
    /// ppm; only A8 answers with it.
    public var nitrogenDioxide = 0.0
    /// Propane's equivalent, in thousandths; A3 and A8 answer with it.
    public var propaneEquivalence = 0.508
    /// kPa, in tenths.
    public var airPressure = 0.0

    /// Creates data of zeros.
    public init() {}

    /// The reply of 28 bytes, each value rounded to its scale and kept within a signed word.
    public var frame: [UInt8] {
        let words: [(Double, Double)] = [
            (carbonDioxide, 100), (carbonMonoxide, 100), (hydrocarbons, 1), (nitricOxide, 1), (oxygen, 100),
            (relativeHumidity, 10), (oilTemperature, 10), (airTemperature, 10), (engineSpeed, 1), (linePressure, 10),
            (lambda, 1000), (airPressure, 10),
        ]
        return MQW50AFrame.frame(0x06, 0x60, words.flatMap { Wire.word($0.0, scale: $0.1) })
    }

    /// The reply to 60, A3 (24 bytes) or A8 (28 bytes, with nitrogen dioxide).
    public func frame(answering command: UInt8) -> [UInt8] {
        guard command != 0x60 else { return frame }
        let nitrogen = command == 0xA8 ? nitricOxide + nitrogenDioxide : nitricOxide
        let last = command == 0xA8 ? [nitricOxide, nitrogenDioxide] : []
        let words: [(Double, Double)] = [
            (carbonDioxide, 100), (carbonMonoxide, 100), (hydrocarbons, 1), (nitrogen, 1), (oxygen, 100),
            (oilTemperature, 10), (engineSpeed, 1), (linePressure, 10), (lambda, 1000), (propaneEquivalence, 1000),
        ]
        let data = words.flatMap { Wire.word($0.0, scale: $0.1) } + last.flatMap { Wire.word($0) }
        return MQW50AFrame.frame(0x06, command, data)
    }
}

/// What the analyzer answers to 61.
public struct MQW50AStatus: Hashable, Sendable {
    // First status byte.
    /// Sample flow too low.
    public var lowFlow = false
    /// Setting its zero.
    public var zeroing = false
    /// Measuring the residual HC.
    public var readingResidue = false
    /// Checking for leaks.
    public var leakChecking = false
    /// Measuring the room's air.
    public var readingAmbient = false
    /// Measuring the background.
    public var readingBackground = false
    /// Blowing the line free.
    public var purging = false
    /// Not warm yet.
    public var warmingUp = false

    // Second status byte.
    /// Occupied by an action.
    public var busy = false
    /// Pump runs.
    public var pumpOn = false
    /// Nitrogen is chosen as zero gas.
    public var zeroGasIsNitrogen = false
    /// Wants to be zeroed.
    public var waitingForZero = false

    // Third status byte.
    /// The last zero failed.
    public var zeroFailed = false
    /// The residual HC was too high.
    public var residueHigh = false
    /// The last leak check failed.
    public var leakFailed = false

    // Fourth status byte.
    /// Stroke setting.
    public var stroke = false
    /// Ignition setting: double.
    public var doubleIgnition = false

    /// Creates a status without any bit set.
    public init() {}

    /// The reply of 11 bytes.
    public var frame: [UInt8] {
        let first = bits([
            lowFlow, zeroing, readingResidue, leakChecking, readingAmbient, readingBackground, purging, warmingUp,
        ])
        let second = bits([busy, pumpOn, false, false, false, false, zeroGasIsNitrogen, waitingForZero])
        let third = bits([false, false, false, false, false, zeroFailed, residueHigh, leakFailed])
        let fourth = bits([stroke, doubleIgnition, false, false, false, false, false, false])
        return MQW50AFrame.frame(0x06, 0x61, [first, second, third, fourth, 0, 0, 0])
    }

    private func bits(_ flags: [Bool]) -> UInt8 { flags.reduce(0) { $0 << 1 | ($1 ? 1 : 0) } }
}
