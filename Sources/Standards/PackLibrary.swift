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
    public static func ids(limits: Bool) -> [String] {
        ids.filter { !general.contains($0) && $0.hasSuffix("-limits") == limits }
    }

    /// Which method a vehicle is tested by.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func methodChoice() throws(Problems) -> MethodChoice {
        try MethodChoice(document: Document(bytes: PackageResources.CN_2018_method_choice_yaml, name: general[0]))
    }

    /// What is checked of a vehicle before its tailpipe.
    ///
    /// - Throws: `Problems` if the pack has any.
    public static func vehicleCheckRules() throws(Problems) -> VehicleCheckRules {
        try VehicleCheckRules(document: Document(bytes: PackageResources.CN_2018_vehicle_checks_yaml, name: general[1]))
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
        guard let bytes = embedded[id] else { return nil }
        return try Document(bytes: bytes, name: "\(id).yaml")
    }

    private static let embedded: [String: [UInt8]] = [
        "GB3847-2018-free-acceleration": PackageResources.GB3847_2018_free_acceleration_yaml,
        "GB3847-2018-free-acceleration-limits": PackageResources.GB3847_2018_free_acceleration_limits_yaml,
        "GB3847-2005-free-acceleration": PackageResources.GB3847_2005_free_acceleration_yaml,
        "GB3847-2005-free-acceleration-limits": PackageResources.GB3847_2005_free_acceleration_limits_yaml,
        "UK-MOT-free-acceleration": PackageResources.UK_MOT_free_acceleration_yaml,
        "UK-MOT-free-acceleration-limits": PackageResources.UK_MOT_free_acceleration_limits_yaml,
        "SAE-J1667-free-acceleration": PackageResources.SAE_J1667_free_acceleration_yaml,
        "SAE-J1667-free-acceleration-limits": PackageResources.SAE_J1667_free_acceleration_limits_yaml,
        "GB36886-2018-non-road": PackageResources.GB36886_2018_non_road_yaml,
        "GB36886-2018-non-road-limits": PackageResources.GB36886_2018_non_road_limits_yaml,
        "GB3847-2018-roadside-limits": PackageResources.GB3847_2018_roadside_limits_yaml,
        "GB18285-2018-ASM": PackageResources.GB18285_2018_ASM_yaml,
        "GB18285-2018-ASM-limits": PackageResources.GB18285_2018_ASM_limits_yaml,
        "GB18285-2018-TSI": PackageResources.GB18285_2018_TSI_yaml,
        "GB18285-2018-TSI-limits": PackageResources.GB18285_2018_TSI_limits_yaml,
        "GB18285-2005-ASM": PackageResources.GB18285_2005_ASM_yaml,
        // All methods.
        "CN-2018-method-choice": PackageResources.CN_2018_method_choice_yaml,
        "CN-2018-vehicle-checks": PackageResources.CN_2018_vehicle_checks_yaml,
        // Lug-down.
        "GB3847-2018-lug-down": PackageResources.GB3847_2018_lug_down_yaml,
        "GB3847-2018-lug-down-limits": PackageResources.GB3847_2018_lug_down_limits_yaml,
        "GB3847-2018-until-2020-06-lug-down-limits":
            PackageResources.GB3847_2018_until_2020_06_lug_down_limits_yaml,
        "GB3847-2005-lug-down": PackageResources.GB3847_2005_lug_down_yaml,
        "GB18285-2018-VMAS": PackageResources.GB18285_2018_VMAS_yaml,
        "GB18285-2018-VMAS-limits": PackageResources.GB18285_2018_VMAS_limits_yaml,
    ]
}
