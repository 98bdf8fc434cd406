import Foundation
import Metrology
import Plant

/// A signal of an instrument that a fault can spoil.
public enum SensorChannel: String, CaseIterable, Codable, Sendable {
    /// CO, %.
    case carbonMonoxide = "co"
    /// CO2, %.
    case carbonDioxide = "co2"
    /// HC, ppm.
    case hydrocarbons = "hc"
    /// NO, ppm.
    case nitricOxide = "no"
    /// NO2, ppm.
    case nitrogenDioxide = "no2"
    /// O2 of the sample, or in the flow meter's tube, %.
    case oxygen = "o2"
    /// Light absorption, 1/m.
    case absorption = "k"
    /// Brake force, N.
    case force
    /// Roller speed, km/h; an encoder has no offset.
    case speed
    /// Engine speed, r/min.
    case engineSpeed = "engine-speed"
    /// Temperature of the room or of the tube, °C.
    case temperature
    /// Relative humidity, %.
    case humidity
    /// Pressure of the room or of the tube, kPa.
    case pressure
    /// Flow in the tube, L/s.
    case flow
}

extension SensorChannel {
    /// The signals of an instrument, the first that one thinks of first.
    static func of(_ role: InstrumentRole) -> [SensorChannel] {
        switch role {
        case .gasAnalyzer: [.hydrocarbons, .carbonMonoxide, .carbonDioxide, .nitricOxide, .nitrogenDioxide, .oxygen]
        case .noxAnalyzer: [.nitricOxide, .nitrogenDioxide, .absorption, .temperature, .humidity, .pressure]
        case .opacimeter: [.absorption, .temperature, .humidity, .pressure]
        case .dynamometer: [.force, .speed]
        case .tachometer: [.engineSpeed]
        case .weatherStation: [.temperature, .humidity, .pressure]
        case .flowMeter: [.flow, .oxygen, .temperature, .pressure]
        default: []
        }
    }
}

/// What is wrong with an instrument's sensors: each signal is gain times the truth plus offset.
struct SensorErrors: Hashable, Sendable {
    private var gains: [SensorChannel: Double] = [:]
    private var offsets: [SensorChannel: Double] = [:]
    /// Offsets that grow.
    private var drifts: [SensorChannel: Drift] = [:]
    /// The share of the opacimeter's light that strays past what is in its chamber.
    private var strayLight = 0.0

    /// An offset that grows with the lane's time.
    private struct Drift: Hashable {
        let perMinute: Double
        let since: LaneInstant
    }

    var isEmpty: Bool { gains.isEmpty && offsets.isEmpty && drifts.isEmpty && strayLight == 0 }

    /// The errors as they are at one moment, when nothing grows.
    func at(_ now: LaneInstant) -> SensorErrors {
        if drifts.isEmpty { return self }
        var errors = self
        errors.drifts = [:]
        for (channel, drift) in drifts {
            errors.offsets[channel, default: 0] += drift.perMinute * (now - drift.since).seconds / 60
        }
        return errors
    }

    /// Lets light stray past the chamber.
    mutating func dirtyLens(_ share: Double) { strayLight = share }

    /// Lets a cell give only a share of its signal.
    mutating func weaken(_ channel: SensorChannel, to share: Double?) { gains[channel] = share }

    /// Takes a drift in that begins, or has begun, at a time of the lane.
    mutating func take(_ fault: Fault, _ channels: [SensorChannel], at now: LaneInstant) {
        for channel in channels {
            if fault.kind == .drift { drifts[channel] = Drift(perMinute: fault.effectiveAmount, since: now) }
            if fault.kind == .spanDrift { gains[channel] = 1 + fault.effectiveAmount }
            if fault.kind == .zeroDrift { offsets[channel] = fault.effectiveAmount }
        }
    }

    /// Takes a drift away.
    mutating func forget(_ kind: Fault.Kind, _ channels: [SensorChannel]) {
        for channel in channels {
            if kind == .spanDrift { gains[channel] = nil }
            if kind == .zeroDrift { offsets[channel] = nil }
            if kind == .drift { drifts[channel] = nil }
        }
    }

    func gain(_ channel: SensorChannel) -> Double { gains[channel] ?? 1 }
    func offset(_ channel: SensorChannel) -> Double { offsets[channel] ?? 0 }

    func signal(_ value: Double, _ channel: SensorChannel) -> Double {
        gain(channel) * value + offset(channel)
    }

    /// The lane as sensors with these errors see it. Force and speed are spoilt in the plant, where they are zeroed.
    func spoil(_ seen: inout PlantSnapshot) {
        guard !isEmpty else { return }
        spoil(&seen.sample)
        spoil(&seen.nitrogenSample)
        for path in [\SmokeReading.absorption, \.filteredAbsorption, \.peak, \.filteredPeak] {
            seen.smoke[keyPath: path] = signal(stray(seen.smoke[keyPath: path]), .absorption)
        }
        seen.smoke.opacity = SmokeReading.opacity(ofAbsorption: seen.smoke.absorption)
        seen.shownEngineSpeed = max(0, signal(seen.shownEngineSpeed, .engineSpeed))
        seen.air.temperature = signal(seen.air.temperature, .temperature)
        seen.air.relativeHumidity = signal(seen.air.relativeHumidity, .humidity)
        seen.air.pressure = signal(seen.air.pressure, .pressure)
        seen.tube.oxygen = signal(seen.tube.oxygen, .oxygen)
        seen.tube.temperature = signal(seen.tube.temperature, .temperature)
        seen.tube.pressure = signal(seen.tube.pressure, .pressure)
        seen.tube.actualFlow = signal(seen.tube.actualFlow, .flow)
        seen.tube.standardFlow = signal(seen.tube.standardFlow, .flow)
    }

    /// The absorption that a meter finds of whose light a share does not go through the smoke: Lambert and Beer's law
    /// over the rest.
    private func stray(_ absorption: Double) -> Double {
        guard strayLight > 0 else { return absorption }
        let opacity = (1 - strayLight) * SmokeReading.opacity(ofAbsorption: absorption) / 100
        return -log(1 - opacity) / SmokeReading.pathLength
    }

    private func spoil(_ gas: inout GasMixture) {
        for (channel, path) in GasCells.cells { gas[keyPath: path] = signal(gas[keyPath: path], channel) }
    }
}
