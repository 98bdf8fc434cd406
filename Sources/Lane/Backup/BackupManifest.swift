public import Evidence
public import Messages

/// What a backup of a lane's data holds (备份清单), as `manifest.json` in it says: canonical JSON with the size and digest
/// of every file.
public struct BackupManifest: Hashable, Sendable {
    /// One file of the backup.
    public struct File: Hashable, Sendable {
        /// Its path in the backup, with `/`.
        public let name: String
        /// Its bytes.
        public let size: Int
        /// Their digest.
        public let digest: Digest
    }

    /// The name of the manifest's file.
    static let fileName = "manifest.json"
    private static let schema = "laneagent.backup/1"

    /// The lane.
    public let lane: String
    /// Where its records come from.
    public let origin: RecordOrigin
    /// When it was made, RFC 3339.
    public let at: String
    /// The epoch of the lane.
    public let epoch: Int
    /// The number of its last record; 0 for none.
    public let counter: Int
    /// The digest of that record's payload; nil for none.
    public let head: Digest?
    /// Whether the private keys are in it.
    public let holdsKeys: Bool
    /// The files, in the order of their names.
    public let files: [File]

    /// The manifest's bytes.
    ///
    /// - Throws: `JSONError` for a value that JSON cannot hold.
    func bytes() throws(JSONError) -> [UInt8] {
        try JSONValue.object([
            "schema": .string(Self.schema), "lane": .string(lane), "origin": .string(origin.rawValue),
            "at": .string(at), "epoch": .integer(Int64(epoch)), "counter": .integer(Int64(counter)),
            "head": head.map { .string($0.description) } ?? .null, "keys": .boolean(holdsKeys),
            "files": .array(
                files.map {
                    [
                        "name": .string($0.name), "size": .integer(Int64($0.size)),
                        "sha256": .string($0.digest.description),
                    ]
                }),
        ]).canonicalBytes()
    }

    init(
        lane: String, origin: RecordOrigin, at: String, epoch: Int, counter: Int, head: Digest?, holdsKeys: Bool,
        files: [File]
    ) {
        self.lane = lane
        self.origin = origin
        self.at = at
        self.epoch = epoch
        self.counter = counter
        self.head = head
        self.holdsKeys = holdsKeys
        self.files = files
    }

    /// Reads a manifest strictly.
    ///
    /// - Throws: ``BackupError/unreadable(path:detail:)`` with the member that is not as it must be.
    init(parsing bytes: [UInt8], path: String) throws(BackupError) {
        func refuse(_ place: String) -> BackupError { .unreadable(path: path, detail: "\(Self.fileName): \(place)") }
        guard let value = try? JSONValue(parsing: bytes), (try? value.canonicalBytes()) == bytes else {
            throw refuse("JSON")
        }
        guard value["schema"]?.text == Self.schema else { throw refuse("schema") }
        guard let lane = value["lane"]?.text, !lane.isEmpty else { throw refuse("lane") }
        guard let origin = value["origin"]?.text.flatMap({ RecordOrigin(rawValue: $0) }) else { throw refuse("origin") }
        guard let at = value["at"]?.text, Timestamp(at) != nil else { throw refuse("at") }
        guard let epoch = value["epoch"]?.wholeNumber, epoch >= 1 else { throw refuse("epoch") }
        guard let counter = value["counter"]?.wholeNumber, counter >= 0 else { throw refuse("counter") }
        let head = value["head"]?.text.flatMap { Digest($0) }
        guard (head == nil) == (counter == 0), (head == nil) == (value["head"] == .null) else { throw refuse("head") }
        guard let holdsKeys = value["keys"]?.truth else { throw refuse("keys") }
        guard let elements = value["files"]?.elements else { throw refuse("files") }
        var files: [File] = []
        for (index, element) in elements.enumerated() {
            guard let name = element["name"]?.text, Self.isPlain(name), name != Self.fileName,
                !files.contains(where: { $0.name == name }), let size = element["size"]?.wholeNumber, size >= 0,
                let digest = element["sha256"]?.text.flatMap({ Digest($0) })
            else { throw refuse("files[\(index)]") }
            files.append(File(name: name, size: size, digest: digest))
        }
        self.init(
            lane: lane, origin: origin, at: at, epoch: epoch, counter: counter, head: head, holdsKeys: holdsKeys,
            files: files)
    }

    /// Whether a name is a path within the backup that leads nowhere else.
    static func isPlain(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 2 && name.utf8.count <= 100
            && parts.allSatisfy { AttachmentReference.isPlain(String($0)) }
    }
}

/// Why a backup cannot be made or restored.
public enum BackupError: MessageError, Equatable {
    /// There is neither record nor key in the data directory.
    case empty(path: String)
    /// Something of that name is there already.
    case targetExists(path: String)
    /// A file cannot be written.
    case unwritable(path: String, detail: String)
    /// What is to be restored cannot be read as a backup.
    case unreadable(path: String, detail: String)
    /// Files that are not as the manifest says, all of them.
    case changed([Message])
    /// Keys were asked for without a passphrase.
    case passphraseNeeded
    /// The journal in the backup is damaged, in all these places.
    case damaged(path: String, [Message])

    /// What to tell the person.
    public var message: Message {
        switch self {
        case .empty(let path): Message(.backupEmpty, ["path": .text(path)])
        case .targetExists(let path): Message(.backupTargetExists, ["path": .text(path)])
        case .unwritable(let path, let detail):
            Message(.backupUnwritable, ["path": .text(path), "detail": .text(detail)])
        case .unreadable(let path, let detail):
            Message(.backupUnreadable, ["path": .text(path), "detail": .text(detail)])
        case .changed(let findings): findings.first ?? Message(.backupUnreadable)
        case .passphraseNeeded: Message(.backupPassphraseNeeded)
        case .damaged(let path, _): Message(.backupWhole, ["path": .text(path)])
        }
    }

    /// Everything that is wrong, where that is more than the message.
    public var details: [Message] {
        switch self {
        case .changed(let findings): findings
        case .damaged(_, let findings): findings
        default: []
        }
    }
}
