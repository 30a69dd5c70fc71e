import Platform

/// The version of the collector and operator's tool.
package enum CollectorVersion {
    /// Semantic version (semver.org).
    package static let text = FieldproofVersion.text
    /// Program and version, as a summary's `reproduction.software` states it.
    package static let software = "fieldproof \(text)"
}
