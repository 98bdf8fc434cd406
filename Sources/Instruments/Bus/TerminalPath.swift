import Glibc

/// The file behind a port's path: what libserialport and libmodbus can open, and whether a wire is behind it.
struct TerminalPath {
    /// The path with all symbolic links followed.
    let resolved: String
    let isPseudoTerminal: Bool

    /// Follows `path` and looks at what is there.
    init(_ path: String) throws(PortFailure) {
        guard let real = realpath(path, nil) else { throw .opening(errno) }
        defer { free(real) }
        resolved = String(cString: real)
        var status = stat()
        guard stat(resolved, &status) == 0 else { throw .opening(errno) }
        guard status.st_mode & S_IFMT == S_IFCHR else { throw .failed("not a terminal") }
        isPseudoTerminal = Self.isPseudoTerminal(status) || resolved.hasPrefix("/dev/pts/")
        #if !Simulation
            if isPseudoTerminal { throw .pseudoTerminalRefused }
        #endif
    }

    /// Looks at an open descriptor, since the path may have changed between looking and opening.
    static func isPseudoTerminal(descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && isPseudoTerminal(status)
    }

    /// Linux keeps the device numbers 136 to 143 for the slave side of pseudo-terminals, and 3 for the old BSD ones
    /// (kernel documentation, admin-guide/devices.txt).
    private static func isPseudoTerminal(_ status: stat) -> Bool {
        let major = status.st_rdev >> 8 & 0xFFF
        return status.st_mode & S_IFMT == S_IFCHR && (major == 3 || (136...143).contains(major))
    }

    /// Runs `body` with a path by which libserialport finds the terminal.
    ///
    /// libserialport looks every port up under `/sys/class/tty`, where pseudo-terminals do not appear, and only asks
    /// that the name be a symbolic link there. `/dev/../../../…` leads out of both folders to the same link, so a
    /// private link to the pseudo-terminal serves; real ports keep their own path.
    func withFindablePath<Value>(_ body: (String) throws(PortFailure) -> Value) throws(PortFailure) -> Value {
        guard isPseudoTerminal else { return try body(resolved) }
        var template = Array("/tmp/lane-port-XXXXXX".utf8CString)
        guard let folder = mkdtemp(&template) else { throw .opening(errno) }
        let name = String(cString: folder)
        let link = name + "/port"
        defer {
            unlink(link)
            rmdir(name)
        }
        guard symlink(resolved, link) == 0 else { throw .opening(errno) }
        return try body("/dev/../../.." + link)
    }
}

extension PortFailure {
    /// The failure that an error number of `open` or of a claim means.
    static func opening(_ number: Int32) -> PortFailure {
        switch number {
        case ENOENT, ENXIO, ENODEV, ENOTDIR: .notFound
        case EBUSY: .busy
        case EACCES, EPERM: .denied
        default: .failed(String(cString: strerror(number)))
        }
    }
}

/// Claims an open terminal for this program, so that a second one is refused it.
///
/// The advisory lock keeps other copies of this program out, whoever runs them; `TIOCEXCL` every program but root's.
/// A serial port forgets both when the last program closes it. A pseudo-terminal would keep `TIOCEXCL` as long as its
/// other end lives, which is the simulator: the guard of a killed lane could not unload, nor the next lane start.
func claimTerminal(_ descriptor: Int32, isPseudoTerminal: Bool) throws(PortFailure) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw errno == EWOULDBLOCK ? .busy : .opening(errno)
    }
    guard isPseudoTerminal || ioctl(descriptor, UInt(TIOCEXCL), 0) == 0 else { throw .opening(errno) }
}

/// Waits for input on a terminal, in real time.
///
/// - Returns: false if the time passed without a byte.
/// - Throws: ``PortFailure/hungUp`` once the terminal has gone and everything it delivered before has been read.
func waitForInput(on descriptor: Int32, upTo time: Duration) throws(PortFailure) -> Bool {
    let deadline = monotonicTime() + time
    while true {
        let remaining = max(.zero, deadline - monotonicTime())
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&entry, 1, remaining.pollMilliseconds)
        if count < 0 {
            if errno == EINTR { continue }
            throw .failed(String(cString: strerror(errno)))
        }
        let events = Int32(entry.revents)
        if events & POLLIN != 0 { return true }
        if events & (POLLHUP | POLLERR | POLLNVAL) != 0 { throw .hungUp }
        if count == 0, remaining == .zero { return false }
    }
}

/// The name of the group that owns a port, whose members may open it; nil if the path leads nowhere.
func owningGroup(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getgrgid_r(status.st_gid, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
        return "\(status.st_gid)"
    }
    return String(cString: entry.gr_name)
}

/// The time on the machine's monotonic clock.
func monotonicTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

extension Duration {
    /// Whole milliseconds, rounded up so that a wait is never cut short, as poll(2) takes them.
    var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: milliseconds)
    }

    /// Whole milliseconds, for messages.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
