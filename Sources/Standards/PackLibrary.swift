public import Documents
public import Messages

/// The packs that are built into the program, by id.
///
/// Packs are part of the program's identity: a changed number changes the executable and with it the software digest
/// in every record. A record names its packs by id and digest and keeps their bytes, so that packs that are no longer
/// built in can be read back from there.
public enum PackLibrary {
    /// The names of the packs that are built in.
    public static let ids = embedded.keys.sorted()

    /// The names of the packs that hold limits, or of those that hold requirements.
    public static func ids(limits: Bool) -> [String] { ids.filter { $0.hasSuffix("-limits") == limits } }

    /// The ASM limits of a pack; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func asmLimits(_ id: String) throws(Problems) -> ASMLimits? {
        guard let document = try document(id) else { return nil }
        return try ASMLimits(document: document)
    }

    /// The ASM requirements of a pack; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func asmRequirements(_ id: String) throws(Problems) -> ASMRequirements? {
        guard let document = try document(id) else { return nil }
        return try ASMRequirements(document: document)
    }

    /// The document of a pack; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if its bytes are not YAML.
    public static func document(_ id: String) throws(Problems) -> Document? {
        guard let bytes = embedded[id] else { return nil }
        return try Document(bytes: bytes, name: "\(id).yaml")
    }

    private static let embedded: [String: [UInt8]] = [
        "GB18285-2018-ASM": PackageResources.GB18285_2018_ASM_yaml,
        "GB18285-2018-ASM-limits": PackageResources.GB18285_2018_ASM_limits_yaml,
        "GB18285-2005-ASM": PackageResources.GB18285_2005_ASM_yaml,
    ]
}
