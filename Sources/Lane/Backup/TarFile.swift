import Evidence
import Glibc

/// Reads and writes plain tar files (POSIX.1-1988 ustar): regular files alone, in one folder level or below, so that any
/// `tar` unpacks what this writes.
enum TarFile {
    /// Why a file is no such tar file.
    struct Malformed: Error {
        let detail: String
    }

    private static let block = 512
    /// Eleven octal digits.
    private static let largest = 0o77_777_777_777

    // MARK: Writing

    /// Writes files into a new tar file and waits until it is on disk.
    ///
    /// - Parameter files: names in the tar file and the paths of the files.
    static func write(_ files: [(name: String, path: String)], to target: String) throws {
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw DurableFile.Failure(path: target) }
        defer { close(output) }
        for file in files {
            let input = open(file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard input >= 0 else { throw DurableFile.Failure(path: file.path) }
            defer { close(input) }
            var status = stat()
            guard fstat(input, &status) == 0 else { throw DurableFile.Failure(path: file.path) }
            let size = Int(status.st_size)
            guard size <= largest, file.name.utf8.count <= 100 else {
                throw Malformed(detail: "\(file.name): \(size) bytes")
            }
            try write(header(file.name, size, Int(status.st_mtim.tv_sec)), output, target)
            var left = size
            while left > 0 {
                let piece = try read(input, min(left, 1 << 20), file.path)
                guard !piece.isEmpty else { throw DurableFile.Failure(path: file.path, code: EIO) }
                try write(piece, output, target)
                left -= piece.count
            }
            try write([UInt8](repeating: 0, count: padding(size)), output, target)
        }
        try write([UInt8](repeating: 0, count: 2 * block), output, target)
        guard fsync(output) == 0 else { throw DurableFile.Failure(path: target) }
    }

    private static func header(_ name: String, _ size: Int, _ time: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<(offset + text.utf8.count), with: Array(text.utf8))
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(0o600, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(max(0, time), 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
        header[154] = 0
        return header
    }

    // MARK: Reading

    /// Unpacks the regular files of a tar file.
    ///
    /// - Parameter place: where a file of a name is written; nil refuses the name.
    /// - Returns: the names, in their order.
    static func unpack(_ source: String, place: (String) throws -> String?) throws -> [String] {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw DurableFile.Failure(path: source) }
        defer { close(input) }
        var names: [String] = []
        while true {
            let header = try exactly(block, input, source)
            if header.allSatisfy({ $0 == 0 }) { return names }
            let sum = header.enumerated().reduce(0) { $0 + (148..<156 ~= $1.offset ? 32 : Int($1.element)) }
            guard number(header[148..<156]) == sum, let size = number(header[124..<136]) else {
                throw Malformed(detail: "entry \(names.count + 1): checksum")
            }
            let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
            guard header[156] == UInt8(ascii: "0") || header[156] == 0, !names.contains(name),
                let path = try place(name)
            else { throw Malformed(detail: "entry \(names.count + 1): \(name)") }
            let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard output >= 0 else { throw DurableFile.Failure(path: path) }
            defer { close(output) }
            var left = size
            while left > 0 {
                let piece = try exactly(min(left, 1 << 20), input, source)
                try write(piece, output, path)
                left -= piece.count
            }
            guard fsync(output) == 0 else { throw DurableFile.Failure(path: path) }
            _ = try exactly(padding(size), input, source)
            names.append(name)
        }
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.filter { $0 != 0 && $0 != 0x20 }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    // MARK: Bytes

    private static func padding(_ size: Int) -> Int { (block - size % block) % block }

    private static func exactly(_ count: Int, _ descriptor: Int32, _ path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try read(descriptor, count - bytes.count, path)
            guard !piece.isEmpty else { throw Malformed(detail: "ends in the middle") }
            bytes += piece
        }
        return bytes
    }

    private static func read(_ descriptor: Int32, _ count: Int, _ path: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            let found = Glibc.read(descriptor, &bytes, count)
            if found < 0, errno == EINTR { continue }
            guard found >= 0 else { throw DurableFile.Failure(path: path) }
            return Array(bytes[..<found])
        }
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DurableFile.Failure(path: path) }
            written += count
        }
    }
}
