import Documents
import Evidence
import Foundation
import Journal
import Lane
import Messages
import Standards
import Uplink

/// Where a lane's records are delivered, and by what both sides know each other.
struct AuthorityLink: Sendable {
    /// The address that `/v1/records` is added to.
    let address: String
    /// Pinned certificate and client certificate; nil for plain HTTP or the computer's own trust.
    var security: TransportSecurity?
    /// How many bytes a second the backlog may take of the line; nil for all there are.
    var backlogBytesPerSecond: Int?

    init(address: String, security: TransportSecurity? = nil) {
        self.address = address
        self.security = security
    }

    /// That of a lane file; nil if it names no authority.
    init?(_ configuration: LaneConfiguration) {
        guard let address = configuration.authority else { return nil }
        self.init(address: address, security: TransportSecurity(configuration.delivery))
        backlogBytesPerSecond = configuration.delivery.backlogBytesPerSecond
    }

    /// That of a lane file, with what a command's options say in its place.
    ///
    /// - Parameters:
    ///   - address: the authority's address; nil for the lane file's.
    ///   - security: certificates and keys; what it leaves out is the lane file's.
    /// - Throws: ``CommandFailure`` if neither names an authority.
    init(_ configuration: LaneConfiguration?, address: String?, security: TransportSecurity) throws {
        let stated = configuration.flatMap { TransportSecurity($0.delivery) } ?? TransportSecurity()
        guard let address = address ?? configuration?.authority else {
            throw CommandFailure(.configuration, .commandNoAuthority)
        }
        var chosen = stated
        if let pin = security.pinnedCertificate { chosen.pinnedCertificate = pin }
        if !security.pinnedKeys.isEmpty { chosen.pinnedKeys = security.pinnedKeys }
        if let certificate = security.clientCertificate {
            // A key belongs to its certificate: the lane file's is not that of another one.
            (chosen.clientCertificate, chosen.clientKey) = (certificate, security.clientKey)
        } else if let key = security.clientKey {
            chosen.clientKey = key
        }
        self.init(address: address, security: chosen == TransportSecurity() ? nil : chosen)
        backlogBytesPerSecond = configuration?.delivery.backlogBytesPerSecond
    }

    /// A transport of its own; whoever asks for it shuts it down.
    ///
    /// - Throws: `TransportSecurityError`.
    func transport(timeout: Duration = .seconds(5)) throws -> HTTPTransport {
        try security.map { try HTTPTransport(security: $0, timeout: timeout) } ?? HTTPTransport(timeout: timeout)
    }

    /// Asks with a transport of its own.
    func ask<Answer>(_ question: (HTTPTransport) async throws -> Answer) async throws -> Answer {
        let transport = try transport()
        do {
            let answer = try await question(transport)
            await transport.shutdown()
            return answer
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// Asks for the newest record that the authority has of a lane.
    var newestRecord: NewestRecordQuery {
        { lane in
            let (newest, epoch) = try await ask { try await AuthorityQuery.newestRecord(of: lane, at: address, by: $0) }
            return ReceivedChain(newest: newest, epoch: epoch)
        }
    }
}

extension TransportSecurity {
    /// What the lane file says; nil if it says nothing of certificates.
    init?(_ delivery: LaneConfiguration.Delivery) {
        let files = [delivery.authorityCertificate, delivery.clientCertificate, delivery.clientKey]
        guard files.contains(where: { $0 != nil }) || !delivery.pinnedKeys.isEmpty else { return nil }
        self.init(
            pinnedCertificate: files[0]?.path, pinnedKeys: delivery.pinnedKeys, clientCertificate: files[1]?.path,
            clientKey: files[2]?.path)
    }
}

extension LaneConfiguration {
    /// What is wrong with the address of the authority and with the certificates for it, with the lane file's lines.
    func deliveryProblems(in file: String) -> [Problem] {
        let security = TransportSecurity(delivery)
        let files = [delivery.authorityCertificate, delivery.clientCertificate, delivery.clientKey].compactMap { $0 }
        var problems = (security?.problems() ?? []).map { error in
            Problem(
                error.message, at: files.last { $0.path == error.path }?.location ?? SourceLocation(file: file))
        }
        if let authority, let error = TransportError.problem(with: authority, isSecure: security != nil) {
            let location = (try? Document(contentsOf: file))?.location(of: "authority") ?? SourceLocation(file: file)
            problems.append(Problem(error.message, at: location))
        }
        return problems
    }
}

extension DeliveryTerms {
    /// Those of a lane that delivers: by the lane file's own pack, or the one that is built in.
    ///
    /// - Throws: `Problems` of the pack.
    init(_ configuration: LaneConfiguration) throws {
        let rules = try configuration.delivery.rules ?? DeliveryRules.builtIn()
        let allowance = DeliveryAllowance(
            hours: rules.offline.count, items: rules.backlog.count, freeBytes: rules.storage.count << 20)
        self.init(isStreamed: true, allowsChecks: rules.allowsChecks) { journal in
            let reasons = await DeliveryGate(journal, allowance).reasons(at: Date())
            return Objections(storage: reasons.storage, delivery: reasons.delivery)
        }
    }

    /// The terms of a lane file: none where it names no authority, since then nobody waits for its records.
    ///
    /// - Throws: `Problems` of the pack.
    static func of(_ configuration: LaneConfiguration) throws -> DeliveryTerms {
        configuration.authority == nil ? .none : try DeliveryTerms(configuration)
    }
}
