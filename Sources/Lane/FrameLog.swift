import Evidence
import Procedures

/// Stores frames and what was on the wires as they come, without a tick ever waiting for the disk.
///
/// Frames that come while a write is under way go together into the next one.
struct FrameLog: Sendable {
    /// One frame's tick and line, what the authority is told of the second that it stands for, and what was on the wires
    /// since the frame before.
    typealias Entry = (tick: Int, bytes: [UInt8], second: JSONObject?, wire: [UInt8])

    private let entries: AsyncStream<Entry>.Continuation
    private let worker: Task<Void, Never>

    /// Creates a log.
    ///
    /// - Parameters:
    ///   - store: stores some frames at once.
    ///   - failed: is told, once, that storing failed.
    init(
        store: @escaping @Sendable ([Entry]) async throws -> Void, failed: @escaping @Sendable (any Error) -> Void
    ) {
        let (stream, continuation) = AsyncStream.makeStream(of: Entry.self)
        entries = continuation
        let (batches, batchContinuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let pending = PendingEntries()
        // One task gathers, the other writes what has gathered: the disk sets the size of the batches.
        worker = Task {
            async let writing: Void = {
                for await _ in batches {
                    let batch = pending.take()
                    guard !batch.isEmpty else { continue }
                    do { try await store(batch) } catch {
                        failed(error)
                        return
                    }
                }
            }()
            for await entry in stream {
                pending.add(entry)
                batchContinuation.yield()
            }
            batchContinuation.finish()
            await writing
            let rest = pending.take()
            if !rest.isEmpty {
                do { try await store(rest) } catch { failed(error) }
            }
        }
    }

    /// Adds a frame's line with its part of the wire log.
    func add(_ entry: Entry) { entries.yield(entry) }

    /// Waits until everything is stored, or storing failed.
    func finish() async {
        entries.finish()
        await worker.value
    }
}
