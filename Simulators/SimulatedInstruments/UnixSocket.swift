import Foundation

/// Calls on Unix-domain stream sockets.
enum UnixSocket {
    /// Listens at a path. A socket left over by a process that has ended is replaced; anything else is not.
    static func listen(at path: String) throws(SimulationError) -> Int32 {
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else { throw .pathTaken(path) }
            if let other = try? connect(to: path) {
                close(other)
                throw .inUse(path)
            }
            unlink(path)
        }
        let descriptor = try open()
        guard let bound = withAddress(path, { bind(descriptor, $0, $1) }) else {
            throw closing(descriptor, .control("path too long: \(path)"))
        }
        guard bound == 0 else { throw closing(descriptor, failure("bind \(path)")) }
        // Only this user may drive the lane; nobody can connect before listen.
        guard chmod(path, 0o600) == 0, Glibc.listen(descriptor, 8) == 0 else {
            let error = failure("listen \(path)")
            unlink(path)
            throw closing(descriptor, error)
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    /// Connects to a path; the descriptor blocks.
    static func connect(to path: String) throws(SimulationError) -> Int32 {
        let descriptor = try open()
        guard let connected = withAddress(path, { Glibc.connect(descriptor, $0, $1) }) else {
            throw closing(descriptor, .control("path too long: \(path)"))
        }
        guard connected == 0 else { throw closing(descriptor, failure("connect to \(path)")) }
        return descriptor
    }

    private static func open() throws(SimulationError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        return descriptor
    }

    private static func closing(_ descriptor: Int32, _ error: SimulationError) -> SimulationError {
        close(descriptor)
        return error
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // One byte stays for the terminating zero.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
