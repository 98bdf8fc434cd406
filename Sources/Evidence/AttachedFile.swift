/// A file that belongs to a record: its content, and the digests by which the record's payload names it.
///
/// Digests are taken once, from the content; nobody can give others.
public struct AttachedFile: Hashable, Sendable {
    /// A plain file name.
    public let name: String
    /// The content.
    public let bytes: [UInt8]
    /// The SHA-256 digest of the content.
    public let digest: Digest

    /// The SM3 digest, where it was taken already.
    private let sm3: Digest?

    /// Creates an attachment and takes its digests.
    public init(name: String, bytes: [UInt8]) {
        self.init(name: name, GrowingFile(bytes))
    }

    /// Creates an attachment of a file whose digests were taken while it grew.
    public init(name: String, _ file: GrowingFile) {
        self.name = name
        bytes = file.bytes
        digest = file.digest
        sm3 = file.sm3Digest
    }

    /// An attachment whose content has just been found to have this digest.
    package init(name: String, bytes: [UInt8], digest: Digest) {
        self.name = name
        self.bytes = bytes
        self.digest = digest
        sm3 = nil
    }

    /// The reference by which a payload names it that is signed with these algorithms.
    public func reference(signing: [SignatureAlgorithm]) -> AttachmentReference {
        AttachmentReference(
            name: name, digest: digest, size: bytes.count,
            sm3: signing.contains(.sm2) ? sm3 ?? Digest(of: bytes, .sm3) : nil)
    }

    /// Files are the same if their names and contents are.
    public static func == (one: AttachedFile, other: AttachedFile) -> Bool {
        one.name == other.name && one.digest == other.digest
    }

    /// Hashes what makes two files the same.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(digest)
    }
}
