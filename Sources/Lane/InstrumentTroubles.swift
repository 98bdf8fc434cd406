package import Instruments
package import Metrology
package import Procedures

/// What is wrong with a lane's instruments at the moment (故障), so that an abort is explained by what led to it.
///
/// A link's trouble lasts until the instrument reports without one: an outage that the test rode through must not
/// explain a later abort for another cause, and the same outage again is news. An action that an instrument did not
/// carry out ends the test, so that nothing takes it back.
package struct InstrumentTroubles: Sendable {
    private var links: [InstrumentRole: InstrumentError] = [:]
    private var actions: [InstrumentRole: InstrumentError] = [:]

    /// Nothing is wrong.
    package init() {}

    /// Takes what a link reported.
    ///
    /// - Returns: whether it is news: a dead line would otherwise flood whoever looks.
    package mutating func take(_ error: InstrumentError, ofLink role: InstrumentRole) -> Bool {
        links.updateValue(error, forKey: role)?.reason != error.reason
    }

    /// The instrument reports again, and without trouble.
    package mutating func recovered(_ role: InstrumentRole) { links[role] = nil }

    /// Takes why an instrument did not carry out an action.
    package mutating func take(_ error: InstrumentError, ofAction role: InstrumentRole) {
        // The first is why the test ends; what is done on the way out may fail for other reasons.
        if actions[role] == nil { actions[role] = error }
    }

    /// The instrument's own words for an abort that is about an instrument; nil for any other.
    package func error(behind reason: AbortReason) -> InstrumentError? {
        switch reason {
        case .deviceFault(let role): actions[role] ?? links[role]
        case .deviceLost(let role): links[role] ?? actions[role]
        case .staleData(let channel): links[channel.role] ?? actions[channel.role]
        default: nil
        }
    }
}
