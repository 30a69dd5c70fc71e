// swift-tools-version: 6.2
import PackageDescription

// The rooms measured here are links into ../../Sources: the same sources, compiled as parts of this package, because
// `package` access ends at a package's border. `Agent` and `Inputs` hold such a link and one file more, which opens
// what is internal to them for measuring.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "fieldproof-benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2")
    ],
    targets: [
        .systemLibrary(name: "CChecksum"),
        .systemLibrary(name: "CLinux"),
        system("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
        system("CTLS", pkgConfig: "libssl", package: "libssl-dev"),
        system("CMosquitto", pkgConfig: "libmosquitto", package: "libmosquitto-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        system("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),
        system("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),

        room("Telemetry"),
        room("Checksums", ["CChecksum"]),
        room("JSON"),
        room("Platform", ["Telemetry", "CLinux", log]),
        room("Configuration", ["CYAML"]),
        room("Inputs", ["Telemetry", "Checksums", "JSON", "Configuration", "Mosquitto", "Connection", "CLinux", log]),
        room("Pipeline", ["Telemetry", "Configuration"]),
        room("Frames", ["Telemetry", "Checksums", "CCrypto", "CZstd"]),
        room("SegmentLog", ["Checksums"]),
        room("Delivery", ["Telemetry", "JSON"]),
        room("Installation", ["Telemetry", "Checksums", "SegmentLog"]),
        room("Certificates", ["Telemetry", "CTLS"]),
        .target(name: "CMosquittoGuard", linkerSettings: [.linkedLibrary("mosquitto")]),
        room("Mosquitto", ["CMosquitto", "CMosquittoGuard", "Certificates"]),
        room("Connection", ["Telemetry", "Configuration", "Delivery", "Certificates", "Mosquitto"]),
        room("Health", ["JSON", "Platform", "Configuration", log]),
        room(
            "Agent",
            [
                "Telemetry", "JSON", "Platform", "Configuration", "Health", "Inputs", "Pipeline", "Checksums", "Frames",
                "SegmentLog", "Delivery",
                "Installation", "Mosquitto", "Connection", "CCrypto", log,
            ]),
        room("Statistics"),
        room("Scenarios", ["Telemetry", "Configuration", "JSON"]),
        room("Aggregation", ["Telemetry", "JSON", "Statistics", "Scenarios", "Frames", "Delivery"]),

        .executableTarget(
            name: "fieldproof-bench",
            dependencies: [
                "Telemetry", "JSON", "Configuration", "Inputs", "Frames", "SegmentLog", "Agent", "Scenarios",
                "Aggregation", "CZlib", "CZstd", log,
            ],
            swiftSettings: strict),
    ]
)
