public import Evidence
public import Instruments
import Messages
import Metrology

extension WireCapture {
    /// Reads the wire log of a record, with the roles for the instruments' names; times count from the first tick.
    ///
    /// - Throws: `Finding` with the first line that is not what it should be.
    public init(recordedLog bytes: [UInt8], limit: Int = 1_000_000) throws(Finding) {
        let log = try WireLog(parsing: bytes)
        var roles: [InstrumentRole] = []
        for entry in log.entries where !roles.contains(entry.role) { roles.append(entry.role) }
        self.init(instruments: roles.map(\.rawValue), limit: limit)
        for entry in log.entries {
            guard let index = roles.firstIndex(of: entry.role) else { continue }
            add(entry.frames, of: index)
        }
    }
}
