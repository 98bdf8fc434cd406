import Foundation
import Synchronization

/// The program `crash-station`, beside the test bundle.
enum Station {
    /// How a run ended.
    struct Ended {
        /// The exit code; the signal's negative number if a signal ended it.
        let code: Int32
        /// What it said, line by line.
        let lines: [String]
        /// What went wrong in its own words.
        let errors: String
    }

    static let path =
        Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }.map {
            $0.bundleURL.deletingLastPathComponent().appendingPathComponent("crash-station").path
        } ?? CommandLine.arguments[0].replacing(/[^\/]+$/, with: "crash-station")

    /// Runs the program to its end, or kills it after a time.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], killAfter limit: Duration? = nil
    ) async throws -> Ended {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        return try await withCheckedThrowingContinuation { continuation in
            // Reading to the end blocks, and so gets a thread of its own.
            Thread.detachNewThread {
                do { try process.run() } catch {
                    continuation.resume(throwing: error)
                    return
                }
                let id = process.processIdentifier
                let isOver = Mutex(false)
                if let limit {
                    let seconds = limit / .seconds(1)
                    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) {
                        isOver.withLock { if !$0 { kill(id, SIGKILL) } }
                    }
                }
                let text = output.fileHandleForReading.readDataToEndOfFile()
                let words = errors.fileHandleForReading.readDataToEndOfFile()
                isOver.withLock { $0 = true }
                process.waitUntilExit()
                let code = process.terminationStatus
                continuation.resume(
                    returning: Ended(
                        code: process.terminationReason == .exit ? code : -code,
                        lines: String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init),
                        errors: String(decoding: words, as: UTF8.self)))
            }
        }
    }
}

/// A directory of its own for one test, removed afterwards; in memory where the system has such a place.
func withDirectory(inMemory: Bool = false, _ body: (String) async throws -> Void) async throws {
    let (path, remove) = try temporaryDirectory(inMemory: inMemory)
    defer { remove() }
    try await body(path)
}

/// A directory of its own, and what removes it.
func temporaryDirectory(inMemory: Bool) throws -> (path: String, remove: () -> Void) {
    let parent = inMemory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(parent)/crash-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (path, { try? FileManager.default.removeItem(atPath: path) })
}

/// Reproducible randomness: SplitMix64, whose seed every run prints.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// A number that `make crash` sets, or what `make test` takes.
func setting(_ name: String, _ standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
}

/// The seed of this run: given, or by chance.
func runSeed() -> UInt64 {
    ProcessInfo.processInfo.environment["CRASH_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...999_999)
}
