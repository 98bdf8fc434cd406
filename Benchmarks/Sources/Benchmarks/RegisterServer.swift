import CReference
import Foundation
import Glibc

/// A weather station's registers behind a pseudo-terminal, served by a process of its own, so that serving does not
/// count as reading.
final class RegisterServer {
    /// Pressure, temperature and humidity as the DWSP-T5 holds them: 100.80 kPa, 25.1 °C, 45.6 %.
    static let registers: [UInt16] = [10080, 251, 456]
    /// The same in the units of the channels.
    static let values = [100.8, 25.1, 45.6]

    /// The argument by which this program becomes the server.
    static let argument = "serve"

    /// Where the master is in the server.
    private static let masterInServer: Int32 = 10

    /// The terminal that readers open.
    let path: String

    private let slave: Int32
    private let process: pid_t

    /// Opens the terminal and starts the server.
    init() throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        let problem = reference_open_terminal(&master, &slave, &name, name.count)
        guard problem == 0 else { throw NotMeasured("no pseudo-terminal: \(String(cString: strerror(problem)))") }
        defer { close(master) }
        path = name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, master, Self.masterInServer)
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("benchmarks"), strdup(Self.argument), nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, "/proc/self/exe", &actions, nil, arguments, environ)
        guard failure == 0 else {
            close(slave)
            throw NotMeasured("no server: \(String(cString: strerror(failure)))")
        }
        // Held open, so that the line does not hang up between two readers.
        self.slave = slave
        self.process = process
    }

    /// Hangs up, which ends the server.
    func stop() {
        close(slave)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    /// What the server process does until its line hangs up; its exit code.
    static func serve() -> Int32 {
        reference_serve_registers(masterInServer, registers)
    }
}
