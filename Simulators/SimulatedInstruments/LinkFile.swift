import Foundation

/// A symbolic link under a steady name to a pseudo-terminal, whose own name changes with every start.
enum LinkFile {
    /// Creates the link, or replaces one that is there; anything else at that path is left alone.
    static func make(at path: String, to target: String) throws(SimulationError) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK { throw .pathTaken(path) }
        // Renaming over it leaves no moment without a link.
        let fresh = "\(path).\(getpid())"
        unlink(fresh)
        guard symlink(target, fresh) == 0 else { throw failure("symlink \(path)") }
        guard rename(fresh, path) == 0 else {
            let error = failure("rename \(path)")
            unlink(fresh)
            throw error
        }
    }

    /// Removes the link if it is still the one to `target`.
    static func remove(at path: String, to target: String?) {
        guard let target, (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == target else { return }
        unlink(path)
    }
}
