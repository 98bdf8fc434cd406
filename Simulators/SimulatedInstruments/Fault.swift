public import Metrology

/// Something that goes wrong with a simulated instrument, for as long as it is not cleared.
public struct Fault: Codable, Hashable, Sendable {
    /// What goes wrong.
    public var kind: Kind
    /// How much of it, in the kind's unit; nil takes ``Kind/usualAmount``.
    public var amount: Double?
    /// Which signal of the instrument drifts; nil takes all of them, or for a zero the first.
    public var channel: SensorChannel?
    /// How many frames it befalls before it is over by itself; nil for all until it is ended. Only what happens to frames
    /// can be counted.
    public var count: Int?

    /// Creates a fault.
    public init(_ kind: Kind, amount: Double? = nil, channel: SensorChannel? = nil, count: Int? = nil) {
        self.kind = kind
        self.amount = amount
        self.channel = channel
        self.count = count
    }

    /// What can go wrong. The raw values are those of the control socket.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// Nothing is sent.
        case silent
        /// Every frame comes late; the amount is in real milliseconds.
        case slowReply = "slow-reply"
        /// The last byte is wrong, that is the checksum or, where a protocol has none, the terminator; the amount n
        /// means every n-th frame.
        case corruptedChecksum = "corrupted-checksum"
        /// Random bytes precede each frame; the amount is their number.
        case garbage
        /// The second half of each frame is missing.
        case truncated
        /// The cable is pulled: the pseudo-terminal is closed, and a new one opened when the fault is cleared.
        case hangUp = "hang-up"
        /// The analyzer's sample flow is low; the amount is the share that is left.
        case lowFlow = "low-flow"
        /// Values stay what they are now.
        case stuckValue = "stuck-value"
        /// Room air leaks into the sample; the amount is its share.
        case dilution
        /// The engine stalls and does not start.
        case stall
        /// Every frame is sent twice.
        case duplicate
        /// Another unit of the line answers: frames hold another address and a check that agrees. Nothing happens where a
        /// protocol has no addresses.
        case wrongAddress = "wrong-address"
        /// The instrument is set to another speed than its line; the amount is in bits per second.
        case baudMismatch = "baud-mismatch"
        /// One byte of each frame is wrong; the amount n means every n-th frame.
        case corruptedByte = "corrupted-byte"
        /// The bytes of a frame come with gaps between them; the amount is in real milliseconds.
        case byteGaps = "byte-gaps"
        /// The instrument starts anew, with all that it had learned forgotten, and warms up again.
        case reboot
        /// A signal has jumped; the amount is in its unit. A large one puts the value out of the instrument's range.
        case zeroDrift = "zero-drift"
        /// A signal moves further and further; the amount is in its unit and per minute.
        case drift
        /// A signal is scaled; the amount is the share that is added, such as -0.1 for a tenth too little. The wrong unit is
        /// one, too: 9 for hPa where kPa are expected, 9999 for ppm where % are.
        case spanDrift = "span-drift"
        /// The gas cells are slow, or the brake's controller; the amount is how many times as long they take.
        case slowResponse = "slow-response"
        /// The sample path lets air in; the amount is the share of air in the sample.
        case leak
        /// The oxygen cell is worn; the amount is the share of a new one's signal that is left.
        case wornOxygenCell = "worn-oxygen-cell"
        /// The converter of NO2 is poisoned; the amount is the share of NO2 that it still turns into NO.
        case poisonedConverter = "poisoned-converter"
        /// A lens is dirty; the amount is the share of the light that strays past what is in the chamber.
        case dirtyLens = "dirty-lens"
        /// A bearing of the rollers drags; the amount is in N at their surface.
        case rollerDrag = "roller-drag"
        /// What turns is not what everybody believes; the amount is its share of that.
        case wrongInertia = "wrong-inertia"
        /// The interlock of the lift is broken: it moves while the rollers turn.
        case brokenInterlock = "broken-interlock"
        /// The load cell slips in its seat; the amount is the share of the force that it does not feel.
        case slippingForceCell = "slipping-force-cell"
        /// The tyres slip on the rollers; the amount is how much faster they turn, as a share.
        case wheelSlip = "wheel-slip"
        /// The tachometer's clamp has come off.
        case clampOff = "clamp-off"
        /// The flow meter's tube does not catch all of the exhaust; the amount is the share that is lost.
        case tubeLeak = "tube-leak"
        /// The fan of the vehicle's radiator is broken.
        case brokenFan = "broken-fan"

