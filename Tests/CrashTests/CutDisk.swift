/// A disk that keeps what was synchronised, and of the rest whatever chance has it.
///
/// The model is that of POSIX at its weakest, not of one file system: a synchronised file keeps its content but not its
/// name, which is its directory's; names and writes that are not synchronised are kept or lost one by one, in any order;
/// a write may be kept in some of its sectors only.
struct CutDisk {
    /// What happened to writes and names that were not synchronised.
    struct Tally {
        var kept = 0
        var dropped = 0
        var torn = 0
        var reordered = 0
        var names = 0

        static func += (sum: inout Tally, other: Tally) {
            sum.kept += other.kept
            sum.dropped += other.dropped
            sum.torn += other.torn
            sum.reordered += other.reordered
            sum.names += other.names
        }
    }

    private enum Change {
        case write(offset: Int, bytes: ArraySlice<UInt8>)
        case truncate(Int)
    }

    private struct File {
        var durable: [UInt8] = []
        var pending: [Change] = []
        /// How often what is durable has changed.
        var version = 0
    }

    /// What is left of a file or directory.
    struct Remnant {
        let path: String
        /// A file's content; nil for a directory.
        let bytes: [UInt8]?
        /// What stands for the content: the same for the same bytes. Nil where chance had a hand in it.
        let identity: String?
    }

    private struct Directory {
        /// Name to inode; every entry that is on disk.
        var durable: [String: UInt64] = [:]
        /// Entries set or, with nil, removed; each group is one call.
        var pending: [[(name: String, inode: UInt64?)]] = []
    }

    /// A sector: what a disk writes whole or not at all.
    private static let sector = 512

    private let root: UInt64
    /// File systems give the number of a file that is gone to the next one; here each has one of its own.
    private var generation: [UInt64: UInt64] = [:]
    private var generations: UInt64 = 0
    private var files: [UInt64: File] = [:]
    private var directories: [UInt64: Directory] = [:]
    /// The directory that a name stands for now, by its path below the root.
    private var paths: [String: UInt64] = [:]

    init(rootInode: UInt64) {
        root = 0
        generation[rootInode] = root
        directories[root] = Directory()
        paths[""] = root
    }

    /// Does what a call did.
    mutating func apply(_ call: DiskCall) {
        switch call {
        case .create(let inode, let name):
            let file = begin(inode)
            files[file] = File()
            change(name, to: file)
        case .write(let inode, let offset, let bytes):
            files[known(inode)]?.pending.append(.write(offset: offset, bytes: bytes))
        case .truncate(let inode, let length): files[known(inode)]?.pending.append(.truncate(length))
        case .synchronise(let inode): synchronise(known(inode))
        case .link(let inode, let name): change(name, to: known(inode))
        case .rename(let inode, let name, let old): change(name, to: known(inode), removing: old)
        case .unlink(let name): change(name, to: nil)
        case .makeDirectory(let inode, let name):
            let directory = begin(inode)
            directories[directory] = Directory()
            paths[name] = directory
            change(name, to: directory)
        case .note: break
        }
    }

    /// The disk if everything were synchronised, as the system shows it while there is power.
    func withEverything() -> [String: [UInt8]] {
        var whole = self
        for inode in Array(whole.directories.keys) + Array(whole.files.keys) { whole.synchronise(inode) }
        var (chance, tally) = (SeededGenerator(seed: 0), Tally())
        return Dictionary(
            whole.afterPowerCut(&chance, &tally).compactMap { entry in entry.bytes.map { (entry.path, $0) } }
        ) { first, _ in first }
    }

    private mutating func begin(_ inode: UInt64) -> UInt64 {
        generations += 1
        generation[inode] = generations
        return generations
    }

    /// A file that the log has not seen made would be missing, and be found missing.
    private func known(_ inode: UInt64) -> UInt64 { generation[inode] ?? .max }

