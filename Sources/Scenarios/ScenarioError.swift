package import Configuration

/// Why scenario definitions could not be used: everything that is wrong with every file, at once.
package struct ScenarioError: Error, Hashable, CustomStringConvertible {
    /// What kind of failure this is.
    package enum Code: Hashable, Sendable {
        /// A definition says something that cannot be, or that this version does not compute.
        case invalid
    }

    package let code: Code
    /// The files that are wrong, by name; never empty.
    package let files: [ConfigurationError]

    init(_ files: [ConfigurationError]) {
        code = .invalid
        self.files = files
    }

    /// Every diagnostic, in the order of the files and of the lines in them.
    package var diagnostics: [Diagnostic] { files.flatMap(\.diagnostics) }

    /// One line per diagnostic, `file:line:column: path: message`, without a newline at the end.
    package var description: String { files.map(\.description).joined(separator: "\n") }
}
