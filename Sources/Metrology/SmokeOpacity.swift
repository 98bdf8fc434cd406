/// Opacity of diesel smoke and its light absorption coefficient (不透光度 N, 光吸收系数 k).
///
///     k = −ln(1 − N/100)/L
///
/// The law of Beer and Lambert over the effective length L of the smoke in the light path (光通道有效长度), as in
/// GB 3847-2018 and ISO 11614. N depends on the length, k does not; limits in k hold for every instrument.
public enum SmokeOpacity {
    /// The light absorption coefficient of an opacity.
    ///
    /// An instrument whose zero has drifted may read a little less than 0 %; the coefficient is then negative, too.
    ///
    /// - Parameters:
    ///   - opacity: below 100 %.
    ///   - length: the effective length that the opacity was measured over, 0.430 m for the usual instruments.
    /// - Throws: ``MetrologyError/opacitySaturated(_:)`` from 100 % on, ``MetrologyError/lengthNotPositive(_:)``,
    ///   ``MetrologyError/notFinite``.
    public static func absorption(of opacity: Percentage, over length: Length) throws(MetrologyError) -> LightAbsorption
    {
        guard opacity.value.isFinite, length.value.isFinite else { throw .notFinite }
        guard length.value > 0 else { throw .lengthNotPositive(length) }
        guard opacity.value < 100 else { throw .opacitySaturated(opacity) }
        return LightAbsorption(-naturalLogarithm(1 - opacity.value / 100) / length.value)
    }

    /// The opacity that smoke of a light absorption coefficient has over a length: N = 100·(1 − e^(−k·L)) %.
    ///
    /// - Throws: ``MetrologyError/lengthNotPositive(_:)``, ``MetrologyError/notFinite``.
    public static func opacity(of absorption: LightAbsorption, over length: Length) throws(MetrologyError) -> Percentage
    {
        guard absorption.value.isFinite, length.value.isFinite else { throw .notFinite }
        guard length.value > 0 else { throw .lengthNotPositive(length) }
        let opacity = 100 * (1 - exponential(-absorption.value * length.value))
        guard opacity.isFinite else { throw .notFinite }
        return Percentage(opacity)
    }

    /// What an opacity would be over another length of the same smoke: N2 = 100·(1 − (1 − N1/100)^(L2/L1)) %.
    ///
    /// Smoke that lets no light through one length lets none through any other.
    ///
    /// - Throws: ``MetrologyError/lengthNotPositive(_:)``, ``MetrologyError/notFinite``, and
    ///   ``MetrologyError/opacitySaturated(_:)`` above 100 %.
    public static func convert(
        _ opacity: Percentage, from measured: Length, to wanted: Length
    ) throws(MetrologyError) -> Percentage {
        guard opacity.value.isFinite, measured.value.isFinite, wanted.value.isFinite else { throw .notFinite }
        guard measured.value > 0 else { throw .lengthNotPositive(measured) }
        guard wanted.value > 0 else { throw .lengthNotPositive(wanted) }
        if opacity.value == 100 { return opacity }
        return try self.opacity(of: absorption(of: opacity, over: measured), over: wanted)
    }
}
