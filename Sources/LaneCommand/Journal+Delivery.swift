import Evidence
import Foundation
import Journal
import Uplink

extension Journal {
    /// Delivers what waits in the outbox, for some seconds at most; what is not delivered then stays there.
    ///
    /// - Returns: the deliveries that were confirmed or rejected, in the order of their numbers.
    func deliver(to authority: String, for seconds: TimeInterval) async -> [Delivery] {
        let transport = HTTPTransport(timeout: .seconds(5))
        let pump = Pump(journal: self, transport: transport, configuration: Pump.Configuration(base: authority))
        let delivered = (try? await pump.drain(until: Date(timeIntervalSinceNow: seconds))) ?? []
        await transport.shutdown()
        return delivered
    }
}

extension Delivery {
    /// The authority's receipt; the journal keeps the whole answer, of which it is a member.
    var receiptValue: JSONValue? { receipt.flatMap { try? JSONValue(parsing: $0) }?["receipt"] }
}
