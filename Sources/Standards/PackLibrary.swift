public import Documents
public import Messages

/// The packs that are built into the program, by id.
///
/// Packs are part of the program's identity: a changed number changes the executable and with it the software digest
/// in every record. A record names its packs by id and digest and keeps their bytes, so that packs that are no longer
/// built in can be read back from there.
public enum PackLibrary {
    /// The names of the packs that are built in, without those of other things than vehicles' tests.
    public static let ids = EmbeddedPacks.bytes.keys
        .filter { $0 != DeliveryRules.pack && !CheckPackLibrary.ids.contains($0) }.sorted()

    /// The names of the packs that hold limits, or of those that hold requirements.
    public static func ids(limits: Bool) -> [String] {
        ids.filter { !general.contains($0) && $0.hasSuffix("-limits") == limits }
    }

    /// Which method a vehicle is tested by.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func methodChoice() throws(Problems) -> MethodChoice {
        try MethodChoice(document: EmbeddedPacks.document(general[0]))
    }

    /// What is checked of a vehicle before its tailpipe.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func vehicleCheckRules() throws(Problems) -> VehicleCheckRules {
        try VehicleCheckRules(document: EmbeddedPacks.document(general[1]))
    }

    /// The packs that concern all methods.
    private static let general = ["CN-2018-method-choice", "CN-2018-vehicle-checks"]

    /// The limits of a pack for a method; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func limits(_ id: String, for method: TestMethod) throws(Problems) -> (any MethodLimits)? {
        guard let document = try document(id) else { return nil }
        return try method.limits(document)
    }

    /// The requirements of a pack for a method; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func requirements(
        _ id: String, for method: TestMethod
    ) throws(Problems) -> (any MethodRequirements)? {
        guard let document = try document(id) else { return nil }
        return try method.requirements(document)
    }

    /// The limits of a pack, of the type that is asked for; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func limits<Limits: MethodLimits>(_ id: String, _: Limits.Type) throws(Problems) -> Limits? {
        guard let document = try document(id) else { return nil }
        return try Limits(document: document)
    }

    /// The requirements of a pack, of the type that is asked for; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func requirements<Requirements: MethodRequirements>(
        _ id: String, _: Requirements.Type
    ) throws(Problems) -> Requirements? {
        guard let document = try document(id) else { return nil }
        return try Requirements(document: document)
    }

    /// The document of a pack; nil if there is no pack of that id.
    ///
    /// - Throws: `Problems` if its bytes are not YAML.
    public static func document(_ id: String) throws(Problems) -> Document? {
        try ids.contains(id) ? EmbeddedPacks.document(id) : nil
    }
}
