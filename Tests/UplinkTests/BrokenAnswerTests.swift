import Authority
import Evidence
import Foundation
import Journal
import Messages
import Testing
import Uplink

@Suite("Broken answers")
struct BrokenAnswerTests {
    @Test("An answer that ends at any byte is no receipt, and the item is delivered once all the same")
    func everyByte() async throws {
        try await withJournal(records: 0) { journal, directory in
            let key = SigningKey(origin: .measured)
            var trust = try TrustFile()
            try trust.enrol(Evidence.TrustedKey(key, lane: laneName))
            try trust.write(to: directory + "/trust.json")
            let server = AuthorityServer(
                configuration: AuthorityConfiguration(
                    storageDirectory: directory + "/authority",
                    trustedKeys: try Authority.TrustedKey.readTrustFile(directory + "/trust.json")))
            let address = "http://\(try await server.start())"
            let transport = HTTPTransport(timeout: .seconds(20))
            let clock = ManualClock()
            let pump = Pump(journal: journal, transport: transport, configuration: .init(base: address), clock: clock)

            try await journal.queueLaneState(["number": 0], lane: laneName, at: clock.now)
            try await pump.deliverDue()
            let first = try await journal.delivery(1)
            let length = try #require(first.receipt).count
            var codes: [MessageCode: Int] = [:]
            for byte in 0..<length {
                await server.behave(Behaviour(byte % 2 == 0 ? .reset : .truncated, count: 1, bytes: byte))
                try await journal.queueLaneState(["number": .integer(Int64(byte))], lane: laneName, at: clock.now)
                try await pump.deliverDue()
                let item = try await journal.delivery(byte + 2)
                #expect(item.state == .pending && item.receipt == nil, "byte \(byte)")
                let problem = try #require(item.problem)
                codes[problem.code, default: 0] += 1
                // Its wait is over.
                clock.advance(400)
                try await pump.deliverDue()
                let again = try await journal.delivery(byte + 2)
                #expect(again.state == .delivered, "byte \(byte)")
            }
            print("answers of \(length) bytes broken off: \(codes)")
            #expect(Set(codes.keys) == [.uplinkConnectionLost])
            let report = await server.report
            #expect(report.streamStored == length + 1 && report.streamDuplicates == length)
            await transport.shutdown()
            await server.stop()
        }
    }
}
