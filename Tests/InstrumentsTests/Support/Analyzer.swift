import Instruments
import Metrology

/// The analyzer's part of the exchanges, transcribed from its protocol and not from its profile.
enum Analyzer {
    static let data = bytes("06 60 1B 05 48 00 2D 00 7B 01 C8 00 7B 01 C8 03 54 00 FB 09 C4 03 F5 03 F4 03 F0 7C")
    static let status = bytes("06 61 0A 00 00 00 00 00 00 00 8F")

    /// The intact reply to a request.
    static func reply(to request: [UInt8]) -> [UInt8] {
        switch request {
        case [0x02, 0x60, 0x03, 0x9B]: data
        case [0x02, 0x61, 0x03, 0x9A]: status
        default: [0x06, request[1], 0x03, 0xF7 &- request[1]]
        }
    }

    /// Every reading of ``data`` at an instant.
    static func readings(at instant: LaneInstant) -> Set<TimedReading> {
        [
            TimedReading(.carbonDioxide, 13.52, at: instant), TimedReading(.carbonMonoxide, 0.45, at: instant),
            TimedReading(.hydrocarbons, 123, at: instant), TimedReading(.nitricOxide, 456, at: instant),
            TimedReading(.oxygen, 1.23, at: instant), TimedReading(.oilTemperature, 85.2, at: instant),
            TimedReading(.analyzerEngineSpeed, 2500, at: instant), TimedReading(.linePressure, 101.3, at: instant),
            TimedReading(.lambda, 1.012, at: instant),
        ]
    }

    /// An analyzer on a port in memory, whose lane clock is the port's.
    static func instrument(_ port: MemoryPort) throws -> Instrument {
        try Instrument(profile: Devices.profile("mqw-50a"), port: PortAddress("/dev/analyzer"), opener: port) {
            laneTime(port)
        }
    }
}

/// The port's clock as lane time.
func laneTime(_ port: MemoryPort) -> LaneInstant {
    let (seconds, attoseconds) = port.uptime.components
    return LaneInstant(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
}

extension InstrumentReport {
    /// The error for which the link counts as lost; nil while it is up.
    var lostFor: InstrumentError? { if case .lost(let error) = link { error } else { nil } }
}

/// The instrument, connected.
func connected(_ instrument: Instrument) async throws -> Instrument {
    try await instrument.connect()
    return instrument
}
