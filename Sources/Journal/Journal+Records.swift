public import Evidence
import Foundation
import GRDB
import Glibc

/// A sealed record as lists show it.
public struct StoredRecord: Hashable, Sendable {
    /// The lane's number of the record.
    public let counter: Int
    /// The test it accounts for.
    public let test: String
    /// The test's method.
    public let method: String
    /// The lane.
    public let lane: String
    /// When it was sealed, by the wall clock, in UTC.
    public let sealedAt: String
    /// The digest of the payload.
    public let payloadDigest: Digest
    /// `passed`, `failed` or `aborted`.
    public let verdict: String
    /// What lists show besides, in the lane's own encoding.
    public let summary: [UInt8]
    /// How far its delivery is.
    public let delivery: DeliveryState

    static let query = """
        SELECT records.counter, tests.id, tests.method, tests.lane, sealed_at, payload_digest, verdict, summary, state
        FROM records JOIN tests ON tests.number = records.test JOIN outbox USING (counter)
        """

    init(_ row: Row) throws {
        counter = row["counter"]
        test = row["id"]
        method = row["method"]
        lane = row["lane"]
        sealedAt = row["sealed_at"]
        verdict = row["verdict"]
        summary = bytes(in: row, "summary")
        guard let digest = Digest(row["payload_digest"]), let state = DeliveryState(rawValue: row["state"]) else {
            throw JournalError.damaged(item: "record \(counter)")
        }
        payloadDigest = digest
        delivery = state
    }

    static func fetch(_ counter: Int, in db: Database) throws -> StoredRecord {
        let sql = "\(query) WHERE records.counter = ?"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [counter]) else {
            throw JournalError.unknown(item: "record \(counter)")
        }
        return try StoredRecord(row)
    }
}

extension Journal {
    /// Sealed records, the newest first.
    ///
    /// - Parameter limit: how many at most.
    /// - Parameter before: only those with a smaller number, to turn pages.
    public func records(limit: Int = 50, before: Int = .max) async throws(JournalError) -> [StoredRecord] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "\(StoredRecord.query) WHERE records.counter < ? ORDER BY records.counter DESC LIMIT ?",
                arguments: [before, limit]
            ).map { try StoredRecord($0) }
        }
    }

    /// A sealed record.
    ///
    /// - Throws: ``JournalError/unknown(item:)`` if there is none of this number.
    public func record(_ counter: Int) async throws(JournalError) -> StoredRecord {
        try await read { try StoredRecord.fetch(counter, in: $0) }
    }

    /// The record whose payload has a digest; nil if there is none.
    public func record(of payload: Digest) async throws(JournalError) -> StoredRecord? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "\(StoredRecord.query) WHERE payload_digest = ?", arguments: [payload.description]
            ).map { try StoredRecord($0) }
        }
    }

    /// The envelope of a record, the very bytes that were sealed.
    ///
    /// - Throws: ``JournalError/unknown(item:)``, or ``JournalError/damaged(item:)`` if the bytes no longer fit the
    ///   digest that was stored with them.
    public func envelope(of counter: Int) async throws(JournalError) -> [UInt8] {
        try await read { try sealedEnvelope(counter, in: $0) }
    }

    /// The attachments of a record, in the order they were sealed.
    ///
    /// - Throws: ``JournalError/unknown(item:)``, or ``JournalError/damaged(item:)`` if the bytes no longer fit.
    public func attachments(of counter: Int) async throws(JournalError) -> [AttachedFile] {
        try await read { try sealedAttachments(counter, in: $0) }
    }

    /// Writes a record's envelope and attachments as files, so that anybody can verify them.
    ///
    /// The directory is made if its parent is there. Files that are there already with the same content are kept.
    ///
    /// - Returns: the paths of the files, `envelope.json` first.
    /// - Throws: ``JournalError/exportConflict(path:)`` if a file with other content is there, which is left alone.
    @discardableResult
    public func export(_ counter: Int, to target: String) async throws(JournalError) -> [String] {
        let attachments = try await read { try attachmentNames(counter, in: $0) }
        let envelope = try await envelope(of: counter)
        try await onDisk { () throws(JournalError) in try makeDirectory(target) }
        var paths = ["\(target)/\(AttachmentReference.envelopeFileName)"]
        try await onDisk { [path = paths[0]] () throws(JournalError) in try writeFile(envelope, at: path) }
        // One file at a time: together they are larger than everything else in the program.
        for (name, digest) in attachments {
            let content = try await read { try keptArtifact(digest, in: $0).bytes }
            let path = "\(target)/\(name)"
            try await onDisk { () throws(JournalError) in try writeFile(content, at: path) }
            paths.append(path)
        }
        return paths
    }

    /// The bytes that have a digest: a pack, a profile, an attachment.
    ///
    /// - Throws: ``JournalError/unknown(item:)``, or ``JournalError/damaged(item:)`` if the bytes no longer fit.
    public func artifact(_ digest: Digest) async throws(JournalError) -> [UInt8] {
        try await read { try keptArtifact(digest.description, in: $0).bytes }
    }

    /// Keeps bytes under their digest; bytes that are kept already are kept once.
    ///
    /// - Returns: the digest.
    @discardableResult
    public func storeArtifact(_ bytes: [UInt8]) async throws(JournalError) -> Digest {
        let digest = Digest(of: bytes)
        try await record { db in
            try keepArtifact(bytes, digest, in: db)
            FailPoint.artifactWritten.pass()
        }
        FailPoint.artifactCommitted.pass()
        return digest
    }
}