    private mutating func change(_ path: String, to inode: UInt64?, removing old: String? = nil) {
        let (parent, name) = Self.split(path)
        guard let directory = paths[parent] else { return }
        var group: [(String, UInt64?)] = [(name, inode)]
        // Within one directory a name changes in one step; no file of ours moves to another.
        if let old { group.append((Self.split(old).name, nil)) }
        directories[directory]?.pending.append(group)
    }

    private mutating func synchronise(_ inode: UInt64) {
        if let directory = directories[inode] {
            directories[inode]?.durable = directory.pending.reduce(into: directory.durable) { Self.set($1, in: &$0) }
            directories[inode]?.pending = []
        } else if let file = files[inode] {
            guard !file.pending.isEmpty else { return }
            var content = file.durable
            // Not to be copied for what is about to be changed.
            files[inode]?.durable = []
            for change in file.pending { Self.apply(change, to: &content) }
            files[inode] = File(durable: content, version: file.version + 1)
        }
    }

    /// The files as they are when the power comes back, by path below the root; directories have no content.
    func afterPowerCut(_ chance: inout SeededGenerator, _ tally: inout Tally) -> [Remnant] {
        var found: [Remnant] = []
        collect(root, "", &chance, &tally, &found)
        return found
    }

    private func collect(
        _ inode: UInt64, _ path: String, _ chance: inout SeededGenerator, _ tally: inout Tally,
        _ found: inout [Remnant]
    ) {
        guard let directory = directories[inode] else { return }
        var names = directory.durable
        for group in directory.pending where Bool.random(using: &chance) {
            Self.set(group, in: &names)
            tally.names += 1
        }
        for (name, entry) in names.sorted(by: { $0.key < $1.key }) {
            let place = path.isEmpty ? name : "\(path)/\(name)"
            if directories[entry] != nil {
                found.append(Remnant(path: place, bytes: nil, identity: "directory"))
                collect(entry, place, &chance, &tally, &found)
            } else if let file = files[entry] {
                let isSettled = file.pending.isEmpty
                found.append(
                    Remnant(
                        path: place, bytes: isSettled ? file.durable : Self.content(of: file, &chance, &tally),
                        identity: isSettled ? "\(entry) \(file.version)" : nil))
            }
        }
    }

    /// What is left of a file: everything synchronised, and of the rest any part in any order.
    private static func content(of file: File, _ chance: inout SeededGenerator, _ tally: inout Tally) -> [UInt8] {
        var content = file.durable
        var changes = file.pending
        // Now and then nothing is lost but the order, or nothing is kept.
        let fate = Int.random(in: 0..<4, using: &chance)
        if fate == 1, changes.count > 1 {
            changes.shuffle(using: &chance)
            tally.reordered += changes.count
        }
        for change in changes {
            let lot = Int.random(in: 0..<3, using: &chance)
            if fate == 0 || (fate > 1 && lot == 0) {
                tally.dropped += 1
            } else if case .write(let offset, let bytes) = change, fate > 1, lot == 1, bytes.count > sector {
                tally.torn += 1
                for start in stride(from: 0, to: bytes.count, by: sector) where Bool.random(using: &chance) {
                    let end = min(start + sector, bytes.count)
                    let part = bytes[bytes.startIndex + start..<bytes.startIndex + end]
                    apply(.write(offset: offset + start, bytes: part), to: &content)
                }
            } else {
                tally.kept += 1
                apply(change, to: &content)
            }
        }
        return content
    }

    private static func apply(_ change: Change, to content: inout [UInt8]) {
        switch change {
        case .write(let offset, let bytes):
            let end = offset + bytes.count
            if content.count < end { content.append(contentsOf: repeatElement(0, count: end - content.count)) }
            content.replaceSubrange(offset..<end, with: bytes)
        case .truncate(let length):
            if length <= content.count {
                content.removeLast(content.count - length)
            } else {
                content.append(contentsOf: repeatElement(0, count: length - content.count))
            }
        }
    }

    private static func set(_ group: [(name: String, inode: UInt64?)], in names: inout [String: UInt64]) {
        for (name, inode) in group { names[name] = inode }
    }

    private static func split(_ path: String) -> (parent: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}
