package import Configuration
package import Telemetry

/// How close to the real world a scenario is.
package enum Setting: String, Hashable, Sendable, CaseIterable {
    /// In use, where and as it is used.
    case real
    /// The real thing in a place made for the test.
    case staged
    /// Simulated in whole or in part.
    case simulated
}

/// Whose need the scenario answers.
package struct Need: Hashable, Sendable {
    package let owner: String?
    package let statement: String?
    /// Where the need is shown, usually a link.
    package let evidence: String?
}

extension Need: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        owner = reader.optional("owner", as: .nonEmptyString)
        statement = reader.optional("statement", as: .nonEmptyString)
        evidence = reader.optional("evidence", as: .nonEmptyString)
    }
}

/// A standard that the scenario follows, such as `ISO 18646-3:2021`.
package struct Standard: Hashable, Sendable {
    package let id: String
    package let clause: String?
}

extension Standard: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        id = reader.required("id", as: .nonEmptyString)
        clause = reader.optional("clause", as: .nonEmptyString)
    }
}

/// The system under test.
package struct Subject: Hashable, Sendable {
    /// What it is: `robot-arm`.
    package let type: String
    package let vendor: String?
    package let model: String?
    package let software: String?
}

extension Subject: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        type = reader.required("type", as: .nonEmptyString)
        vendor = reader.optional("vendor", as: .nonEmptyString)
        model = reader.optional("model", as: .nonEmptyString)
        software = reader.optional("software", as: .nonEmptyString)
    }
}

/// A place where the scenario is run.
package struct Site: Hashable, Sendable {
    package let id: Identifier
    package let name: LocalizedText?
    /// What the place is like: `indoor`.
    package let environment: String?
}

extension Site: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        id = reader.required("id", as: .scenarioIdentifier)
        name = reader.optional("name", as: .localizedText)
        environment = reader.optional("environment", as: .nonEmptyString)
    }
}
