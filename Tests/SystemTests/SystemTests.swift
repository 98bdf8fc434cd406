import CLinux
import CModbus
import COpenSSL
import CPseudoTerminal
import CSerialPort
import Glibc
import Testing

@Suite("The system's libraries")
struct SystemTests {
    @Test("OpenSSL has SM3, with the digest of the standard's example")
    func sm3() {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let message = Array("abc".utf8)
        #expect(EVP_Digest(message, message.count, &digest, &length, EVP_sm3(), nil) == 1)
        // GM/T 0004-2012, example 1.
        let expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        #expect(length == 32)
        #expect(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
    }

    @Test("libmodbus and libserialport are the versions that were built against")
    func versions() {
        #expect(libmodbus_version_major == UInt32(LIBMODBUS_VERSION_MAJOR))
        #expect(libmodbus_version_minor == UInt32(LIBMODBUS_VERSION_MINOR))
        #expect(sp_get_major_package_version() == SP_PACKAGE_VERSION_MAJOR)
        #expect(sp_get_minor_package_version() == SP_PACKAGE_VERSION_MINOR)
    }

    @Test("a pseudo-terminal answers for modem lines, and other requests reach the kernel")
    func modemLines() {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var path = [CChar](repeating: 0, count: 64)
        #expect(pseudo_terminal_open(&master, &slave, &path, UInt(path.count)) == 0)
        defer {
            close(master)
            close(slave)
        }
        let before = pseudo_terminal_modem_line_answers()
        // libserialport asks through the C library's name; this package's definition must be the one that answers.
        let link = "/tmp/lane-system-\(getpid())"
        unlink(link)
        #expect(symlink(path, link) == 0)
        defer { unlink(link) }
        var port: OpaquePointer?
        #expect(sp_get_port_by_name("/dev/../../..\(link)", &port) == SP_OK)
        #expect(sp_open(port, SP_MODE_READ_WRITE) == SP_OK)
        #expect(pseudo_terminal_modem_line_answers() > before)
        sp_close(port)
        sp_free_port(port)
        var settings = termios()
        #expect(tcgetattr(slave, &settings) == 0)
        #expect(settings.c_lflag & tcflag_t(ECHO) == 0, "the terminal is raw")
    }

    @Test("Linux tells whether its clock is kept, and makes pipes that no child inherits")
    func linux() {
        #expect((-1...1).contains(linux_clock_is_synchronised()))
        var ends: [Int32] = [-1, -1]
        #expect(linux_pipe_cloexec(&ends) == 0)
        #expect(fcntl(ends[0], F_GETFD) & FD_CLOEXEC != 0)
        for end in ends { close(end) }
    }
}
