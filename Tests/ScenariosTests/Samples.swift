import Configuration
import Foundation
import Scenarios
import Telemetry
import Testing

/// The files that the tests read: fixtures, and the definitions that are installed.
enum Samples {
    static let fixtures = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "Fixtures")
    static let installed = fixtures.appending(path: "../../../Firmware-config/scenarios").standardized

    /// Whether golden files are to be written anew.
    static let isRecording = ProcessInfo.processInfo.environment["FIELDPROOF_RECORD"] == "1"

    static func names(_ suffix: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path())) ?? []
        return all.filter { $0.hasSuffix(suffix) }.sorted()
    }

    static func file(_ name: String, in folder: URL = fixtures) throws -> ConfigurationFile {
        ConfigurationFile(name: name, bytes: Array(try Data(contentsOf: folder.appending(path: name))))
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: fixtures.appending(path: name)), as: UTF8.self)
    }

    /// The smallest sound definition, with lines to add or put in the place of its own.
    static func minimal(id: String = "demo", runs: String = "{}", more: String = "") -> ConfigurationFile {
        ConfigurationFile(
            name: "\(id).yaml",
            text: """
                schema: fieldproof/scenario/v1
                id: \(id)
                version: 1.0.0
                title: Demo
                setting: real
                runs: \(runs)
                criteria: [{id: success-rate, statistic: proportion, outcome: success, at-least: 0.9}]
                \(more)
                """)
    }

    /// What is said of a definition that is wrong; empty for one that is sound.
    static func complaints(_ file: ConfigurationFile) -> [String] {
        do throws(ScenarioError) {
            _ = try ScenarioDefinition(file)
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }
}
