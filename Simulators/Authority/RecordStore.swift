import Dispatch
import Foundation

/// The records that the authority has accepted, on disk: for each an envelope, byte for byte as received, and a
/// receipt.
///
/// A record exists from the moment its receipt's file has its name; until then a crash leaves nothing that counts.
/// File access blocks, so that the actor has a queue of its own instead of a thread of the cooperative pool.
actor RecordStore {
    /// What became of a record.
    enum Outcome: Sendable {
        /// Stored now.
        case stored(Receipt)
        /// Stored earlier; the receipt is the one of then.
        case duplicate(Receipt)
        /// The lane's counter belongs to another record.
        case conflict(Receipt)
        /// The digest of the record before is not the one named; here is its receipt.
        case brokenChain(Receipt)
    }

    private let directory: String
    private let queue = QueueExecutor(label: "authority.store")
    private var receipts: [String: [Int: Receipt]] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    /// A store in a directory, which ``open()`` creates or reads.
    init(directory: String) {
        self.directory = directory
    }

    /// Makes the directory if there is none, and reads the receipts that are in it.
    func open() throws(AuthorityError) {
        try makeDurableDirectory(directory)
        var found: [String: [Int: Receipt]] = [:]
        for lane in try names(in: directory) where !lane.hasPrefix(".") {
            for name in try names(in: "\(directory)/\(lane)") where name.hasSuffix(".receipt.json") {
                let path = "\(directory)/\(lane)/\(name)"
                let receipt: Receipt
                do {
                    receipt = try JSONDecoder().decode(Receipt.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
                } catch {
                    throw AuthorityError("The receipt \(path) cannot be read: \(error)")
                }
                guard path == self.path(receipt.lane, receipt.counter, .receipt),
                    FileManager.default.fileExists(atPath: self.path(receipt.lane, receipt.counter, .envelope))
                else { throw AuthorityError("The receipt \(path) does not belong to the record beside it.") }
                found[receipt.lane, default: [:]][receipt.counter] = receipt
            }
        }
        receipts = found
    }

    /// Stores a record, unless it or another with its counter is there; returns when it is safe on disk.
    ///
    /// - Parameter previous: the digest of the lane's record before this one, as the record names it.
    func accept(
        _ envelope: [UInt8], digest: String, lane: String, counter: Int, previous: String?
    ) throws(AuthorityError) -> Outcome {
        if let earlier = receipts[lane]?[counter] {
            return earlier.digest == digest ? .duplicate(earlier) : .conflict(earlier)
        }
        if let before = receipts[lane]?[counter - 1], before.digest != previous { return .brokenChain(before) }
        let receipt = Receipt(
            id: UUID().uuidString.lowercased(), digest: digest, counter: counter, lane: lane,
            receivedAt: Date().formatted(.iso8601))
        let data: Data
        do {
            data = try JSONEncoder.sorted.encode(receipt)
        } catch {
            throw AuthorityError("The receipt cannot be written as JSON: \(error)")
        }
        let folder = "\(directory)/\(Self.fileName(lane))"
        try makeDurableDirectory(folder)
        try writeDurably(envelope, to: path(lane, counter, .envelope))
        try writeDurably(Array(data), to: path(lane, counter, .receipt))
        try synchroniseDirectory(folder)
        receipts[lane, default: [:]][counter] = receipt
        return .stored(receipt)
    }

    /// The receipts of all records, by lane and counter.
    var all: [Receipt] {
        receipts.sorted { $0.key < $1.key }.flatMap { $0.value.values.sorted { $0.counter < $1.counter } }
    }

    /// The receipt of a lane's record with the highest counter, or nil if there is none.
    func newest(of lane: String) -> Receipt? { receipts[lane]?.max { $0.key < $1.key }?.value }

    /// A record with its receipt, or nil if there is none.
    func record(lane: String, counter: Int) throws(AuthorityError) -> (receipt: Receipt, envelope: [UInt8])? {
        guard let receipt = receipts[lane]?[counter] else { return nil }
        let path = path(lane, counter, .envelope)
        do {
            return (receipt, Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        } catch {
            throw AuthorityError("The record \(path) cannot be read: \(error)")
        }
    }

    private enum Part: String {
        case envelope
        case receipt
    }

    private func path(_ lane: String, _ counter: Int, _ part: Part) -> String {
        "\(directory)/\(Self.fileName(lane))/\(counter).\(part.rawValue).json"
    }

    /// A lane's id as the name of a folder: every byte but letters, digits and hyphens in hexadecimal.
    static func fileName(_ lane: String) -> String {
        lane.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber || character == "-")
            return isPlain ? String(character) : String(format: "%%%02X", byte)
        }.joined()
    }

    private func names(in directory: String) throws(AuthorityError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw AuthorityError("The folder \(directory) cannot be read: \(error)")
        }
    }
}

extension JSONEncoder {
    /// Encodes with the members in order, so that files and answers compare well.
    static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

/// Runs an actor on a queue of its own.
final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
