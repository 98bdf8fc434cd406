/// What a technician sets up for instruments to be compared with (标准器), besides bottles, filters and weights.
public struct ReferenceSettings: Codable, Hashable, Sendable {
    /// What a generator makes the tachometer's clamp see (转速标准器), r/min; nil for none.
    public var engineSpeed: Double?
    /// The bath in which the oil probe hangs (油温标准槽), °C; nil for none.
    public var oilTemperature: Double?
    /// What a blower pushes through the flow meter's tube (流量标准装置), L/s at 20 °C and 101.325 kPa; nil for none.
    public var tubeFlow: Double?
    /// Whether the probes of the gas benches are shut with their caps.
    public var probeIsShut: Bool

    /// Creates settings; without arguments nothing is set up.
    public init(
        engineSpeed: Double? = nil, oilTemperature: Double? = nil, tubeFlow: Double? = nil, probeIsShut: Bool = false
    ) {
        self.engineSpeed = engineSpeed
        self.oilTemperature = oilTemperature
        self.tubeFlow = tubeFlow
        self.probeIsShut = probeIsShut
    }

    /// Decodes settings; what is left out is not set up.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            engineSpeed: try values.decodeIfPresent(Double.self, forKey: .engineSpeed),
            oilTemperature: try values.decodeIfPresent(Double.self, forKey: .oilTemperature),
            tubeFlow: try values.decodeIfPresent(Double.self, forKey: .tubeFlow),
            probeIsShut: try values.decodeIfPresent(Bool.self, forKey: .probeIsShut) ?? false)
    }
}
