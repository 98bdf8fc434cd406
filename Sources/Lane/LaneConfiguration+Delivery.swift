import Documents
public import Evidence
public import Messages
public import Standards

extension LaneConfiguration {
    /// A file that the lane file names.
    public struct NamedFile: Hashable, Sendable {
        /// Its path.
        public let path: String
        /// Where the lane file names it.
        public let location: SourceLocation
    }

    /// What the lane file says about delivery to the authority, besides its address.
    ///
    /// Certificates and keys are named by file, never written down; whoever delivers reads them, and says what is wrong.
    public struct Delivery: Sendable {
        /// A PEM file with the certificate that the authority's must go back to; nil for the computer's own list.
        public var authorityCertificate: NamedFile?
        /// The digests of the keys that the authority's certificate may be for; none for any.
        public var pinnedKeys: [Digest] = []
        /// A PEM file with the lane's own certificate.
        public var clientCertificate: NamedFile?
        /// A PEM file with the key of that certificate; nil if it is in the same file.
        public var clientKey: NamedFile?
        /// How many bytes a second the backlog may take of the line; nil for all there are.
        public var backlogBytesPerSecond: Int?
        /// The station's own limits of what delivery may fall behind; nil for the pack that is built in.
        public var rules: DeliveryRules?
    }

    static func readDelivery(
        _ group: MappingReader, _ nested: inout [Problem], _ resolve: (String) -> String
    ) -> Delivery? {
        func file(_ key: String) -> NamedFile? {
            group.optional(key, group.text).map { NamedFile(path: resolve($0), location: group.location(of: key)) }
        }
        var delivery = Delivery(
            authorityCertificate: file("authority-certificate"),
            pinnedKeys: group.optional("pinned-keys") { pinnedKeys(group, $0) } ?? [],
            clientCertificate: file("client-certificate"), clientKey: file("client-key"),
            backlogBytesPerSecond: group.optional("backlog-bytes-per-second") { group.integer($0, in: 1...1 << 40) })
        if let path = group.optional("rules", group.text) {
            do throws(Problems) {
                delivery.rules = try DeliveryRules(document: Document(contentsOf: resolve(path)))
            } catch {
                nested += error.all
            }
        }
        return delivery
    }

    /// Digests such as `sha256:` and 64 digits, one or a list of them.
    private static func pinnedKeys(_ group: MappingReader, _ key: String) -> [Digest]? {
        guard let texts = group.texts(key) else { return nil }
        for text in texts where Digest(text) == nil {
            group.report(
                Message(
                    .documentUnknownValue,
                    ["key": .text(key), "found": .text(text), "expected": "sha256:0123456789abcdef…"]), at: key)
        }
        return texts.compactMap { Digest($0) }
    }
}
