import Glibc

/// Measures this program against plain C, in one run, each in turn, and prints what it found.
///
/// Arguments name the benchmarks to run; without any, all are.
@main
struct Benchmarks {
    private static let all: [(name: String, run: @Sendable () async throws -> Findings)] = [
        ("reads", RegisterReads.run), ("devices", TenDevices.run), ("test", WholeTest.run),
        ("methods", VirtualTime.run),
        ("record", Sealing.run), ("evidence", Notary.run), ("memory", LaneMemory.run), ("drain", Draining.run),
    ]

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == [RegisterServer.argument] { exit(RegisterServer.serve()) }
        if arguments == [TenDevices.loadArgument] { TenDevices.load() }
        var findings = Findings()
        for benchmark in all where arguments.isEmpty || arguments.contains(benchmark.name) {
            print("measuring: \(benchmark.name)")
            do {
                let found = try await benchmark.run()
                findings.lines += found.lines
                findings.notes += found.notes.map { "\(benchmark.name): \($0)" }
            } catch {
                findings.notes.append("\(benchmark.name): not measured: \(error)")
            }
        }
        print("\nMedians; ours and the reference take turns within this run.\n")
        Table.print(findings)
    }
}
