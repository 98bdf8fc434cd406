import Evidence
import Foundation
public import Journal
import Procedures

/// Accounts for tests that the program did not live to seal.
public enum Recovery {
    /// Seals every open test as aborted by interruption, with the frames and the wire log that reached the disk.
    ///
    /// - Parameter isExcepted: whether a test is left alone, by its identifier: one that is under way.
    /// - Returns: the records, in the order in which the tests were begun.
    /// - Throws: `JournalError` if the journal cannot be read or written; ``Finding`` if a test's own papers are
    ///   unreadable, which leaves it open for a person to look at.
    public static func sealOpenTests(
        in journal: Journal, with sealer: RecordSealer, at wallTime: String,
        except isExcepted: (String) -> Bool = { _ in false }
    ) async throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        for open in try await journal.openTests() where !isExcepted(open.id) {
            records.append(try await seal(open, in: journal, with: sealer, at: wallTime))
        }
        return records
    }

    private static func seal(
        _ open: StoredTest, in journal: Journal, with sealer: RecordSealer, at wallTime: String
    ) async throws -> StoredRecord {
        var artifacts: [Digest: [UInt8]] = [:]
        for digest in TestPrologue.attachmentDigests(open.context) {
            artifacts[digest] = try await journal.artifact(digest)
        }
        guard let prologue = TestPrologue(parsing: open.context, artifact: { artifacts[$0] }) else {
            throw JournalError.damaged(item: "test \(open.id)")
        }
        let frameFile = GrowingFile(open.frames.flatMap(\.bytes))
        // Stored with the frames, so that it goes as far as they do.
        let wireLog = open.wire.isEmpty ? nil : GrowingFile(open.wire)
        if let kind = prologue.checkKind {
            // A check that was interrupted says nothing, whatever it had come to: it is done again.
            let record = try TestRecord(
                prologue, outcome: CheckOutcome(kind: kind, verdict: .aborted(.interrupted)), ended: wallTime,
                frameFile: frameFile, wireLog: wireLog,
                sampling: SamplingStatistics(try FrameReader.frames(frameFile.bytes)), diagnosis: nil)
            return try await sealer.seal(record, test: open.id, in: journal)
        }
        var procedure = try Recomputation.test(.object(prologue.members)) { prologue.attachment($0) }
        let frames = try FrameReader.frames(frameFile.bytes)
        for frame in frames { _ = procedure.advance(frame) }
        // A test that had come to its end, but not to its record, keeps its verdict.
        _ = procedure.interrupt()
        guard let outcome: any LaneOutcome = procedure.outcome else {
            throw JournalError.damaged(item: "test \(open.id)")
        }
        let record = try TestRecord(
            prologue, outcome: outcome, ended: wallTime, frameFile: frameFile, wireLog: wireLog,
            sampling: SamplingStatistics(frames), diagnosis: nil)
        return try await sealer.seal(record, test: open.id, in: journal)
    }
}
