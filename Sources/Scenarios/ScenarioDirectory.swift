package import Configuration
package import Telemetry

/// The scenarios that a collector knows, each defined once.
package struct ScenarioDirectory: Hashable, Sendable {
    /// Sorted by id.
    package let definitions: [ScenarioDefinition]

    /// Reads all files, in the order of their names.
    ///
    /// - Throws: ``ScenarioError`` with every error of every file; an id that an earlier file has is one.
    package init(_ files: [ConfigurationFile]) throws(ScenarioError) {
        var definitions: [ScenarioDefinition] = []
        var errors: [ConfigurationError] = []
        var places: [Identifier: String] = [:]
        for file in files.sorted(by: { $0.name < $1.name }) {
            // An id counts even where the rest of its file is wrong, so that one look shows every clash.
            var declared: (id: Identifier, place: String)?
            let format = ValueFormat<ScenarioDefinition>.mapping { reader in
                let definition = ScenarioDefinition(from: &reader)
                guard reader.contains("id"), reader.isSound("id") else { return definition }
                if let other = places[definition.id] {
                    reader.report("'\(definition.id)' is already defined in \(other); ids must differ", key: "id")
                } else {
                    declared = (definition.id, "\(file.name):\(reader.place(of: "id").position)")
                }
                return definition
            }
            do throws(ConfigurationError) {
                definitions.append(try file.decode(as: format))
            } catch {
                errors.append(error)
            }
            if let declared { places[declared.id] = declared.place }
        }
        guard errors.isEmpty else { throw ScenarioError(errors) }
        self.definitions = definitions.sorted { $0.id < $1.id }
    }

    /// Definitions that were read before, their ids distinct.
    package init(_ definitions: [ScenarioDefinition]) {
        self.definitions = definitions.sorted { $0.id < $1.id }
    }

    /// The definition with this id.
    package subscript(_ id: Identifier) -> ScenarioDefinition? {
        definitions.first { $0.id == id }
    }

    /// Groups of scenarios that differ only in names: they look new and are not. Ids sorted within and by the first.
    package var lookalikes: [[Identifier]] {
        Dictionary(grouping: definitions, by: \.namelessJSON).values
            .filter { $0.count > 1 }
            .map { $0.map(\.id).sorted() }
            .sorted { $0[0] < $1[0] }
    }
}
