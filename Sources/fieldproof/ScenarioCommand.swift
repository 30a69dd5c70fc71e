import ArgumentParser
import Collector
import Configuration
import Scenarios
import Telemetry

struct ScenarioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenario", abstract: "Checks scenario definitions.", subcommands: [Check.self, Digest.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks definitions and says every error at once, with file, line and column.")

        @Argument(help: "Definitions.")
        var files: [String]

        @Option(help: "A collector.yaml, against whose 'archive: retention' theirs is held.")
        var config: String?

        func run() throws {
            do {
                let entries = try load(files)
                for (file, entry) in zip(files, entries) {
                    let definition = entry.definition
                    print(
                        "\(file): \(definition.id) \(definition.version), \(definition.criteria.count) criteria, \(entry.digest)"
                    )
                }
                let lookalikes = ScenarioDirectory(entries.map(\.definition)).lookalikes
                for ids in lookalikes {
                    complain(
                        "the same but for names: \(ids.map(\.text).joined(separator: ", ")); a scenario that only looks new is none"
                    )
                }
                var archive = ArchiveRetention()
                if let config {
                    archive = try ConfigurationFile.load(config).decode(CollectorSettings.self).retention
                }
                for warning in RetentionPlan(archive, entries.map(\.definition)).warnings
                where config != nil || entries.count > 1 {
                    complain(warning)
                }
            } catch {
                throw failure(error)
            }
        }
    }

    struct Digest: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the digest of a definition: SHA-256 of its canonical JSON (RFC 8785).")

        @Argument(help: "A definition.")
        var file: String

        func run() throws {
            do {
                print(try load([file])[0].digest)
            } catch {
                throw failure(error)
            }
        }
    }
}

/// The definitions in the order of the files.
private func load(_ paths: [String]) throws -> [ScenarioLibrary.Entry] {
    let files = try paths.map { path in try ConfigurationFile.load(path) }
    // Errors of all files at once, and ids that two of them share.
    _ = try ScenarioDirectory(files)
    return try files.map { file in ScenarioLibrary.Entry(try ScenarioDefinition(file)) }
}
