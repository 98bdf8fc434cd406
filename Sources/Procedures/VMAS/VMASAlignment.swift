import Metrology
import Standards

/// Brings the values of a cycle's second together although they reach their instruments at different times (时间对齐):
/// gas and flow are read as much later as the lane's response check found them to be late.
struct VMASAlignment {
    /// One second of the cycle, every value from when it left the tail pipe.
    struct Image {
        /// Second of the cycle, from 1.
        let number: Int
        /// The values that stand for it.
        let values: [ChannelID: Double]
        /// Instruments that were lost when their part of it was read.
        let lost: Set<InstrumentRole>
        /// What was known as it was driven.
        let driven: Driven
    }

    /// What is known of a second as it is driven.
    struct Driven {
        let demand: VMASDemand?
        let counters: BandCounters
    }

    private var gas: SecondCollector
    private var flow: SecondCollector
    private var gasSeconds: [SecondImage] = []
    private var flowSeconds: [SecondImage] = []
    private var drivenSeconds: [(SecondImage, Driven)] = []
    private var given = 0

    /// - Parameter origin: when the cycle began.
    init(_ test: VMASTest, origin: LaneInstant) {
        let rule = test.requirements.secondTakes
        gas = SecondCollector(rule: rule, origin: origin + test.analyzerDelay, role: .gasAnalyzer)
        flow = SecondCollector(rule: rule, origin: origin + test.flowMeterDelay, role: .flowMeter)
    }

    /// Takes in what the instruments read now.
    mutating func take(_ frame: Frame) {
        gasSeconds += gas.take(frame)
        flowSeconds += flow.take(frame)
    }

    /// Takes in a second as it was driven.
    mutating func take(_ second: SecondImage, _ driven: Driven) { drivenSeconds.append((second, driven)) }

    /// The next second of which everything has arrived.
    mutating func next() -> Image? {
        guard given < min(drivenSeconds.count, gasSeconds.count, flowSeconds.count) else { return nil }
        let (second, driven) = drivenSeconds[given]
        let parts = [(gasSeconds[given], InstrumentRole.gasAnalyzer), (flowSeconds[given], .flowMeter)]
        var values = second.values.filter { id, _ in parts.allSatisfy { $0.1 != id.role } }
        var lost = second.lost.filter { role in parts.allSatisfy { $0.1 != role } }
        for (part, role) in parts {
            values.merge(part.values) { $1 }
            if part.lost.contains(role) { lost.insert(role) }
        }
        given += 1
        return Image(number: given, values: values, lost: lost, driven: driven)
    }
}