func keepArtifact(_ bytes: [UInt8], _ digest: Digest, in db: Database) throws {
    try bytes.withUnsafeBytes { content in
        // SQLite reads it within this call: a test's frames are a megabyte or two, and need no copy.
        let blob =
            content.baseAddress.map {
                Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: $0), count: content.count, deallocator: .none)
            } ?? Data()
        try db.execute(
            sql: "INSERT OR IGNORE INTO artifacts (digest, bytes) VALUES (?, ?)", arguments: [digest.description, blob])
    }
}

func sealedEnvelope(_ counter: Int, in db: Database) throws -> [UInt8] {
    let sql = "SELECT envelope, payload_digest FROM records WHERE counter = ?"
    guard let row = try Row.fetchOne(db, sql: sql, arguments: [counter]) else {
        throw JournalError.unknown(item: "record \(counter)")
    }
    let envelope = bytes(in: row, "envelope")
    if envelope.isEmpty, try Removal.isRemoved(counter, in: db) { throw JournalError.removed(counter: counter) }
    guard let sealed = try? Envelope(parsing: envelope), sealed.payloadDigest.description == row["payload_digest"]
    else { throw JournalError.damaged(item: "record \(counter)") }
    return envelope
}

private func sealedAttachments(_ counter: Int, in db: Database) throws -> [AttachedFile] {
    try attachmentNames(counter, in: db).map { name, digest in
        let content = try keptArtifact(digest, in: db)
        return AttachedFile(name: name, bytes: content.bytes, digest: content.digest)
    }
}

/// The names of a record's attachments with their digests, in the order they were sealed.
private func attachmentNames(_ counter: Int, in db: Database) throws -> [(name: String, digest: String)] {
    _ = try StoredRecord.fetch(counter, in: db)
    if try Removal.isRemoved(counter, in: db) { throw JournalError.removed(counter: counter) }
    return try Row.fetchAll(
        db, sql: "SELECT name, digest FROM record_artifacts WHERE counter = ? ORDER BY position", arguments: [counter]
    ).map { ($0["name"], $0["digest"]) }
}

private func keptArtifact(_ digest: String, in db: Database) throws -> (bytes: [UInt8], digest: Digest) {
    let rows = try Row.fetchCursor(db, sql: "SELECT bytes FROM artifacts WHERE digest = ?", arguments: [digest])
    guard let row = try rows.next() else { throw JournalError.unknown(item: digest) }
    // Straight from SQLite's memory: frames are a megabyte or two, and a row would be a copy of its own.
    let content = try row.withUnsafeData(named: "bytes") { Array($0 ?? Data()) }
    let found = Digest(of: content)
    guard found.description == digest else { throw JournalError.damaged(item: digest) }
    return (content, found)
}

/// Runs blocking work on files away from the cooperative threads.
private func onDisk(_ work: @escaping @Sendable () throws(JournalError) -> Void) async throws(JournalError) {
    let result: Result<Void, JournalError> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: Result(catching: work)) }
    }
    return try result.get()
}

private func makeDirectory(_ path: String) throws(JournalError) {
    if mkdir(path, 0o755) != 0, errno != EEXIST {
        throw .exportFailed(path: path, detail: String(cString: strerror(errno)))
    }
}

private func writeFile(_ content: [UInt8], at path: String) throws(JournalError) {
    do {
        let isNew = try DurableFile.create(content, at: path, mode: 0o644)
        if !isNew, try DurableFile.read(path).bytes != content { throw JournalError.exportConflict(path: path) }
    } catch let failure as DurableFile.Failure {
        throw .exportFailed(path: path, detail: failure.words)
    } catch {
        throw JournalError(error, path: path)
    }
}
