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
        /// The epoch is not open for the record, for this reason.
        case outsideEpoch(String)
    }

    private let directory: String
    private let queue = QueueExecutor(label: "authority.store")
    private var receipts: [String: [Place: Receipt]] = [:]
    /// By lane, in their order.
    private var openings: [String: [EpochReceipt]] = [:]

    /// A record's place in its lane's chain.
    private struct Place: Hashable {
        let epoch: Int
        let counter: Int
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    /// A store in a directory, which ``open()`` creates or reads.
    init(directory: String) {
        self.directory = directory
    }

    /// Makes the directory if there is none, and reads the receipts that are in it.
    func open() throws(AuthorityError) {
        try makeDurableDirectory(directory)
        var found: [String: [Place: Receipt]] = [:]
        openings = try EpochFiles.read(directory)
        for lane in try names(in: directory) where !lane.hasPrefix(".") {
            for name in try names(in: "\(directory)/\(lane)") where name.hasSuffix(".receipt.json") {
                let path = "\(directory)/\(lane)/\(name)"
                let receipt: Receipt
                do {
                    receipt = try JSONDecoder().decode(Receipt.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
                } catch {
                    throw AuthorityError("The receipt \(path) cannot be read: \(error)")
                }
                let place = Place(epoch: receipt.epoch, counter: receipt.counter)
                guard path == self.path(receipt.lane, place, .receipt),
                    FileManager.default.fileExists(atPath: self.path(receipt.lane, place, .envelope))
                else { throw AuthorityError("The receipt \(path) does not belong to the record beside it.") }
                found[receipt.lane, default: [:]][place] = receipt
            }
        }
        receipts = found
    }

    /// Stores a record, unless it or another with its counter is there; returns when it is safe on disk.
    ///
    /// - Parameter previous: the digest of the lane's record before this one, as the record names it.
    func accept(
        _ envelope: [UInt8], digest: String, lane: String, epoch: Int = 1, counter: Int, previous: String?
    ) throws(AuthorityError) -> Outcome {
        let place = Place(epoch: epoch, counter: counter)
        // What was taken stays taken, whatever began since.
        if let earlier = receipts[lane]?[place] {
            return earlier.digest == digest ? .duplicate(earlier) : .conflict(earlier)
        }
        let openings = openings[lane] ?? []
        let opening = openings.first { $0.epoch == epoch }
        guard epoch == 1 || opening != nil else {
            return .outsideEpoch("epoch \(epoch) of lane \(lane) has not begun")
        }
        if let opening, counter <= opening.after {
            return .outsideEpoch("epoch \(epoch) begins after record \(opening.after)")
        }
        if let next = openings.first(where: { $0.epoch > epoch && counter > $0.after }) {
            return .outsideEpoch("epoch \(next.epoch) has begun after record \(next.after)")
        }
        if let next = openings.first(where: { $0.epoch > epoch && counter == $0.after }), next.head != digest {
            return .outsideEpoch("epoch \(next.epoch) goes on after another record \(counter)")
        }
        if let before = before(lane, epoch: epoch, counter), before.digest != previous { return .brokenChain(before) }
        let receipt = Receipt(
            id: UUID().uuidString.lowercased(), digest: digest, epoch: epoch, counter: counter, lane: lane,
            receivedAt: Date().formatted(.iso8601))
        let data: Data
        do {
            data = try JSONEncoder.sorted.encode(receipt)
        } catch {
            throw AuthorityError("The receipt cannot be written as JSON: \(error)")
        }
        let folder = "\(directory)/\(Self.fileName(lane))"
        try makeDurableDirectory(folder)
        try writeDurably(envelope, to: path(lane, place, .envelope))
        try writeDurably(Array(data), to: path(lane, place, .receipt))
        try synchroniseDirectory(folder)
        receipts[lane, default: [:]][place] = receipt
        return .stored(receipt)
    }

    /// The record that stands before a number in an epoch: of the same epoch, or of the one that it goes on from.
    private func before(_ lane: String, epoch: Int, _ counter: Int) -> Receipt? {
        for earlier in stride(from: epoch, through: 1, by: -1) {
            if let receipt = receipts[lane]?[Place(epoch: earlier, counter: counter - 1)] { return receipt }
            let after = openings[lane]?.first { $0.epoch == earlier }?.after ?? 0
            // Within its own stretch the record is only not here yet.
            if counter - 1 > after { return nil }
        }
        return nil
    }

    /// What became of an epoch's opening.
    enum OpeningOutcome: Sendable {
        /// Stored now, or earlier with the receipt of then.
        case stored(EpochReceipt)
        /// Another statement has opened this epoch or a later one.
        case conflict(EpochReceipt)
        /// The record that it goes on from is another here.
        case otherHead(Receipt)
    }

    /// Opens an epoch of a lane, unless it or a later one is open; returns when that is safe on disk.
    func open(
        _ statement: [UInt8], digest: String, lane: String, epoch: Int, after: Int, head: String?
    ) throws(AuthorityError) -> OpeningOutcome {
        let known = openings[lane] ?? []
        if let earlier = known.first(where: { $0.digest == digest }) { return .stored(earlier) }
        if let later = known.last, later.epoch >= epoch { return .conflict(later) }
        if let own = before(lane, epoch: epoch - 1, after + 1), own.digest != head { return .otherHead(own) }
        let receipt = EpochReceipt(
            id: UUID().uuidString.lowercased(), digest: digest, epoch: epoch, after: after, head: head, lane: lane,
            receivedAt: Date().formatted(.iso8601))
        try EpochFiles.write(statement, receipt, in: directory)
        openings[lane, default: []].append(receipt)
        return .stored(receipt)
    }

    /// The openings of a lane's epochs, in their order.
    func openings(of lane: String) -> [EpochReceipt] { openings[lane] ?? [] }

    /// The receipts of all records, by lane and counter.
    var all: [Receipt] {
        receipts.sorted { $0.key < $1.key }.flatMap {
            $0.value.values.sorted { ($0.epoch, $0.counter) < ($1.epoch, $1.counter) }
        }
    }

    /// The receipt of a lane's record with the highest counter in its last epoch, or nil if there is none.
    func newest(of lane: String) -> Receipt? {
        receipts[lane]?.values.max { ($0.epoch, $0.counter) < ($1.epoch, $1.counter) }
    }

    /// A record with its receipt, or nil if there is none.
    ///
    /// - Parameter epoch: nil for the last one that has a record of this number.
    func record(
        lane: String, epoch: Int? = nil, counter: Int
    ) throws(AuthorityError) -> (receipt: Receipt, envelope: [UInt8])? {
        let found = (receipts[lane] ?? [:]).filter {
            $0.key.counter == counter && $0.key.epoch == epoch ?? $0.key.epoch
        }
        guard let (place, receipt) = found.max(by: { $0.key.epoch < $1.key.epoch }) else { return nil }
        let path = path(lane, place, .envelope)
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

    private func path(_ lane: String, _ place: Place, _ part: Part) -> String {
        let epoch = place.epoch == 1 ? "" : "\(place.epoch)-"
        return "\(directory)/\(Self.fileName(lane))/\(epoch)\(place.counter).\(part.rawValue).json"
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
