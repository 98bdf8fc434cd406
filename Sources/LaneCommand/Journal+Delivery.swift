import Evidence
import Foundation
import Journal
import Uplink

extension Journal {
    /// Delivers what waits in the outbox, for some seconds at most; what is not delivered then stays there.
    ///
    /// - Returns: the deliveries that were confirmed or rejected, in the order of their numbers.
    /// - Throws: `TransportSecurityError`, `JournalError`.
    func deliver(
        to authority: AuthorityLink, for seconds: TimeInterval
    ) async throws -> [Delivery] {
        try await authority.ask { transport in
            var configuration = Pump.Configuration(base: authority.address)
            configuration.backlogBytesPerSecond = authority.backlogBytesPerSecond
            let pump = Pump(journal: self, transport: transport, configuration: configuration)
            return try await pump.drain(until: Date(timeIntervalSinceNow: seconds))
        }
    }
}

extension Delivery {
    /// The authority's receipt; the journal keeps the whole answer, of which it is a member.
    var receiptValue: JSONValue? { receipt.flatMap { try? JSONValue(parsing: $0) }?["receipt"] }

    /// What people call it: `3 record 2`, `7 process 9f3c…/4`.
    var title: String {
        switch (counter, test) {
        case (let counter?, _): "\(number) \(kind.rawValue) \(counter)"
        case (_, let test?): "\(number) \(kind.rawValue) \(test.prefix(8))/\(sequence)"
        default: "\(number) \(kind.rawValue) \(sequence)"
        }
    }
}
