import CLinux

/// The program's memory.
public enum ProcessMemory {
    /// Has all threads share two heaps.
    ///
    /// The C library would give each of the lane's many threads, which mostly wait, a heap of its own: several megabytes
    /// that nobody uses. Must be called before the first thread begins.
    public static func shareHeaps() { linux_share_heaps() }
}
