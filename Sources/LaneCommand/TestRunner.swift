import Assurance
import Evidence
import Foundation
import Glibc
import Journal
import Lane
import Messages
import Metrology
import Procedures
import Uplink

/// Runs one test or check on an open lane, shows it, and says what came of it.
struct TestRunner {
    let lane: RunningLane
    let catalogue: Catalogue
    let isJSON: Bool
    /// Where records are delivered; nil for nowhere yet.
    let authority: AuthorityLink?
    /// Who is signed in; nil where nobody has to be.
    var person: SignedInPerson?
    /// The check that is carried out; nil for a test.
    var check: Message?
    /// What a person types; nil where nobody does.
    var desk: EntryDesk?
    /// Hears every frame's status, for a simulated driver.
    var follow: @Sendable (ProcedureStatus) async -> Void = { _ in }

    /// Runs the test, exports and verifies its record, and delivers what is due.
    func run(_ order: TestOrder) async throws {
        let session = try await lane.session(for: order, by: person)
        if order.follows != nil, try await lane.followed(by: order) == nil {
            let words = catalogue.text(Message(.orderFollowsElsewhere))
            StandardStream.errors.write(words + "\n")
        }
        let report = try await carryOut(session)
        if isJSON {
            Output.json(report.json)
        } else {
            for line in report.lines(catalogue, .standardOutput) { Output.line(line) }
        }
    }

    /// Carries out a session, exports and verifies its record, and delivers what is due.
    func carryOut(_ session: LaneSession) async throws -> TestReport {
        await lane.accountForLeftovers(catalogue)
        let began = ContinuousClock.now
        let panel = lane.panel
        let interrupts = Interrupts(keyed: { panel.post(.operatorAbort) }, told: { panel.endProgram() })
        defer { interrupts.stop() }

        // Delivery goes on beside the test, for what waits from before; the test does not wait for it.
        let delivery = try authority.map {
            try BackgroundDelivery(
                of: lane.journal, to: $0.address, security: $0.security,
                backlogBytesPerSecond: $0.backlogBytesPerSecond)
        }
        delivery?.start()
        async let outcome = session.run()
        let isAttended = isatty(STDIN_FILENO) == 1
        var aid = DriversAid(catalogue, .standardOutput, isAttended ? desk : nil, check: check)
        if !isJSON, isAttended, desk != nil, Style.standardOutput.isTerminal { TypingTerminal.begin() }
        defer { TypingTerminal.end() }
        for await event in session.events {
            if case .frame(_, let status) = event {
                desk?.follow(status)
                await follow(status)
            }
            if !isJSON { aid.show(event) }
        }
        TypingTerminal.end()
        let result: LaneSession.Result
        do {
            result = try await outcome
        } catch {
            await delivery?.stop()
            throw error
        }
        // An authority that has not answered all along is not waited for.
        let seconds = await delivery?.pump.status.failures == 0 ? 5.0 : 1.0
        await delivery?.stop()
        aid.erase()

        let directory = lane.journal.exportDirectory(of: result.record.counter)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try await lane.journal.export(result.record.counter, to: directory)
        var receipt: JSONValue?
        if let authority {
            _ = try? await lane.journal.deliver(to: authority, for: seconds)
            // It may have gone out already, beside the end of the test.
            receipt = try await lane.journal.delivery(ofRecord: result.record.counter).receiptValue
        }
        // The exported files, as a stranger would verify them: from the trust file, not from the key at hand.
        let record = RecordFiles(envelope: "\(directory)/\(AttachmentReference.envelopeFileName)")
        let verification = try record.verify(
            keys: lane.trustFile, allowSimulated: lane.sealer.origin == .simulated)
        return TestReport(
            result: result, record: record.envelope, keys: lane.trustFile, verification: verification, receipt: receipt,
            seconds: (ContinuousClock.now - began).seconds)
    }
}

extension Duration {
    /// The length in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
