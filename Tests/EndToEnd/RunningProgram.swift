import CLinux
import Foundation
import Synchronization

extension LaneProgram {
    /// A program that runs, watched by a thread of its own.
    ///
    /// Foundation's `Process` and `readabilityHandler` are not used: under load their dispatch source is dropped from
    /// epoll now and then while the end of the file is still to come, and the reader waits for ever.
    final class Running: Sendable {
        private let child: Child

        /// - Parameter isTyping: whether its standard input takes what ``type(_:)`` writes; otherwise there is none.
        init(
            _ executable: String = path, _ arguments: [String], environment: [String: String] = [:],
            isTyping: Bool = false
        ) throws {
            let environment = ProcessInfo.processInfo.environment.merging(["LANG": "en_US.UTF-8"]) { $1 }
                .merging(environment) { $1 }
            child = try Child(executable, arguments, environment.map { "\($0)=\($1)" }, isTyping)
            // The thread keeps the child's account; this object only asks for it.
            Thread { [child] in child.watch() }.start()
        }

        deinit { child.send(SIGKILL) }

        /// Sends a signal; nothing happens if the program has ended.
        func send(_ signal: Int32) { child.send(signal) }

        /// Writes to its standard input.
        func type(_ text: String) { child.type(text) }

        /// The next line of its output; nil at the end.
        func nextLine() async -> String? { await child.nextLine() }

        /// Its number.
        var process: pid_t { child.process }

        /// Waits for its end. What programs that it left behind print is not waited for.
        func finished() async -> Finished { await child.finished() }
    }

    /// Why a program could not be started.
    struct NotStarted: Error {
        let call: String
        let code: Int32
    }
}

/// A process and what it has printed so far.
private final class Child: Sendable {
    private struct State {
        var lines: [String] = []
        /// What was printed since the last line feed.
        var partial: [UInt8] = []
        var errors: [UInt8] = []
        /// The exit code, or the signal's negative number.
        var end: Int32?
        var waitingForLine: CheckedContinuation<String?, Never>?
        var waitingForEnd: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    let process: pid_t
    /// Readable once the process has ended (pidfd_open).
    private let ending: Int32
    private let output: Int32
    private let errors: Int32
    /// Where its standard input is written to; nil if it has none.
    private let input: Int32?

    init(_ executable: String, _ arguments: [String], _ environment: [String], _ isTyping: Bool) throws {
        let input = isTyping ? try Self.pipe() : nil
        defer { if let input { close(input[0]) } }
        self.input = input?[1]
        let output = try Self.pipe()
        let errors = try Self.pipe()
        defer { for end in [output[1], errors[1]] { close(end) } }
        (self.output, self.errors) = (output[0], errors[0])

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO)
        let words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, executable, &actions, nil, words, variables)
        guard failure == 0 else { throw LaneProgram.NotStarted(call: "posix_spawn \(executable)", code: failure) }
        self.process = process
        ending = linux_process_descriptor(process)
        guard ending >= 0 else { throw LaneProgram.NotStarted(call: "pidfd_open", code: errno) }
    }

    deinit { for descriptor in [ending, output, errors, input].compactMap(\.self) { close(descriptor) } }

    private static func pipe() throws -> [Int32] {
        var ends: [Int32] = [-1, -1]
        guard linux_pipe_cloexec(&ends) == 0 else { throw LaneProgram.NotStarted(call: "pipe2", code: errno) }
        return ends
    }

    // MARK: The thread

    /// Reads what the process prints until it has ended.
    func watch() {
        var entries = [output, errors, ending].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while entries[2].revents == 0 {
            poll(&entries, 3, -1)
            if entries[0].revents != 0, !readOutput() { entries[0].fd = -1 }
            if entries[1].revents != 0, !readErrors() { entries[1].fd = -1 }
        }
        // What it printed last is in the pipes; whoever inherited their other ends may live on.
        while poll(&entries, 1, 0) > 0, readOutput() {}
        entries[0].fd = errors
        while poll(&entries, 1, 0) > 0, readErrors() {}
        end()
    }

    private func readOutput() -> Bool {
        let bytes = read(output)
        let resume = state.withLock { state -> (() -> Void)? in
            state.partial += bytes
            var pieces = state.partial.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
            state.partial = pieces.removeLast()
            state.lines += pieces.map { String(decoding: $0, as: UTF8.self) }
            guard let waiting = state.waitingForLine, !state.lines.isEmpty else { return nil }
            state.waitingForLine = nil
            let line = state.lines.removeFirst()
            return { waiting.resume(returning: line) }
        }
        resume?()
        return !bytes.isEmpty
    }

    private func readErrors() -> Bool {
        let bytes = read(errors)
        state.withLock { $0.errors += bytes }
        return !bytes.isEmpty
    }

    private func read(_ descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }

    private func end() {
        let (forLine, forEnd) = state.withLock { state in
            var status: Int32 = 0
            waitpid(process, &status, 0)
            let signal = status & 0x7F
            state.end = signal == 0 ? (status >> 8) & 0xFF : -signal
            if !state.partial.isEmpty { state.lines.append(String(decoding: state.partial, as: UTF8.self)) }
            state.partial = []
            defer { (state.waitingForLine, state.waitingForEnd) = (nil, nil) }
            let line = state.waitingForLine == nil || state.lines.isEmpty ? nil : state.lines.removeFirst()
            return (state.waitingForLine.map { ($0, line) }, state.waitingForEnd)
        }
        forLine.map { $0.0.resume(returning: $0.1) }
        forEnd?.resume()
    }

    // MARK: Asked from tests

    func send(_ signal: Int32) {
        // Until it has been waited for, the number is its own.
        state.withLock { if $0.end == nil { kill(process, signal) } }
    }

    func type(_ text: String) {
        guard let input else { return }
        // A pipe that nobody reads any more must not end the tests by its signal.
        var broken = sigset_t()
        var before = sigset_t()
        sigemptyset(&broken)
        sigaddset(&broken, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &broken, &before)
        defer {
            var atOnce = timespec()
            while sigtimedwait(&broken, nil, &atOnce) > 0 {}
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            // Whoever has ended reads no more.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    func nextLine() async -> String? {
        await withCheckedContinuation { continuation in
            let resume = state.withLock { state -> (() -> Void)? in
                if !state.lines.isEmpty {
                    let line = state.lines.removeFirst()
                    return { continuation.resume(returning: line) }
                }
                if state.end != nil { return { continuation.resume(returning: nil) } }
                state.waitingForLine = continuation
                return nil
            }
            resume?()
        }
    }

    func finished() async -> LaneProgram.Finished {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.end == nil { state.waitingForEnd = continuation }
                return state.end != nil
            }
            if isOver { continuation.resume() }
        }
        return state.withLock { state in
            defer { state.lines = [] }
            return LaneProgram.Finished(
                code: state.end ?? .min, output: state.lines.joined(separator: "\n"),
                errors: String(decoding: state.errors, as: UTF8.self))
        }
    }
}
