import Foundation

/// One call that changed files below the logged directory, as `Tests/CDiskLog` writes it down.
enum DiskCall: Sendable {
    /// A file was made.
    case create(inode: UInt64, name: String)
    /// Bytes were written.
    case write(inode: UInt64, offset: Int, bytes: ArraySlice<UInt8>)
    /// A file got this length.
    case truncate(inode: UInt64, length: Int)
    /// A file's content, or a directory's names, are on disk.
    case synchronise(inode: UInt64)
    /// A file got another name, besides the one it has.
    case link(inode: UInt64, name: String)
    /// A file got another name in place of the one it had.
    case rename(inode: UInt64, name: String, old: String)
    /// A name was taken away.
    case unlink(name: String)
    /// A directory was made.
    case makeDirectory(inode: UInt64, name: String)
    /// What the program had told the world by then.
    case note(String)

    /// Reads a log.
    static func read(_ path: String) throws -> [DiskCall] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var calls: [DiskCall] = []
        var place = 0
        func number(_ length: Int) -> UInt64 {
            defer { place += length }
            return bytes[place..<place + length].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        while place + 25 <= bytes.count {
            let kind = number(1)
            let (inode, offset) = (number(8), Int(number(8)))
            let (first, second) = (Int(number(4)), Int(number(4)))
            let content = bytes[place..<place + first]
            let name = String(decoding: content, as: UTF8.self)
            let old = String(decoding: bytes[place + first..<place + first + second], as: UTF8.self)
            place += first + second
            switch kind {
            case 1: calls.append(.create(inode: inode, name: name))
            case 2: calls.append(.write(inode: inode, offset: offset, bytes: content))
            case 3: calls.append(.truncate(inode: inode, length: offset))
            case 4: calls.append(.synchronise(inode: inode))
            case 5: calls.append(.link(inode: inode, name: name))
            case 6: calls.append(.rename(inode: inode, name: name, old: old))
            case 7: calls.append(.unlink(name: name))
            case 8: calls.append(.makeDirectory(inode: inode, name: name))
            default: calls.append(.note(name))
            }
        }
        return calls
    }
}
