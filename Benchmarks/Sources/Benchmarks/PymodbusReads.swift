import Foundation

/// The same reads with pymodbus, from the Python package index, in a process of its own.
struct PymodbusReads {
    /// What a round cost.
    struct Round: Decodable {
        /// Reads that brought what was served.
        let good: Int
        /// Processor seconds of the reading process.
        let processor: Double
        /// Seconds.
        let time: Double
    }

    private let python: String
    private let script = "\(Sources.root)/Benchmarks/pymodbus_reads.py"

    /// Finds the Python that has pymodbus; `make bench` installs one.
    init() throws {
        python =
            ProcessInfo.processInfo.environment["BENCH_PYTHON"] ?? "\(Sources.root)/.build-bench/venv/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw NotMeasured("no Python with pymodbus at \(python)")
        }
    }

    /// Reads some times; every reply is compared with what is served.
    func round(_ path: String, reads: Int) throws -> Round {
        let values = RegisterServer.registers.map { "\($0)" }
        let child = try Child(python, [script, path, "\(reads)"] + values)
        let answer = child.rest()
        _ = child.wait()
        guard let round = try? JSONDecoder().decode(Round.self, from: Data(answer.utf8)), round.good == reads else {
            throw NotMeasured("pymodbus: \(answer)")
        }
        return round
    }
}
