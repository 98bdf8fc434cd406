import Foundation

/// A value behind a lock.
///
/// The standard library's `Mutex` waits on a futex itself on Linux, which the thread sanitizer does not see; this lock
/// is one that it knows, so that it can watch over everything here.
///
/// `@unchecked Sendable` is right because `value` is private and only ever touched while `lock` is held.
final class Guarded<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&value)
    }
}
