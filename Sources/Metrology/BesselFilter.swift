/// The second-order Bessel filter that gives a smoke signal a defined response time (贝塞尔滤波), as designed in
/// Directive 2005/55/EC, Annex III, Appendix 1, 6.1, and UN Regulation 49.
///
///     Ω = 1/tan(π·Δt·fc),  E = 1/(1 + Ω·√(3D) + D·Ω²),  K = 2E·(D·Ω² − 1) − 1,  D = 0.618034
///     Y(i) = Y(i−1) + E·(S(i) + 2S(i−1) + S(i−2) − 4Y(i−2)) + K·(Y(i−1) − Y(i−2))
///
/// It runs on the light absorption coefficient, never on the opacity: the two are not proportional, and for a short
/// burst of smoke the order of filter and conversion changes the peak by a third.
public struct BesselFilter: Hashable, Sendable {
    /// The constant E.
    public let e: Double
    /// The constant K.
    public let k: Double

    // The last sample and output, and those before them.
    private var lastInput = 0.0
    private var earlierInput = 0.0
    private var lastOutput = 0.0
    private var earlierOutput = 0.0
    private var hasBegun = false

    /// The constant D of the regulation, (√5 − 1)/2 to six digits.
    public static let d = 0.618034

    /// π as the published example of the regulation has it; with it the example's constants come out digit by digit.
    public static let publishedPi = 3.1415

    /// A filter of a cut-off frequency.
    ///
    /// - Parameters:
    ///   - cutOff: the cut-off frequency fc, Hz, below half of the sampling frequency.
    ///   - interval: the time Δt from sample to sample, s.
    ///   - pi: π, as the regulation's example writes it.
    /// - Throws: ``MetrologyError/filterUndefined`` for values that make no filter.
    public init(cutOff: Double, interval: Double, pi: Double = publishedPi) throws(MetrologyError) {
        guard cutOff.isFinite, interval.isFinite, cutOff > 0, interval > 0, cutOff * interval < 0.5 else {
            throw .filterUndefined
        }
        let omega = 1 / tangent(pi * interval * cutOff)
        e = 1 / (1 + omega * (3 * Self.d).squareRoot() + Self.d * omega * omega)
        k = 2 * e * (Self.d * omega * omega - 1) - 1
    }

    /// Takes the next sample and returns the filtered value.
    ///
    /// The first sample counts as having been there forever, so that a filter that starts on idle smoke does not swing
    /// up from zero.
    public mutating func next(_ sample: Double) -> Double {
        guard hasBegun else {
            hasBegun = true
            (lastInput, earlierInput, lastOutput, earlierOutput) = (sample, sample, sample, sample)
            return sample
        }
        let value =
            lastOutput + e * (sample + 2 * lastInput + earlierInput - 4 * earlierOutput)
            + k * (lastOutput - earlierOutput)
        (lastInput, earlierInput) = (sample, lastInput)
        (lastOutput, earlierOutput) = (value, lastOutput)
        return value
    }

    /// When the answer to a unit step passes 10 % and 90 %, in seconds after the step, interpolated between samples.
    ///
    /// - Throws: ``MetrologyError/filterUndefined`` if it does not within `longest` seconds.
    public func stepTimes(
        interval: Double, longest: Double
    ) throws(MetrologyError) -> (tenth: Double, nineTenths: Double) {
        var filter = self
        filter.hasBegun = true
        (filter.lastInput, filter.earlierInput, filter.lastOutput, filter.earlierOutput) = (0, 0, 0, 0)
        var tenth: Double?
        var before = 0.0
        // Time counts from the first sample of the step, as in the example.
        for index in 1...max(1, Int(longest / interval)) {
            let value = filter.next(1)
            func crossing(_ level: Double) -> Double {
                (Double(index - 2) + (level - before) / (value - before)) * interval
            }
            if tenth == nil, value >= 0.1 { tenth = crossing(0.1) }
            if let tenth, value >= 0.9 { return (tenth, crossing(0.9)) }
            before = value
        }
        throw .filterUndefined
    }
}

/// How a Bessel filter was found for an overall response time, pass by pass (滤波器设计).
public struct BesselDesign: Hashable, Sendable {
    /// One pass of the iteration.
    public struct Pass: Hashable, Sendable {
        /// Cut-off frequency fc, Hz.
        public let cutOff: Double
        /// The filter's constants E and K.
        public let e: Double
        /// K.
        public let k: Double
        /// When the unit step's answer passes 10 %, s.
        public let tenth: Double
        /// And 90 %, s.
        public let nineTenths: Double
        /// By how much the filter's own response is too long, as a share of the response it has: Δ.
        public let deviation: Double
    }

    /// The response time that the filter itself has to have, t_F, s.
    public let response: Double
    /// The passes, the last of which is the filter.
    public let passes: [Pass]
    /// The filter.
    public let filter: BesselFilter

    /// Designs a filter so that opacimeter and filter together respond within `overall` seconds.
    ///
    ///     t_F = √(t_aver² − t_p² − t_e²);  fc = π/(10·t_F), then fc·(1 + Δ), until |Δ| ≤ `tolerance`
    ///
    /// with Δ = (t_F,iter − t_F)/t_F,iter and t_F,iter = t90 − t10 of the unit step's answer.
    ///
    /// - Parameters:
    ///   - overall: the wanted response time t_aver, s.
    ///   - physical: the opacimeter's physical response time t_p, s.
    ///   - electrical: its electrical response time t_e, s.
    ///   - interval: the time from sample to sample, s.
    ///   - tolerance: 0.01 in the regulation.
    ///   - pi: π, as the regulation's example writes it.
    /// - Throws: ``MetrologyError/filterUndefined`` if the opacimeter alone is slower than what is wanted, or no
    ///   cut-off frequency comes near.
    public init(
        overall: Double, physical: Double, electrical: Double, interval: Double, tolerance: Double = 0.01,
        pi: Double = BesselFilter.publishedPi
    ) throws(MetrologyError) {
        let square = overall * overall - physical * physical - electrical * electrical
        guard square.isFinite, square > 0, interval > 0 else { throw .filterUndefined }
        let response = square.squareRoot()
        var cutOff = pi / (10 * response)
        var passes: [Pass] = []
        // The example needs two passes; a design that has not settled after fifty never will.
        while passes.count < 50 {
            let filter = try BesselFilter(cutOff: cutOff, interval: interval, pi: pi)
            let (tenth, nineTenths) = try filter.stepTimes(interval: interval, longest: 100 * overall)
            let found = nineTenths - tenth
            let deviation = (found - response) / found
            passes.append(
                Pass(
                    cutOff: cutOff, e: filter.e, k: filter.k, tenth: tenth, nineTenths: nineTenths,
                    deviation: deviation))
            if abs(deviation) <= tolerance {
                self.response = response
                self.passes = passes
                self.filter = filter
                return
            }
            cutOff *= 1 + deviation
        }
        throw .filterUndefined
    }
}
