/// The version of the agent.
package enum AgentVersion {
    /// Semantic version (semver.org).
    package static let text = "0.1.0"
}
