// swift-tools-version: 6.1
import PackageDescription

/// Benchmarks of LaneAgent against plain C, in a package of their own, so that users never build them.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "LaneBenchmarks",
    products: [.executable(name: "benchmarks", targets: ["Benchmarks"])],
    dependencies: [
        // Named, since the folder that holds a clone may be called anything.
        .package(name: "LaneAgent", path: "..")
    ],
    targets: [
        // The baselines: what the same work costs in C, with nothing around it.
        .target(
            name: "CReference",
            linkerSettings: [
                .linkedLibrary("modbus"), .linkedLibrary("sqlite3"), .linkedLibrary("crypto"), .linkedLibrary("m"),
            ]),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CReference", .product(name: "LaneAgent", package: "LaneAgent"),
                .product(name: "LaneTestKit", package: "LaneAgent"),
            ],
            swiftSettings: settings),
    ]
)
