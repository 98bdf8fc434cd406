import Synchronization

/// Frames between the sampler and the disk.
final class PendingEntries: Sendable {
    private let entries = Mutex<[FrameLog.Entry]>([])

    func add(_ entry: FrameLog.Entry) { entries.withLock { $0.append(entry) } }

    func take() -> [FrameLog.Entry] {
        entries.withLock { entries in
            defer { entries.removeAll(keepingCapacity: true) }
            return entries
        }
    }
}
