// swift-tools-version: 6.1
import PackageDescription

/// One lane of an exhaust-emission inspection station, and the simulators that stand in for its hardware.
///
/// The order of the targets is the order of the house, lowest floor first: a target may depend on those above
/// it in this file, never on those below (`Docs/House.md`; checked by `Tests/HouseTests`).

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Simulators are linked into developers' builds only.
let simulation = TargetDependencyCondition.when(traits: ["Simulation"])

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func room(
    _ name: String, in folder: String = "Sources", _ dependencies: [Target.Dependency] = [],
    exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "\(folder)/\(name)", exclude: exclude, resources: resources,
        swiftSettings: settings)
}

/// What is tested is compiled as it is delivered; the tests themselves without optimisation, which would take a minute
/// of a build on two processors.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude,
        swiftSettings: settings + [.unsafeFlags(["-Onone", "-gnone"], .when(configuration: .release))])
}

let package = Package(
    name: "LaneAgent",
    products: [
        .executable(name: "lane", targets: ["LaneCommand"]),
        .library(
            name: "LaneAgent",
            targets: [
                "Messages", "Documents", "Metrology", "Standards", "Procedures", "Instruments", "Evidence",
                "Journal", "Uplink", "Assurance", "Lane",
            ]),
        // For the fuzzers: whatever reads bytes from outside, without what talks to a network.
        .library(
            name: "LaneCore",
            targets: [
                "Messages", "Documents", "Metrology", "Standards", "Procedures", "Instruments", "Evidence", "Journal",
                "Assurance", "Lane",
            ]),
        .library(name: "LaneSimulators", targets: ["Plant", "SimulatedInstruments", "Authority"]),
        // For the benchmarks, which run whole tests without a lane.
        .library(name: "LaneTestKit", targets: ["ProceduresTestKit"]),
    ],
    traits: [
        .trait(name: "Simulation", description: "Simulated instruments, pseudo-terminals and the demo."),
        .default(enabledTraits: ["Simulation"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        // Foundations.
        .systemLibrary(
            name: "CModbus", path: "Sources/System/CModbus", pkgConfig: "libmodbus",
            providers: [.apt(["libmodbus-dev"])]),
        .systemLibrary(
            name: "CSerialPort", path: "Sources/System/CSerialPort", pkgConfig: "libserialport",
            providers: [.apt(["libserialport-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/System/COpenSSL", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux", path: "Sources/System/CLinux"),
        .target(name: "CPseudoTerminal", path: "Sources/System/CPseudoTerminal"),
        .target(name: "CCatalogues", path: "Sources/Messages/Catalogues"),
        room("Messages", ["CCatalogues", yams], exclude: ["Catalogues"]),

        room("Documents", ["Messages", yams]),
        room("Metrology", ["Messages"]),

        .target(name: "CPacks", path: "Sources/Standards/Packs"),
        room("Standards", ["CPacks", "Metrology", "Documents", "Messages"], exclude: ["Packs"]),

        room("Procedures", ["Standards", "Metrology", "Messages"]),
        room("Instruments", ["Metrology", "Documents", "Messages", "CModbus", "CSerialPort"]),

        room("Evidence", ["Procedures", "Standards", "Metrology", "Documents", "Messages", "COpenSSL", crypto]),
        room("Journal", ["Evidence", "Messages", grdb]),

        room(
            "Uplink",
            [
                "Journal", "Evidence", "Messages", httpClient, nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        room(
            "Assurance",
            ["Journal", "Evidence", "Procedures", "Standards", "Metrology", "Documents", "Messages", "COpenSSL"],
            resources: [.embedInCode("Packs")]),

        room(
            "Lane",
            [
                "Assurance", "Journal", "Evidence", "Procedures", "Instruments", "Standards", "Metrology",
                "Documents", "Messages", "CLinux",
            ]),

        // Simulators: they share no code path that decides a verdict, and read nothing of Instruments.
        room(
            "Plant", in: "Simulators", ["Metrology", "Documents", "Messages"],
            resources: [.embedInCode("Vehicles")]),
        room(
            "SimulatedInstruments", in: "Simulators",
            ["Plant", "Metrology", "Documents", "Messages", "CModbus", "CPseudoTerminal"]),
        room(
            "Authority", in: "Simulators",
            [
                "COpenSSL", crypto, nioCore, .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .executableTarget(
            name: "LaneCommand",
            dependencies: [
                "Lane", "Assurance", "Uplink", "Journal", "Evidence", "Procedures", "Instruments", "Standards",
                "Metrology", "Documents", "Messages", arguments,
                .target(name: "Plant", condition: simulation),
                .target(name: "SimulatedInstruments", condition: simulation),
                .target(name: "Authority", condition: simulation),
            ],
            path: "Sources/LaneCommand", swiftSettings: settings),

        // Tests, beside the rooms they test.
        .target(
            name: "ProceduresTestKit", dependencies: ["Procedures", "Standards", "Metrology"],
            path: "Tests/ProceduresTestKit", swiftSettings: settings),
        .target(
            name: "InstrumentsTestKit", dependencies: ["SimulatedInstruments", "Plant", "Instruments", "Metrology"],
            path: "Tests/InstrumentsTestKit", swiftSettings: settings),
        .target(
            name: "SchemaTestKit", dependencies: [yams], path: "Tests/SchemaTestKit", swiftSettings: settings),
        .target(
            name: "MemoryLaneKit", dependencies: ["Lane", "SimulatedInstruments", "Metrology"],
            path: "Tests/MemoryLaneKit", swiftSettings: settings),
        tests("HouseTests", []),
        tests("SystemTests", ["CModbus", "CSerialPort", "COpenSSL", "CLinux", "CPseudoTerminal"]),
        tests("MessagesTests", ["Messages"]),
        tests("DocumentsTests", ["Documents", "Messages"]),
        tests("MetrologyTests", ["Metrology"]),
        tests("StandardsTests", ["Standards", "SchemaTestKit", "Metrology", "Documents", "Messages"]),
        tests(
            "ProceduresTests", ["ProceduresTestKit", "Procedures", "Standards", "Metrology", "Documents", "Messages"]),
        tests(
            "InstrumentsTests",
            ["Instruments", "SchemaTestKit", "Metrology", "Documents", "Messages", "CPseudoTerminal"]),
        tests(
            "EvidenceTests",
            ["Evidence", "ProceduresTestKit", "Procedures", "Standards", "Metrology", "Messages", "COpenSSL"]),
        tests("JournalTests", ["Journal", "Evidence", "Messages", grdb], exclude: ["Schemas"]),
        tests(
            "UplinkTests",
            ["Uplink", "Journal", "Evidence", "Standards", "Documents", "Messages", "Authority", grdb],
            exclude: ["Certificates"]),
        tests(
            "AssuranceTests",
            [
                "ProceduresTestKit", "Assurance", "Journal", "Evidence", "Procedures", "Standards", "Metrology",
                "Documents", "Messages", grdb,
            ]),
        tests(
            "LaneTests",
            [
                "InstrumentsTestKit", "MemoryLaneKit", "Lane", "Assurance", "Uplink", "SimulatedInstruments", "Plant",
                "Journal", "Evidence", "Procedures", "Instruments", "Standards", "Metrology", "Documents", "Messages",
            ]),
        // Whole lanes in memory, with everything going wrong that can.
        tests(
            "ChaosTests",
            [
                "InstrumentsTestKit", "MemoryLaneKit", "Lane", "SimulatedInstruments", "Plant", "Journal", "Evidence",
                "Procedures", "Instruments", "Standards", "Metrology", "Documents", "Messages", "CLinux",
            ]),
        tests("PlantTests", ["Plant", "Metrology", "Messages"]),
        tests(
            "SimulatedInstrumentsTests",
            [
                "InstrumentsTestKit", "SimulatedInstruments", "Plant", "Instruments", "Metrology", "Documents",
                "Messages",
            ]),
        tests(
            "AuthorityTests",
            [
                "Authority", "Evidence", "ProceduresTestKit", "Procedures", "Standards", "Metrology", "Messages",
                "COpenSSL",
                crypto,
            ]),
        // A lane without instruments, to be killed and to lose power.
        .target(name: "CDiskLog", path: "Tests/CDiskLog"),
        .executableTarget(
            name: "crash-station",
            dependencies: [
                "CDiskLog", "ProceduresTestKit", "Lane", "Uplink", "Journal", "Evidence", "Procedures", "Standards",
                "Metrology", "Messages",
            ],
            path: "Tests/CrashStation", swiftSettings: settings),
        // It runs that program and must not be linked with it, whose library replaces calls of the C library.
        tests("CrashTests", ["Authority", "Journal", "Evidence", "Messages", grdb]),
        tests(
            "EndToEnd",
            ["LaneCommand", "Journal", "Evidence", "SimulatedInstruments", "Plant", "Metrology", "CLinux", grdb]),
    ],
    // Catalogues and packs are embedded as C23 does it.
    cLanguageStandard: .c2x
)
