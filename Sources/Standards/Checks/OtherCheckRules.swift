import Documents
public import Metrology

/// What flow meter, tachometer, weather station, oil thermometer, OBD adapter and clock have to pass.
public struct OtherCheckRules: Sendable {
    /// The least and the greatest value that can be.
    public struct EntryRange: Hashable, Sendable {
        /// The least.
        public let low: PackValue
        /// The greatest.
        public let high: PackValue
    }

    /// How far the flow may be off, %.
    public let flowRelative: PackValue
    /// Flow at rest stays within this, m³/min.
    public let flowSteady: PackValue
    /// The least O2 in the room's air, %.
    public let flowOxygenMinimum: PackValue
    /// The greatest.
    public let flowOxygenMaximum: PackValue
    /// How far its temperature may be off, °C.
    public let flowTemperature: PackValue
    /// How far its pressure may be off, kPa.
    public let flowPressure: PackValue
    /// How far an engine speed may be off, %.
    public let tachometerRelative: PackValue
    /// Engine speed at rest stays within this, r/min.
    public let tachometerSteady: PackValue
    /// Engine speeds that are compared, r/min.
    public let tachometerPoints: [PackValue]
    /// How far the weather station may be off, by channel and in its unit.
    public let weather: [ChannelID: PackValue]
    /// How far the oil temperature may be off, °C.
    public let oilTemperature: PackValue
    /// What a person can have read off a reference instrument, by channel and in its unit; anything else was mistyped.
    public let entryRanges: [ChannelID: EntryRange]
    /// How far what a person has set may be from what the step asks for, %.
    public let entryDeviation: PackValue
    /// How long the OBD adapter is watched.
    public let obdTime: LaneSpan
    /// How far the lane's clock may be off, s.
    public let clockTolerance: PackValue
    /// How many exchanges of time are needed.
    public let clockExchanges: PackValue

    init?(_ read: PackGroup) {
        flowRelative = read.value("flow-relative", "%")
        flowSteady = read.value("flow-steady", "m³/min", in: 0.001...100)
        flowOxygenMinimum = read.value("flow-oxygen-minimum", "%", in: 0...100)
        flowOxygenMaximum = read.value("flow-oxygen-maximum", "%", in: 0...100)
        flowTemperature = read.value("flow-temperature", "°C")
        flowPressure = read.value("flow-pressure", "kPa")
        tachometerRelative = read.value("tachometer-relative", "%")
        tachometerSteady = read.value("tachometer-steady", "r/min", in: 0.1...10_000)
        tachometerPoints = read.table("tachometer-points") { $0.value("speed", "r/min", in: 1...20_000) }
        weather = [
            .airTemperature: read.value("air-temperature", "°C"), .relativeHumidity: read.value("air-humidity", "%"),
            .airPressure: read.value("air-pressure", "kPa"),
        ]
        oilTemperature = read.value("oil-temperature", "°C")
        let ranges = read.table("entry-ranges") { row -> (ChannelID, EntryRange)? in
            let channel: ChannelID? = row.reader.choice("channel")
            let unit = channel?.unit.symbol ?? ""
            let low = row.value("low", unit, in: -1000...1e6)
            let high = row.value("high", unit, in: -1000...1e6)
            guard let channel, let low, let high else { return nil }
            return (channel, EntryRange(low: low, high: high))
        }
        entryRanges = Dictionary(ranges, uniquingKeysWith: { $1 })
        entryDeviation = read.value("entry-deviation", "%", in: 0...100)
        obdTime = read.span("obd-time")
        clockTolerance = read.value("clock-tolerance", "s")
        clockExchanges = read.value("clock-exchanges", "1", in: 1...1000, whole: true)
        guard read.isComplete else { return nil }
    }
}
