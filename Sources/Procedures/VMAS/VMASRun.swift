import Metrology
import Standards

/// The cycle under way: its seconds as they are driven, and, once gas and flow have arrived, with their masses.
struct VMASRun {
    /// Seconds that have arrived completely.
    private(set) var seconds: [VMASSecond] = []
    /// The way that was driven in them, km.
    private(set) var distance = 0.0
    /// Their masses, g.
    private(set) var masses = VMASMasses()
    /// Whether the cycle is still being driven.
    private(set) var isDriving = true

    private let test: VMASTest
    private let origin: LaneInstant
    private let firstSecond: Int
    private var band: VMASBand
    private var control: VMASLoadControl
    private var alignment: VMASAlignment
    private var formation: VMASMassFormation
    private let formula: VMASMassFormula

    /// - Parameters:
    ///   - origin: when the cycle begins.
    ///   - firstSecond: the test's second that ends then.
    ///   - ambientOxygen: O2 of the room's air, %.
    init(_ test: VMASTest, origin: LaneInstant, firstSecond: Int, ambientOxygen: Double) {
        self.test = test
        self.origin = origin
        self.firstSecond = firstSecond
        band = VMASBand(test.requirements)
        control = VMASLoadControl(test)
        alignment = VMASAlignment(test, origin: origin)
        formation = VMASMassFormation(test, ambientOxygen: ambientOxygen)
        formula = VMASMassFormula(test.requirements.mass, test.requirements.mass.reading)
    }

    var counters: BandCounters { band.counters }
    var remarks: Set<TestRemark> { formation.remarks }
    var brakeForce: Force? { isDriving ? control.demand?.brake : nil }

    /// Whether every second of the cycle has arrived.
    var isComplete: Bool { seconds.count >= test.requirements.cycle.seconds }

    /// Seconds since the cycle began.
    func elapsed(at time: LaneInstant) -> Double { (time - origin).seconds }

    /// What the brake is to do now.
    mutating func load(_ frame: Frame) -> Directive? { isDriving ? control.take(frame) : nil }

    /// Takes in a second as it is driven.
    ///
    /// - Returns: why the test cannot go on, if so.
    mutating func drive(_ second: SecondImage) -> AbortReason? {
        let number = second.number - firstSecond
        guard isDriving else { return nil }
        guard let speed = second[.rollerSpeed] else { return Self.missing(.rollerSpeed, second.lost) }
        let mayGoOn = band.take(speed, second: number)
        alignment.take(second, VMASAlignment.Driven(demand: control.demand, counters: band.counters))
        isDriving = number < test.requirements.cycle.seconds
        return mayGoOn ? nil : .speedDeviation
    }

    /// Takes in a frame, for what arrives with it of earlier seconds.
    ///
    /// - Returns: why the test cannot go on, if so.
    mutating func take(_ frame: Frame) -> AbortReason? {
        alignment.take(frame)
        while let image = alignment.next() {
            if let reason = note(image) { return reason }
        }
        return nil
    }

    /// A value is missing because its device is: that is the reason to tell.
    private static func missing(_ channel: ChannelID, _ lost: Set<InstrumentRole>) -> AbortReason {
        lost.contains(channel.role) ? .deviceLost(channel.role) : .staleData(channel)
    }

    private mutating func note(_ image: VMASAlignment.Image) -> AbortReason? {
        let basis: VMASBasis
        do {
            basis = try formation.basis(image.values)
        } catch {
            switch error {
            case .air: return .precondition(.ambientConditions)
            case .missing(let channel): return Self.missing(channel, image.lost)
            }
        }
        let cycle = test.requirements.cycle
        let operation = cycle.operation(at: Double(image.number))
        let speed = Speed(image.values[.rollerSpeed] ?? 0)
        let second = VMASSecond(
            number: image.number, operation: operation + 1, phase: cycle.operations[operation].phase,
            target: band.target(of: image.number), values: image.values, counters: image.driven.counters,
            totalForce: image.driven.demand?.total, parasiticForce: image.driven.demand?.parasitic,
            setForce: image.driven.demand?.brake,
            parasiticPower: speed.value > 0 ? test.parasiticLoss.power(at: speed) : Power(0), basis: basis,
            masses: basis.masses(formula))
        seconds.append(second)
        // A second is as long as its number of metres: km/h for 1/3600 of an hour.
        distance += speed.value / 3600
        masses = masses + second.masses
        return nil
    }
}
