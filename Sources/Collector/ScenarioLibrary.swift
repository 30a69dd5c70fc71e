import Configuration
import Frames
package import Scenarios
package import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The scenario definitions of a collector, with their digests.
package struct ScenarioLibrary: Sendable {
    /// A definition and the SHA-256 of its canonical JSON, `sha256:<hex>`.
    package struct Entry: Sendable {
        package let definition: ScenarioDefinition
        package let digest: String

        package init(_ definition: ScenarioDefinition) {
            self.definition = definition
            digest = definition.digest { FrameDigest(of: $0).bytes }
        }
    }

    /// Sorted by scenario id.
    package let entries: [Entry]

    package init(_ definitions: [ScenarioDefinition]) {
        entries = definitions.map(Entry.init)
    }

    package subscript(id: Identifier) -> Entry? { entries.first { $0.definition.id == id } }

    /// Reads every `*.yaml` in `directory`.
    ///
    /// - Throws: `ScenarioError` with every error of every file, `ConfigurationError` for a file that cannot be read,
    ///   `CollectorError` for a directory that cannot.
    package static func load(_ directory: String) throws -> ScenarioLibrary {
        guard let listing = opendir(directory) else {
            throw CollectorError(
                .scenario, "the scenarios directory cannot be read: \(String(cString: strerror(errno)))",
                path: directory)
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".yaml"), !name.hasPrefix(".") { names.append(name) }
        }
        let files = try names.sorted().map { name in try ConfigurationFile.load(directory + "/" + name) }
        return ScenarioLibrary(try ScenarioDirectory(files).definitions)
    }
}
