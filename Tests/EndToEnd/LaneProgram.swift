import Foundation
import Synchronization
import Testing

/// The built `lane` program, run as a person runs it.
enum LaneProgram {
    /// The executable beside the test bundle, of the same build.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("lane").path
    }()

    /// The sources' root, where `Devices` is.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Runs the program to its end.
    static func run(
        _ arguments: String..., executable: String = path, environment: [String: String] = [:]
    ) async throws -> Finished {
        try await Running(executable, arguments, environment: environment).finished()
    }

    /// What a program left behind.
    struct Finished {
        let code: Int32
        let output: String
        let errors: String

        /// The JSON object that the program printed.
        func json() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(value as? [String: Any], "\(output) \(errors)")
        }
    }

    /// A program that runs.
    final class Running: Sendable {
        private let process: Process
        private let output = Collector()
        private let errors = Collector()
        private let ended: Task<Int32, Never>

        init(_ executable: String = path, _ arguments: [String], environment: [String: String] = [:]) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: executable)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(["LANG": "en_US.UTF-8"]) { $1 }
                .merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output.pipe
            process.standardError = errors.pipe
            let (codes, code) = AsyncStream.makeStream(of: Int32.self)
            process.terminationHandler = { process in
                code.yield(process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
                code.finish()
            }
            try process.run()
            output.start()
            errors.start()
            self.process = process
            ended = Task {
                for await code in codes { return code }
                return Int32.min
            }
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        /// The process's number.
        var id: Int32 { process.processIdentifier }

        /// Sends a signal.
        func send(_ signal: Int32) { kill(id, signal) }

        /// The next line of its output.
        func nextLine() async -> String? { await output.nextLine() }

        /// Waits for its end.
        func finished() async -> Finished {
            let code = await ended.value
            return Finished(code: code, output: await output.rest(), errors: await errors.rest())
        }
    }
}

/// Gathers what a program prints, line by line.
private final class Collector: Sendable {
    let pipe = Pipe()
    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let partial = Mutex<[UInt8]>([])

    init() { (lines, continuation) = AsyncStream.makeStream(of: String.self) }

    func start() {
        pipe.fileHandleForReading.readabilityHandler = { [self] handle in
            let data = handle.availableData
            guard !data.isEmpty else {
                handle.readabilityHandler = nil
                let rest = partial.withLock { $0 }
                if !rest.isEmpty { continuation.yield(String(decoding: rest, as: UTF8.self)) }
                continuation.finish()
                return
            }
            let whole = partial.withLock { partial -> [[UInt8]] in
                partial += data
                var pieces = partial.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
                partial = pieces.removeLast()
                return pieces
            }
            for line in whole { continuation.yield(String(decoding: line, as: UTF8.self)) }
        }
    }

    func nextLine() async -> String? {
        for await line in lines { return line }
        return nil
    }

    func rest() async -> String {
        var all: [String] = []
        for await line in lines { all.append(line) }
        return all.joined(separator: "\n")
    }
}

/// A folder of a test's own, removed when the test ends.
final class Workspace: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/lane-e2e-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path inside.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }

    /// A folder inside, made now.
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }
}
