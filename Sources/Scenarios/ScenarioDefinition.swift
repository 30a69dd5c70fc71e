package import Configuration
package import Telemetry

/// What a scenario is, how its runs begin and end, what is measured in them, and what must hold.
///
/// The file format is described in <doc:Scenarios>. A value of this type has passed every check: each criterion names
/// a declared metric, each threshold is in that metric's unit, each outcome can be reached.
package struct ScenarioDefinition: Hashable, Sendable {
    /// The value of `schema` in every definition of this version.
    package static let schema = "fieldproof/scenario/v1"

    package let id: Identifier
    package let version: SemanticVersion
    package let title: LocalizedText
    /// How close to the real world it is; results of different settings are never pooled.
    package let setting: Setting
    package let need: Need?
    package let standards: [Standard]
    package let subject: Subject?
    /// Where it is run, ids unique; empty when any site may.
    package let sites: [Site]
    package let runs: RunRules
    /// In the order of the file; ids unique.
    package let metrics: [Metric]
    /// In the order of the file; at least one, and at least one that gives a verdict; ids unique.
    package let criteria: [Criterion]
    /// In the order of the file; ids unique.
    package let safety: [SafetyRule]
    package let completeness: Completeness
    package let governance: Governance
    /// The document as it is written, in the canonical form of RFC 8785. Its SHA-256 is the definition's digest.
    package let canonicalJSON: [UInt8]
    /// ``canonicalJSON`` without anything that is only a name; see `ScenarioDirectory/lookalikes`.
    package let namelessJSON: [UInt8]

    /// Reads and checks a definition.
    ///
    /// - Throws: ``ScenarioError`` with every error of the file.
    package init(_ file: ConfigurationFile) throws(ScenarioError) {
        do throws(ConfigurationError) {
            self = try file.decode(ScenarioDefinition.self)
        } catch {
            throw ScenarioError([error])
        }
    }

    /// The definition's digest.
    ///
    /// - Parameter sha256: the hash function; it gives 32 bytes for any bytes.
    /// - Returns: `sha256:` and 64 hexadecimal digits.
    package func digest(sha256: ([UInt8]) -> [UInt8]) -> String {
        "sha256:"
            + sha256(canonicalJSON).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// The declared metric with this id.
    /// The step in which the values of an observation are recorded, in their unit; nil where the definition does not say.
    package func resolution(of observation: Criterion.Observation) -> Double? {
        // The time from the first sample to the last one is in seconds, whatever the metric is in.
        if case .perRun(_, .duration) = observation { return nil }
        return metric(observation.metric)?.resolution
    }

    package func metric(_ id: String) -> Metric? {
        metrics.first { $0.id == id }
    }
}

extension ScenarioDefinition: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        _ = reader.required("schema", as: .name(among: [Self.schema]))
        id = reader.required("id", as: .scenarioIdentifier)
        version = reader.required("version", as: .semanticVersion)
        title = reader.required("title", as: .localizedText)
        setting = reader.required("setting", as: .enumeration)
        need = reader.optional("need", as: .mapping(Need.self))
        standards = reader.value("standards", as: .sequence(of: .mapping), default: [])
        subject = reader.optional("subject", as: .mapping(Subject.self))
        sites = reader.distinct("sites", of: .converting(.mapping(Site.self)) { WithID(id: $0.id.text, value: $0) })
        runs = reader.value("runs", as: .mapping, default: RunRules())
        let measured = reader.value("metrics", as: .metrics, default: [])
        metrics = measured.map(\.metric)

        let declared = Declarations(metrics: measured, areAllRead: reader.isSound("metrics"), runs: runs)
        criteria = reader.distinct("criteria", of: .criterion(declared), atLeastOne: true)
        safety = reader.distinct("safety", of: .safetyRule(declared))
        completeness = reader.value("completeness", as: .mapping, default: Completeness())
        governance = reader.value("governance", as: .mapping, default: Governance())

        if reader.isSound("criteria"), reader.isSound("metrics"), criteria.allSatisfy(\.isDescriptive) {
            reader.report(
                "all only describe ('over: samples'), so there could be no verdict; give one over runs", key: "criteria"
            )
        }
        let document = CanonicalDocument(reader.node.coreValue)
        let forms: (canonical: [UInt8], nameless: [UInt8])
        do throws(CanonicalDocument.Failure) {
            forms = (try document.canonical(), try document.nameless())
        } catch {
            forms = ([], [])
            reader.report(error.message, at: reader.place)
        }
        (canonicalJSON, namelessJSON) = forms
    }
}

extension ValueFormat where Value == Identifier {
    static var scenarioIdentifier: ValueFormat {
        guard let placeholder = Identifier("placeholder") else {
            preconditionFailure("the word is an identifier by Identifier.rule")
        }
        return .parsing(.identifier, "an id such as 'grasp-and-place'", placeholder: placeholder) {
            text throws(InvalidValue) in
            guard let id = Identifier(text) else { throw InvalidValue("must be \(Identifier.rule)") }
            return id
        }
    }
}