        /// The amount where none is given.
        public var usualAmount: Double {
            switch self {
            case .slowReply: 300
            case .corruptedChecksum: 1
            case .garbage: 5
            case .lowFlow: 0.3
            case .dilution: 0.7
            case .corruptedByte: 1
            case .byteGaps: 20
            case .baudMismatch: 2400
            case .zeroDrift, .drift: 1
            case .spanDrift: 0.1
            case .slowResponse: 2
            case .wheelSlip: 0.2
            case .tubeLeak: 0.3
            case .leak: 0.1
            case .wornOxygenCell: 0.4
            case .poisonedConverter: 0.6
            case .dirtyLens: 0.08
            case .rollerDrag: 100
            case .wrongInertia: 1.1
            case .slippingForceCell: 0.12
            case .silent, .truncated, .hangUp, .stuckValue, .stall, .duplicate, .reboot, .clampOff, .brokenFan,
                .brokenInterlock, .wrongAddress:
                0
            }
        }

        /// The amounts that make sense.
        var amounts: ClosedRange<Double> {
            switch self {
            case .slowReply: 0...60_000
            case .corruptedChecksum: 1...1_000_000
            case .garbage: 1...1000
            case .lowFlow, .dilution, .tubeLeak: 0...1
            case .corruptedByte: 1...1_000_000
            case .byteGaps: 0...1000
            case .baudMismatch: 1200...115_200
            case .zeroDrift, .drift: -10_000...10_000
            case .spanDrift: -0.99...9999
            case .slowResponse: 1...100
            case .leak, .wornOxygenCell, .poisonedConverter: 0...1
            case .dirtyLens, .slippingForceCell: 0...0.9
            case .rollerDrag: 0...1000
            case .wrongInertia: 0.5...2
            case .wheelSlip: 0...0.9
            case .silent, .truncated, .hangUp, .stuckValue, .stall, .duplicate, .reboot, .clampOff, .brokenFan,
                .brokenInterlock, .wrongAddress:
                0...0
            }
        }

        /// Whether it happens to one frame after another.
        var isOfFrames: Bool {
            switch self {
            case .silent, .slowReply, .corruptedChecksum, .garbage, .truncated, .duplicate, .wrongAddress,
                .corruptedByte, .byteGaps:
                true
            default: false
            }
        }

        /// Whether it can befall an instrument of a role.
        public func befalls(_ role: InstrumentRole) -> Bool { roles?.contains(role) ?? true }

        /// The roles that it can befall, the usual one first; nil for all.
        public var roles: [InstrumentRole]? {
            switch self {
            case .lowFlow, .dilution: [.gasAnalyzer, .noxAnalyzer]
            case .slowResponse: [.gasAnalyzer, .noxAnalyzer, .dynamometer]
            case .leak: [.gasAnalyzer, .noxAnalyzer]
            case .wornOxygenCell: [.gasAnalyzer]
            case .poisonedConverter: [.noxAnalyzer]
            case .dirtyLens: [.opacimeter]
            case .rollerDrag, .wrongInertia, .slippingForceCell, .brokenInterlock: [.dynamometer]
            case .wheelSlip: [.dynamometer]
            case .clampOff: [.tachometer]
            case .tubeLeak: [.flowMeter]
            case .drift: [.gasAnalyzer, .noxAnalyzer, .opacimeter, .tachometer, .weatherStation, .flowMeter]
            case .zeroDrift, .spanDrift:
                [.gasAnalyzer, .noxAnalyzer, .opacimeter, .dynamometer, .tachometer, .weatherStation, .flowMeter]
            default: nil
            }
        }
    }

    var effectiveAmount: Double { amount ?? kind.usualAmount }
}
