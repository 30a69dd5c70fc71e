// swift-tools-version: 6.2
import PackageDescription

// The rooms fuzzed here are links into ../../Sources: the same sources, compiled as parts of this package, because
// `package` access ends at a package's border, and because they are compiled otherwise: instrumented for libFuzzer, with
// assertions and the standard library's own debug checks, yet optimized. `Inputs` holds such a link and files more,
// which open what is internal to it; of `Collector` only the settings are here, and of `Agent` the settings, the
// rules of redaction and consent, and the control socket, so that what they are built on need not be built.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], _ more: [SwiftSetting] = []) -> Target {
    .target(
        name: name, dependencies: dependencies,
        swiftSettings: strict + more + [.unsafeFlags(["-sanitize=fuzzer", "-assert-config", "Debug", "-g"])])
}

func system(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// What is fuzzed under `name`: a Swift module with `LLVMFuzzerTestOneInput`, and the executable `fuzz-<name>`.
func fuzzed(_ name: String, _ module: String, _ dependencies: [Target.Dependency]) -> [Target] {
    [
        .target(
            name: module, dependencies: ["FuzzSupport"] + dependencies, path: "Sources/Targets/\(name)",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library", "-assert-config", "Debug", "-g"])]),
        .executableTarget(
            name: "fuzz-\(name)", dependencies: [.target(name: module)], path: "Sources/Executables/\(name)",
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
    ]
}

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "fieldproof-fuzzing",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2")
    ],
    targets: [
        .systemLibrary(name: "CChecksum"),
        .systemLibrary(name: "CLinux"),
        system("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
        system("CTLS", pkgConfig: "libssl", package: "libssl-dev"),
        system("CModbus", pkgConfig: "libmodbus", package: "libmodbus-dev"),
        system("CMosquitto", pkgConfig: "libmosquitto", package: "libmosquitto-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        system("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),

        room("Telemetry"),
        room("Checksums", ["CChecksum"]),
        room("JSON"),
        room("Platform", ["Telemetry", "CLinux", log]),
        room("Configuration", ["CYAML"]),
        room(
            "Inputs",
            ["Telemetry", "Checksums", "JSON", "Configuration", "Mosquitto", "Connection", "CLinux", "CModbus", log],
            [.define("Modbus")]),
        room("Pipeline", ["Telemetry", "Configuration"]),
        room("Frames", ["Telemetry", "Checksums", "CCrypto", "CZstd"]),
        room("SegmentLog", ["Checksums"]),
        room("Delivery", ["Telemetry", "JSON"]),
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
                "Connection",
                "CCrypto",
            ]),
        room("Scenarios", ["Telemetry", "Configuration", "JSON"]),
        room("Statistics"),
        room("Aggregation", ["Telemetry", "JSON", "Statistics", "Scenarios", "Frames", "Delivery"]),
        room("Collector", ["Configuration", "Connection", "Health"]),
        .target(name: "TestSupport", dependencies: ["SegmentLog"], swiftSettings: strict),

        .target(name: "CHeap"),
        .target(name: "FuzzSupport", dependencies: ["CHeap"], swiftSettings: strict + [.unsafeFlags(["-g"])]),
    ]
        + fuzzed("acknowledgement", "FuzzAcknowledgement", ["Delivery", "Telemetry"])
        + fuzzed("aggregate", "FuzzAggregate", ["Aggregation"])
        + fuzzed("answer", "FuzzAnswer", ["Delivery", "Telemetry"])
        + fuzzed("certificate", "FuzzCertificate", ["Certificates"])
        + fuzzed("command", "FuzzCommand", ["Delivery", "Telemetry"])
        + fuzzed("control", "FuzzControl", ["Agent", "Telemetry"])
        + fuzzed("formats", "FuzzFormats", ["Inputs", "Telemetry"])
        + fuzzed("frame", "FuzzFrame", ["Frames", "Checksums", "Telemetry"])
        + fuzzed("http", "FuzzHTTP", ["Health"])
        + fuzzed("json", "FuzzJSON", ["JSON"])
        + fuzzed("line", "FuzzLine", ["Inputs", "Telemetry"])
        + fuzzed("mqtt", "FuzzMQTT", ["Inputs", "Telemetry"])
        + fuzzed("pipeline", "FuzzPipeline", ["Pipeline", "Configuration", "Telemetry"])
        + fuzzed("profile", "FuzzProfile", ["Inputs", "Configuration", "Telemetry"])
        + fuzzed("run-event", "FuzzRunEvent", ["Delivery", "Telemetry"])
        + fuzzed("scenario", "FuzzScenario", ["Scenarios", "Configuration", "JSON"])
        + fuzzed("segment", "FuzzSegment", ["SegmentLog", "Checksums", "TestSupport"])
        + fuzzed("sketch", "FuzzSketch", ["Statistics"])
        + fuzzed("topic", "FuzzTopic", ["Delivery", "Telemetry"])
        + fuzzed("yaml", "FuzzYAML", ["Configuration", "Agent", "Collector"])
)
