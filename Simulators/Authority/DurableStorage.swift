import Foundation

/// Makes a directory, with those above it, unless it is there; returns when its name is on disk.
func makeDurableDirectory(_ path: String) throws(AuthorityError) {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    let parent = (path as NSString).deletingLastPathComponent
    if !parent.isEmpty, parent != "/" { try makeDurableDirectory(parent) }
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .system("mkdir", path) }
    try synchroniseDirectory(parent)
}

/// Writes a file under another name, waits until it is on disk and gives it its name.
func writeDurably(_ bytes: [UInt8], to path: String) throws(AuthorityError) {
    let temporary = path + ".new"
    let descriptor = Foundation.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("open", temporary) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw .system("write", temporary) }
        written += count
    }
    guard fsync(descriptor) == 0 else { throw .system("fsync", temporary) }
    guard rename(temporary, path) == 0 else { throw .system("rename", temporary) }
}

/// Waits until a folder's list of names is on disk.
func synchroniseDirectory(_ directory: String) throws(AuthorityError) {
    let path = directory.isEmpty ? "." : directory
    let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("fsync", path) }
}

extension AuthorityError {
    static func system(_ call: String, _ path: String) -> Self {
        AuthorityError("\(path): \(call): \(String(cString: strerror(errno)))")
    }
}
