import CReference
import Evidence
import Foundation
import Journal

/// What the journal wrote when it sealed a record, read back from it.
struct WrittenRecord {
    let stored: StoredRecord
    let envelope: [UInt8]
    let attachments: [(name: String, digest: String)]
    /// The frames: the one attachment that no record before had.
    let frames: [UInt8]
    let audit: AuditEntry

    init(_ stored: StoredRecord, in journal: Journal) async throws {
        let files = try await journal.attachments(of: stored.counter)
        let entries = try await journal.auditTrail()
        guard let frames = files.first(where: { $0.name == TestRecord.framesName }), let audit = entries.last else {
            throw NotMeasured("the journal did not keep the record")
        }
        self.stored = stored
        envelope = try await journal.envelope(of: stored.counter)
        attachments = files.map { ($0.name, Digest(of: $0.bytes).description) }
        self.frames = frames.bytes
        self.audit = audit
    }
}

/// A database that is written through SQLite's C interface.
final class PlainStore {
    private let store: OpaquePointer

    init(path: String) throws {
        guard let store = reference_store_open(path) else { throw NotMeasured("SQLite does not open \(path)") }
        self.store = store
    }

    deinit { reference_store_close(store) }

    /// Writes what the journal wrote, and says how many seconds that took.
    func commit(_ record: WrittenRecord) throws -> Double {
        let arena = Arena()
        let none = reference_bytes(bytes: nil, count: 0)
        let names = arena.list(record.attachments.map { arena.bytes($0.name) })
        let digests = arena.list(record.attachments.map { arena.bytes($0.digest) })
        let contents = arena.list(
            record.attachments.map { $0.name == TestRecord.framesName ? arena.bytes(record.frames) : none })
        var row = reference_record(
            counter: Int64(record.stored.counter), sealed_at: arena.bytes(record.stored.sealedAt),
            payload_digest: arena.bytes(record.stored.payloadDigest.description),
            previous_digest: record.audit.previous.map { arena.bytes($0.description) } ?? none,
            envelope: arena.bytes(record.envelope), verdict: arena.bytes(record.stored.verdict),
            summary: arena.bytes(record.stored.summary), attachment_count: record.attachments.count, names: names,
            digests: digests, contents: contents, audit_detail: arena.bytes(record.audit.detail),
            audit_digest: arena.bytes(record.audit.digest.description))
        let start = monotonicSeconds()
        let problem = reference_store_commit(store, &row)
        let took = monotonicSeconds() - start
        guard problem == 0 else { throw NotMeasured("SQLite error \(problem)") }
        return took
    }
}

/// Memory that stays where it is until C has written it.
final class Arena {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    func bytes(_ text: String) -> reference_bytes { bytes(Array(text.utf8)) }

    func bytes(_ bytes: [UInt8]) -> reference_bytes {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        block.copyBytes(from: bytes)
        if let base = block.baseAddress { blocks.append(base) }
        return reference_bytes(bytes: block.baseAddress, count: bytes.count)
    }

    func list(_ elements: [reference_bytes]) -> UnsafePointer<reference_bytes> {
        let block = UnsafeMutablePointer<reference_bytes>.allocate(capacity: max(1, elements.count))
        block.initialize(from: elements, count: elements.count)
        blocks.append(UnsafeMutableRawPointer(block))
        return UnsafePointer(block)
    }
}
