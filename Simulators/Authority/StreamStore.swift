import Crypto
import Dispatch
import Foundation

/// The items of tests' streams that the authority has accepted, on disk, one file each: `stream/<lane>/<test>/<n>.json`
/// with the receipt beside the item.
///
/// An item exists from the moment its file has its name.
actor StreamStore {
    /// What became of an item.
    enum Outcome: Sendable {
        /// Stored now, or earlier with the receipt of then.
        case stored(StreamReceipt, isNew: Bool)
        /// The place belongs to another item.
        case conflict(StreamReceipt)
        /// Items before this one are missing; the next one that is due has this number.
        case gap(next: Int)
    }

    private let directory: String
    private let queue = QueueExecutor(label: "authority.stream")
    /// By lane and test, in their order.
    private var receipts: [String: [StreamReceipt]] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    init(directory: String) { self.directory = directory + "/.stream" }

    /// Reads what earlier runs stored.
    func open() throws(AuthorityError) {
        receipts = try Self.read(directory)
    }

    /// How many items are stored.
    var count: Int { receipts.values.reduce(0) { $0 + $1.count } }

    /// The stored items of a directory, read from its files alone.
    static func read(_ directory: String) throws(AuthorityError) -> [String: [StreamReceipt]] {
        let files = FileManager.default
        var found: [String: [StreamReceipt]] = [:]
        for folder in (try? files.contentsOfDirectory(atPath: directory)) ?? [] {
            for name in (try? files.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
            where name.hasSuffix(".json") {
                let path = "\(directory)/\(folder)/\(name)"
                guard let data = files.contents(atPath: path),
                    let entry = try? JSONDecoder().decode(Entry.self, from: data)
                else { throw AuthorityError("The stream item \(path) cannot be read.") }
                found[folder, default: []].append(entry.receipt)
            }
            found[folder]?.sort { $0.sequence < $1.sequence }
        }
        return found
    }

    /// Stores an item, unless it is there; returns when it is safe on disk.
    func accept(
        _ body: [UInt8], digest: String, lane: String, test: String?, sequence: Int
    ) throws(AuthorityError) -> Outcome {
        let stream = RecordStore.fileName(lane + "/" + (test ?? ""))
        let known = receipts[stream] ?? []
        if let earlier = known.first(where: { $0.sequence == sequence }) {
            return earlier.digest == digest ? .stored(earlier, isNew: false) : .conflict(earlier)
        }
        guard sequence == (known.last?.sequence ?? 0) + 1 || test == nil else {
            return .gap(next: (known.last?.sequence ?? 0) + 1)
        }
        let receipt = StreamReceipt(
            id: UUID().uuidString.lowercased(), digest: digest, lane: lane, test: test, sequence: sequence,
            receivedAt: Date().formatted(.iso8601))
        let folder = "\(directory)/\(stream)"
        do {
            let data = try JSONEncoder.sorted.encode(
                Entry(receipt: receipt, item: String(decoding: body, as: UTF8.self)))
            try makeDurableDirectory(folder)
            try writeDurably(Array(data), to: "\(folder)/\(sequence).json")
            try synchroniseDirectory(folder)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw AuthorityError("The item cannot be stored: \(error)")
        }
        receipts[stream, default: []].append(receipt)
        return .stored(receipt, isNew: true)
    }

    private struct Entry: Codable {
        let receipt: StreamReceipt
        let item: String
    }
}

/// What the authority gives for an item of a stream.
public struct StreamReceipt: Codable, Hashable, Sendable {
    /// The receipt's own id.
    public let id: String
    /// The digest of the item's bytes.
    public let digest: String
    /// The lane.
    public let lane: String
    /// The test; nil for the lane's own state.
    public let test: String?
    /// The item's place in its stream.
    public let sequence: Int
    /// When it was stored, ISO 8601, UTC.
    public let receivedAt: String
}

/// Takes items of streams in.
struct StreamDesk: Sendable {
    let lanes: Set<String>
    let store: StreamStore
    let desk: FrontDesk

    private static let kinds: Set<String> = ["start", "process", "end", "lane-state"]

    /// Deals with one item as a platform should.
    func take(_ body: [UInt8], idempotencyKey: String?) async -> Answer {
        guard let item = try? JSON(parsing: body) else { return await malformed("payload", "", "not JSON") }
        let digest = "sha256:" + SHA256.hash(data: body).map { String(format: "%02x", $0) }.joined()
        guard idempotencyKey == digest else {
            return await malformed("idempotency-key", "Idempotency-Key", "the digest of the item is \(digest)")
        }
        guard let kind = item.at("kind")?.text, Self.kinds.contains(kind), let lane = item.at("lane.id")?.text,
            let sequence = item.at("sequence")?.integer, sequence >= 1, item.at("content") != nil,
            (kind == "lane-state") == (item.at("test")?.text == nil)
        else { return await malformed("outline", "", "kind, lane.id, test, sequence and content") }
        guard lanes.contains(lane) else { return await rejected("lane", "lane.id", "no lane of ours") }
        do {
            let outcome = try await store.accept(
                body, digest: digest, lane: lane, test: item.at("test")?.text, sequence: sequence)
            switch outcome {
            case .stored(let receipt, let isNew):
                await desk.count(isNew ? \.streamAccepted : \.streamDuplicates)
                return Answer(200, ["receipt": receipt])
            case .conflict(let receipt):
                let problem = RecordProblem(
                    rule: "stream.conflict", path: "sequence", problem: "item \(sequence) is \(receipt.digest)")
                await desk.count(\.streamRejected, problems: [problem])
                return .refusal(409, "conflict", [problem])
            case .gap(let next): return await rejected("stream.gap", "sequence", "item \(next) is due")
            }
        } catch {
            return .refusal(500, "storage", [RecordProblem(rule: "storage", path: "", problem: error.description)])
        }
    }

    private func malformed(_ rule: String, _ path: String, _ problem: String) async -> Answer {
        let problem = RecordProblem(rule: rule, path: path, problem: problem)
        await desk.count(\.malformed, problems: [problem])
        return .refusal(400, "malformed", [problem])
    }

    private func rejected(_ rule: String, _ path: String, _ problem: String) async -> Answer {
        let problem = RecordProblem(rule: rule, path: path, problem: problem)
        await desk.count(\.streamRejected, problems: [problem])
        return .refusal(422, "rejected", [problem])
    }
}
