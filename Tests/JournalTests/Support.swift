import Evidence
import Foundation
import GRDB
import Glibc
import Journal

/// A directory of its own for one test, removed afterwards.
func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/journal-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}

/// A journal in a directory of its own.
func withJournal(_ body: (Journal, String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
        try await body(try await Journal.open(directory, reserve: 0), directory)
    }
}

/// What a kill at this instant would leave: the files as they are, without a chance to finish anything.
func copyAsAfterKill(_ directory: String) throws -> String {
    let copy = directory + "/copy-\(UInt32.random(in: 0 ... .max))"
    mkdir(copy, 0o700)
    for file in ["journal.sqlite", "journal.sqlite-wal", "lane.lock"] {
        try FileManager.default.copyItem(atPath: "\(directory)/\(file)", toPath: "\(copy)/\(file)")
    }
    return copy
}

/// Runs SQL on a journal's file past the journal, as somebody with a database tool would.
func tamper(_ directory: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: directory + "/journal.sqlite")
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
}

let noon = Date(timeIntervalSince1970: 1_780_000_000)
let laneName = "11010501-3"
let laneKey = SigningKey(origin: .measured)

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// What a lane's record maker does.
@Sendable func build(_ context: SealContext) throws -> SealedRecord {
    try build(context, attachments: [AttachedFile(name: "frames.jsonl", bytes: bytes("frames of \(context.counter)"))])
}

@Sendable func build(
    _ context: SealContext, attachments: [AttachedFile], lane: String = laneName, counter: Int? = nil,
    previous: Digest? = nil
) throws -> SealedRecord {
    let header = RecordHeader(
        lane: lane, epoch: context.epoch, counter: counter ?? context.counter,
        previous: previous ?? context.previousDigest,
        origin: .measured,
        attachments: attachments.map { AttachmentReference(name: $0.name, content: $0.bytes) })
    let payload = try JSONValue.object(header.object).canonicalBytes()
    let envelope = try Envelope(payload: payload, signedWith: [laneKey])
    return SealedRecord(
        envelope: envelope.bytes, attachments: attachments, verdict: "passed", summary: bytes("{}"))
}

extension Journal {
    func begin(_ id: String, lane: String = laneName) async throws {
        try await beginTest(
            id: id, method: "asm", lane: lane, startedAt: "2026-05-29T04:26:40+08:00", order: bytes("order"),
            context: bytes("context"), at: noon)
    }

    @discardableResult
    func run(_ id: String) async throws -> StoredRecord {
        try await begin(id)
        try await appendFrames(test: id, [StoredFrame(tick: 1, bytes: bytes("one"))])
        return try await seal(test: id, at: noon, build: build)
    }
}
