/// The version of Fieldproof: of both programs, of what they send and write, and of the packages.
package enum FieldproofVersion {
    /// Semantic version (semver.org). Tools/package reads it here.
    package static let text = "0.1.0"
}
