import Foundation
import Glibc

/// A program that runs, with its output on a pipe.
final class Child {
    private let process: pid_t
    private let output: Int32
    private var unread: [UInt8] = []
    private var isOver = false

    init(_ program: String, _ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw NotMeasured("no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, program, &actions, nil, words, environ)
        guard failure == 0 else {
            close(ends[0])
            throw NotMeasured("\(program): \(String(cString: strerror(failure)))")
        }
        self.process = process
        output = ends[0]
    }

    deinit { close(output) }

    /// The next line of its output; nil at the end.
    func nextLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard readMore() else { return nil }
        }
    }

    /// The rest of its output, once that has ended.
    func rest() -> String {
        while readMore() {}
        return String(decoding: unread, as: UTF8.self)
    }

    /// Looks at its memory until its output ends.
    ///
    /// The kernel's own account of a child that has ended, `ru_maxrss`, also counts the memory of the program that
    /// started it, between `vfork` and `exec`; the high-water mark under /proc is the program's alone.
    ///
    /// - Returns: its greatest resident set and the last one that was seen, kB.
    func watchMemory() -> (peak: Int, last: Int) {
        var (peak, last) = (0, 0)
        while !isOver {
            if let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) {
                peak = max(peak, Self.kilobytes("VmHWM:", in: status) ?? 0)
                last = Self.kilobytes("VmRSS:", in: status) ?? last
            }
            var entry = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 10) > 0 { _ = readMore() }
        }
        return (peak, last)
    }

    /// Waits for its end.
    ///
    /// - Returns: processor seconds of the program and of the children that it waited for.
    func wait() -> Double {
        var status: Int32 = 0
        var usage = rusage()
        wait4(process, &status, 0, &usage)
        return usage.processorSeconds
    }

    /// Ends it. A thread of the pool has its signals blocked and hands that on, so that a milder one would not arrive.
    func terminate() {
        kill(process, SIGKILL)
        _ = wait()
    }

    private func readMore() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(output, &bytes, bytes.count)
        if count > 0 { unread += bytes.prefix(count) } else { isOver = true }
        return count > 0
    }

    private static func kilobytes(_ name: String, in status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
}
