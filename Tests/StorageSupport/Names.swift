package import Telemetry

extension Identifier {
    /// For the names a test makes up; one that is none fails the test at once.
    package static func named(_ text: String) -> Identifier {
        guard let identifier = Identifier(text) else { preconditionFailure("'\(text)' is no identifier") }
        return identifier
    }
}
