import Authority
import Crypto
import Foundation
import Testing

@Suite("Receipts")
struct ReceiptTests {
    @Test("The tests' own encodings are the published ones")
    func encodings() throws {
        let encoding = preAuthenticationEncoding(type: "http://example.com/HelloWorld", body: Array("hello world".utf8))
        #expect(String(decoding: encoding, as: UTF8.self) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
        let publicKey = try hexadecimal(LaneKey().key.publicKey.rawRepresentation)
        #expect(publicKey == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    }

    @Test("A right record gets a receipt, once it is on disk byte for byte")
    func accepted() async throws {
        try await withFolder { folder in
            let lane = try LaneKey()
            let payload = Payload.passed().json
            let envelope = try lane.envelope(payload)
            let configuration = AuthorityConfiguration(storageDirectory: folder, trustedKeys: [try lane.trusted])
            try await running(configuration) { server, client in
                let answer = try await client.post(envelope, payload: payload)
                #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
                let receipt = try answer.receipt
                #expect(receipt.digest == digest(payload))
                #expect(receipt.counter == 1)
                #expect(receipt.lane == "320105-03-1")
                #expect(receipt.receivedAt.contains(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/))
                let stored = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/320105-03-1/1.envelope.json"))
                #expect(Array(stored) == envelope)
                let file = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/320105-03-1/1.receipt.json"))
                #expect(try JSONDecoder().decode(Receipt.self, from: file) == receipt)
                #expect(await server.receipts == [receipt])
            }
        }
    }

    @Test("The same record again gets the same receipt")
    func duplicate() async throws {
        try await withServer { server, client, lane in
            let payload = Payload.passed().json
            let envelope = try lane.envelope(payload)
            let first = try await client.post(envelope, payload: payload).receipt
            let second = try await client.post(envelope, payload: payload).receipt
            #expect(first == second)
            let report = await server.report
            #expect(report.received == 2)
            #expect(report.accepted == 1)
            #expect(report.duplicates == 1)
            #expect(report.stored == 1)
        }
    }

    @Test("Twenty copies at once are stored once")
    func race() async throws {
        try await withServer { server, client, lane in
            let payload = Payload.passed().json
            let envelope = try lane.envelope(payload)
            let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
                for _ in 0..<20 { group.addTask { try await client.post(envelope, payload: payload).receipt } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(receipts.count == 1)
            #expect(await server.report.accepted == 1)
        }
    }

    @Test("A lane can ask which record of its own is the newest here")
    func newest() async throws {
        try await withServer { _, client, lane in
            let path = "/v1/lanes/\(lane.lane)/newest"
            #expect(String(decoding: try await client.send("GET", path).body, as: UTF8.self) == #"{"receipt":null}"#)
            let first = Payload.passed()
            let given = [
                try await client.post(first, by: lane).receipt,
                try await client.post(Payload.passed(counter: 2, previous: .string(digest(first.json))), by: lane)
                    .receipt,
            ]
            #expect(try await client.send("GET", path).receipt == given[1])
            let other = try await client.send("GET", "/v1/lanes/another/newest")
            #expect(String(decoding: other.body, as: UTF8.self) == #"{"receipt":null}"#)
        }
    }

    @Test("Another record with the same counter is a conflict, and the first stays")
    func conflict() async throws {
        try await withServer { server, client, lane in
            let receipt = try await client.post(Payload.passed(), by: lane).receipt
            let answer = try await client.post(Payload.aborted(), by: lane)
            #expect(answer.status == 409)
            #expect(try answer.refusal == "conflict")
            #expect(try answer.problems.map(\.path) == ["counter"])
            #expect(await server.receipts == [receipt])
            #expect(await server.report.conflicts == 1)
        }
    }

    @Test("A record must name the digest of the stored record before it")
    func chain() async throws {
        try await withServer { server, client, lane in
            let first = Payload.passed()
            _ = try await client.post(first, by: lane).receipt
            let wrong = Payload.passed(counter: 2, previous: .string(Payload.noDigest))
            let refused = try await client.post(wrong, by: lane)
            #expect(refused.status == 422)
            #expect(try refused.problems.map(\.path) == ["previous"])
            let right = Payload.passed(counter: 2, previous: .string(digest(first.json)))
            let accepted = try await client.post(right, by: lane)
            #expect(accepted.status == 200)
            #expect(await server.receipts.map(\.counter) == [1, 2])
        }
    }

    @Test("A restart keeps every record and its receipt")
    func restart() async throws {
        try await withFolder { folder in
            let lane = try LaneKey()
            let configuration = AuthorityConfiguration(storageDirectory: folder, trustedKeys: [try lane.trusted])
            let first = Payload.passed()
            let second = Payload.passed(counter: 2, previous: .string(digest(first.json)))
            var receipts: [Receipt] = []
            try await running(configuration) { _, client in
                for payload in [first, second] {
                    receipts.append(try await client.post(payload, by: lane).receipt)
                }
            }
            try await running(configuration) { server, client in
                #expect(await server.receipts == receipts)
                let again = try await client.post(first, by: lane)
                #expect(try again.receipt == receipts[0])
                let conflict = try await client.post(Payload.aborted(), by: lane)
                #expect(conflict.status == 409)
                let forked = Payload.passed(counter: 3, previous: .string(digest(first.json)))
                let refused = try await client.post(forked, by: lane)
                #expect(refused.status == 422)
            }
        }
    }

    @Test("An envelope without its receipt was never acknowledged, and is taken again")
    func halfWritten() async throws {
        try await withFolder { folder in
            let lane = try LaneKey()
            try FileManager.default.createDirectory(
                atPath: "\(folder)/320105-03-1", withIntermediateDirectories: true)
            for name in ["1.envelope.json", "1.receipt.json.new"] {
                try Data("{".utf8).write(to: URL(fileURLWithPath: "\(folder)/320105-03-1/\(name)"))
            }
            let configuration = AuthorityConfiguration(storageDirectory: folder, trustedKeys: [try lane.trusted])
            try await running(configuration) { server, client in
                #expect(await server.receipts.isEmpty)
                let receipt = try await client.post(Payload.passed(), by: lane).receipt
                #expect(await server.receipts == [receipt])
            }
        }
    }

    @Test("A record that cannot be stored gets no receipt")
    func storageFails() async throws {
        try await withFolder { folder in
            let lane = try LaneKey()
            let configuration = AuthorityConfiguration(storageDirectory: folder, trustedKeys: [try lane.trusted])
            try await running(configuration) { server, client in
                // A file stands where the lane's folder would be.
                try Data().write(to: URL(fileURLWithPath: "\(folder)/320105-03-1"))
                let answer = try await client.post(Payload.passed(), by: lane)
                #expect(answer.status == 500)
                #expect(try answer.refusal == "storage")
                #expect(await server.report.accepted == 0)
                try FileManager.default.removeItem(atPath: "\(folder)/320105-03-1")
                let accepted = try await client.post(Payload.passed(), by: lane)
                #expect(accepted.status == 200)
            }
        }
    }

    @Test("A receipt that was tampered with keeps the server from starting")
    func damagedStorage() async throws {
        try await withFolder { folder in
            let lane = try LaneKey()
            let configuration = AuthorityConfiguration(storageDirectory: folder, trustedKeys: [try lane.trusted])
            try await running(configuration) { _, client in
                _ = try await client.post(Payload.passed(), by: lane).receipt
            }
            let path = "\(folder)/320105-03-1/"
            try FileManager.default.moveItem(atPath: path + "1.receipt.json", toPath: path + "2.receipt.json")
            await #expect(throws: AuthorityError.self) {
                try await AuthorityServer(configuration: configuration).start()
            }
        }
    }

    @Test("Two servers cannot have one port, and a server starts once")
    func ports() async throws {
        try await withServer { server, client, _ in
            await #expect(throws: AuthorityError.self) { try await server.start() }
            try await withFolder { folder in
                let second = AuthorityServer(
                    configuration: AuthorityConfiguration(
                        storageDirectory: folder, trustedKeys: [], port: client.address.port))
                await #expect(throws: AuthorityError.self) { try await second.start() }
            }
            let health = try await client.send("GET", "/health")
            #expect(health.status == 200)
        }
    }

    @Test("A stopped server listens no more, and starts again")
    func stopping() async throws {
        try await withFolder { folder in
            let server = AuthorityServer(
                configuration: AuthorityConfiguration(storageDirectory: folder, trustedKeys: []))
            let address = try await server.start()
            await server.stop()
            await #expect(throws: WebClient.Failure.cannotConnect) {
                try await WebClient(address: address).send("GET", "/health")
            }
            let again = WebClient(address: try await server.start())
            #expect(try await again.send("GET", "/health").status == 200)
            await server.stop()
        }
    }
}
