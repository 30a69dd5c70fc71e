import ArgumentParser
import Collector
import Configuration
import Scenarios
import Storage
import Telemetry

/// `--config`, with what it names.
struct ConfigOption: ParsableArguments {
    @Option(name: .long, help: "The collector's configuration.")
    var config = "/etc/fieldproof/collector.yaml"

    /// Reads and checks the whole file.
    func load() throws(ConfigurationError) -> CollectorSettings {
        try ConfigurationFile.load(config).decode(CollectorSettings.self)
    }
}

extension Identifier: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension Timestamp: ExpressibleByArgument {
    package init?(argument: String) { self.init(rfc3339: argument) }
}

extension PriorityClass: ExpressibleByArgument {
    package init?(argument: String) { self.init(name: argument) }
}

extension ScenarioLibrary {
    /// The scenario called `id`.
    ///
    /// - Throws: `CollectorError` that lists those there are.
    func entry(_ id: Identifier, in directory: String) throws(CollectorError) -> Entry {
        if let entry = self[id] { return entry }
        let known = entries.map(\.definition.id.text).joined(separator: ", ")
        throw CollectorError(
            .scenario,
            "there is no scenario '\(id)'; \(known.isEmpty ? "the directory has none" : "use one of \(known)")",
            path: directory)
    }
}
