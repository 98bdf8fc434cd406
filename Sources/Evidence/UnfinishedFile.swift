package import Glibc

/// A file that is being written beside the place where it will be.
///
/// It is locked for as long as somebody writes it. A kill takes the lock away and leaves the file, so that the next start
/// can tell what is left over from what another program is still writing.
package struct UnfinishedFile {
    /// Where it is.
    package let path: String
    /// Open for writing, and locked.
    package let descriptor: Int32

    /// How the names end. Before it is a random number, and before that the name that the file is for.
    private static let ending = ".lane.tmp"
    /// What SQLite keeps beside a database.
    private static let companions = ["-wal", "-shm", "-journal"]

    /// Makes an empty file.
    package init(beside place: String, mode: mode_t) throws(DurableFile.Failure) {
        while true {
            let number = String(UInt32.random(in: .min ... .max), radix: 16)
            let path = "\(place).\(String(repeating: "0", count: 8 - number.count))\(number)\(Self.ending)"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
            guard descriptor >= 0 else { throw DurableFile.Failure(path: place) }
            // A file system without locks refuses; there nobody can tidy up either.
            _ = flock(descriptor, LOCK_EX)
            var status = stat()
            // Somebody may have tidied up before the file was locked.
            if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
                close(descriptor)
                continue
            }
            self.path = path
            self.descriptor = descriptor
            return
        }
    }

    /// Removes the file, unless it has become the one that it was for, and lets it go.
    package func discard() {
        unlink(path)
        for companion in Self.companions { unlink(path + companion) }
        close(descriptor)
    }

    /// Removes what killed programs have left in a directory: files of these names, of this user, that nobody writes.
    ///
    /// - Returns: the names of the files that were removed.
    @discardableResult
    package static func removeLeftovers(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        closedir(stream)
        var removed: [String] = []
        for name in names where isOurs(name) && isLeftOver("\(directory)/\(name)") {
            if unlink("\(directory)/\(name)") == 0 { removed.append(name) }
        }
        for name in names {
            guard let companion = companions.first(where: { name.hasSuffix($0) }) else { continue }
            let database = String(name.dropLast(companion.count))
            guard isOurs(database), access("\(directory)/\(database)", F_OK) != 0 else { continue }
            if unlink("\(directory)/\(name)") == 0 { removed.append(name) }
        }
        return removed.sorted()
    }

    private static func isOurs(_ name: String) -> Bool {
        guard name.hasSuffix(ending) else { return false }
        let parts = name.dropLast(ending.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let number = parts.last, number.utf8.count == 8 else { return false }
        return number.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func isLeftOver(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
            return false
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }
}
