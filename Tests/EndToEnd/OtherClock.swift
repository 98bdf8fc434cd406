import Foundation

/// A wall clock of its own for a program, that a test can set while the program runs; the clocks that nobody can set are the
/// system's. It is that of Debian's package faketime.
///
/// Two things about libfaketime need care. It takes the absolute times of every timer for times of the wall clock, which
/// `Tests/OtherClock` undoes. And where its command has not prepared shared memory it changes the environment at start, so
/// that Swift's runtime no longer finds the program's arguments.
struct OtherClock {
    /// Whether all that is needed is installed.
    static let isInstalled =
        FileManager.default.isExecutableFile(atPath: command) && compiler != nil

    private static let command = "/usr/bin/faketime"
    private static let compiler = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        .flatMap { folder in ["cc", "clang"].map { "\(folder)/\($0)" } }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private let space: Workspace

    /// Makes a clock that shows the system's time.
    init(in space: Workspace) async throws {
        self.space = space
        let made = try await LaneProgram.run(
            "-shared", "-fPIC", "-o", space.file("timers.so"), "\(LaneProgram.root)/Tests/OtherClock/timers.c",
            executable: Self.compiler ?? "/usr/bin/cc")
        guard made.code == 0 else { throw NotMade(errors: made.errors) }
        try set(to: "+0")
    }

    /// Sets the clock, in one step: to `+3600`, an hour ahead of the system's, `-3600`, an hour behind it.
    func set(to shift: String) throws { try space.write(shift + "\n", to: "clock") }

    /// Starts the lane's program under this clock.
    func start(_ arguments: [String]) throws -> LaneProgram.Running {
        let prepared = #"unset FAKETIME; export LD_PRELOAD="$TIMERS:$LD_PRELOAD"; exec "$@""#
        return try LaneProgram.Running(
            Self.command,
            ["-m", "--exclude-monotonic", "-f", "+0", "/bin/sh", "-c", prepared, "sh", LaneProgram.path] + arguments,
            environment: [
                "TIMERS": space.file("timers.so"), "FAKETIME_TIMESTAMP_FILE": space.file("clock"),
                "FAKETIME_NO_CACHE": "1",
            ])
    }

    private struct NotMade: Error {
        let errors: String
    }
}
