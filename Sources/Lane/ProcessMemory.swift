import CLinux

/// The program's memory.
public enum ProcessMemory {
    /// Has all threads share two heaps, and large blocks, such as a test's frames, given back as soon as they are freed.
    ///
    /// The C library would give each of the lane's many threads, which mostly wait, a heap of its own, and would keep
    /// large blocks for the next time, which is the next test: several megabytes that nobody uses. Must be called before
    /// the first thread begins.
    public static func keepSmall() { linux_keep_memory_small() }
}
