// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// One room of the house: a library module under `Sources/<name>` that may import only what it names.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of one room, under `Tests/<name>Tests`.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = false) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies,
        resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: strict)
}

/// A C library of the system: a module map under `Sources/<name>`.
func system(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "fieldproof",
    products: [
        .executable(name: "fieldproof-agent", targets: ["fieldproof-agent"]),
        .executable(name: "fieldproof", targets: ["fieldproof"]),
    ],
    traits: [
        .default(enabledTraits: ["Modbus"]),
        .trait(name: "Modbus", description: "The input 'modbus', by libmodbus."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CChecksum"),
        .systemLibrary(name: "CLinux"),
        system("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
        system("CModbus", pkgConfig: "libmodbus", package: "libmodbus-dev"),
        system("CMosquitto", pkgConfig: "libmosquitto", package: "libmosquitto-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        system("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),

        // In the order in which data walk through them.
        room("Telemetry"),
        room("Checksums", ["CChecksum"]),
        room("JSON"),
        room("Arguments"),
        room("Platform", ["Telemetry", "CLinux", .product(name: "Logging", package: "swift-log")]),
        room("Configuration", ["CYAML"]),
        room(
            "Inputs",
            [
                "Telemetry", "JSON", "Configuration", "Mosquitto", "Connection", "CLinux",
                .target(name: "CModbus", condition: .when(traits: ["Modbus"])),
                .product(name: "Logging", package: "swift-log"),
            ]),
        room("Pipeline", ["Telemetry", "Configuration"]),
        room("Frames", ["Telemetry", "Checksums", "CCrypto", "CZstd"]),
        room("SegmentLog", ["Checksums"]),
        room("Delivery", ["Telemetry", "JSON"]),
        room("Installation", ["Telemetry", "Checksums", "SegmentLog"]),
        room("Mosquitto", ["CMosquitto"]),
        room("Connection", ["Telemetry", "Configuration", "Delivery", "Mosquitto"]),
        room(
            "Agent",
            [
                "Telemetry", "JSON", "Platform", "Configuration", "Inputs", "Pipeline", "Checksums", "Frames",
                "SegmentLog", "Delivery", "Installation", "Mosquitto", "Connection", "CCrypto",
                .product(name: "Logging", package: "swift-log"),
            ]),
        room("Statistics"),
        room("Scenarios", ["Telemetry", "Configuration", "JSON"]),
        room("Aggregation", ["Telemetry", "JSON", "Statistics", "Scenarios", "Frames", "Delivery"]),
        room(
            "Storage",
            [
                "Telemetry", "JSON", "Frames", "Delivery", "Scenarios", "Aggregation",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        room("Signing", ["JSON", "CCrypto"]),
        room(
            "Reports", ["Telemetry", "JSON", "Frames", "CZstd", "Scenarios", "Aggregation"],
            resources: [.embedInCode("JSON/summary-v1.schema.json")]),
        room(
            "Collector",
            [
                "Telemetry", "JSON", "Platform", "Configuration", "Frames", "CZstd", "SegmentLog", "Delivery",
                "Installation", "Mosquitto", "Connection", "Scenarios", "Aggregation", "Storage",
                .product(name: "Logging", package: "swift-log"),
            ]),

        .executableTarget(
            name: "fieldproof-agent",
            dependencies: [
                "Arguments", "Agent", "Telemetry", "JSON", "Platform", "Configuration", "Connection", "Inputs",
                "Mosquitto", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "fieldproof",
            dependencies: [
                "Collector", "Reports", "Signing", "Aggregation", "Scenarios", "Storage", "Frames", "Telemetry", "JSON",
                "Platform", "Configuration", "Connection", "Mosquitto", "SegmentLog", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        .target(name: "TestSupport", dependencies: ["SegmentLog"], path: "Tests/TestSupport", swiftSettings: strict),
        .target(name: "BrokerSupport", path: "Tests/BrokerSupport", swiftSettings: strict),
        .target(
            name: "StorageSupport",
            dependencies: [
                "Telemetry", "Frames", "Delivery", "Scenarios", "Aggregation", "Storage",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/StorageSupport", swiftSettings: strict),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "Telemetry", "Frames", "SegmentLog", "Delivery", "Mosquitto", "Connection", "Agent", "Storage",
                "Collector",
                "Aggregation", "Installation", "Scenarios", "TestSupport",
            ],
            path: "Tests/Simulation", swiftSettings: strict),
        tests(of: "Telemetry"),
        tests(of: "Checksums"),
        tests(of: "JSON"),
        tests(of: "Arguments"),
        tests(of: "Platform", ["Telemetry", .product(name: "Logging", package: "swift-log")]),
        tests(of: "Configuration", fixtures: true),
        tests(of: "Pipeline", ["Telemetry", "Configuration"]),
        tests(of: "Frames", ["Telemetry", "Checksums"], fixtures: true),
        tests(of: "SegmentLog", ["TestSupport"]),
        tests(of: "Delivery", ["Telemetry"]),
        tests(of: "Installation", ["Telemetry", "Checksums", "SegmentLog", "TestSupport"]),
        tests(of: "Mosquitto", ["BrokerSupport"]),
        tests(of: "Connection", ["Telemetry", "Configuration", "Delivery", "Mosquitto", "BrokerSupport"]),
        tests(
            of: "Agent",
            [
                "Telemetry", "JSON", "Platform", "Configuration", "Inputs", "Pipeline", "Frames", "SegmentLog",
                "Delivery", "Installation", "Mosquitto", "Connection", "TestSupport",
            ]),
        tests(
            of: "Inputs",
            [
                "Telemetry", "JSON", "Configuration", "Mosquitto", "Connection", "BrokerSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            fixtures: true),
        tests(of: "Statistics", fixtures: true),
        tests(of: "Scenarios", ["Telemetry", "Configuration", "JSON"], fixtures: true),
        tests(
            of: "Aggregation", ["Telemetry", "JSON", "Configuration", "Statistics", "Scenarios", "Frames", "Delivery"],
            fixtures: true),
        tests(
            of: "Storage",
            [
                "Telemetry", "Frames", "Delivery", "Scenarios", "Aggregation", "TestSupport", "StorageSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests(
            of: "Collector",
            [
                "Telemetry", "Checksums", "JSON", "Configuration", "Connection", "Frames", "CZstd", "SegmentLog",
                "Delivery",
                "Installation", "Scenarios", "Aggregation", "Storage", "TestSupport", "StorageSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests(of: "Signing", ["JSON"]),
        tests(of: "Reports", ["Signing", "Telemetry", "JSON", "Frames", "Scenarios", "Aggregation"], fixtures: true),
    ]
)
