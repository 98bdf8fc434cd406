// swift-tools-version: 6.1
import PackageDescription

/// Codecs of LaneAgent under libFuzzer, in a package of their own, so that users never build them.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "LaneFuzz",
    products: [.executable(name: "fuzz", targets: ["Fuzz"])],
    dependencies: [
        // Named, since the folder that holds a clone may be called anything.
        .package(name: "LaneAgent", path: "..")
    ],
    targets: [
        .executableTarget(
            name: "Fuzz", dependencies: [.product(name: "LaneCore", package: "LaneAgent")],
            swiftSettings: settings)
    ]
)
