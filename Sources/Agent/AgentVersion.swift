import Platform

/// The version of the agent.
package enum AgentVersion {
    /// Semantic version (semver.org).
    package static let text = FieldproofVersion.text
}
