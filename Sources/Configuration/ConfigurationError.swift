/// Everything that is wrong with one configuration file, at once.
///
/// ``description`` is what a user sees on standard error: one line per diagnostic, in the order of the file.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure this is.
    package enum Code: Sendable, Hashable {
        /// No file has this path.
        case notFound
        /// The file is there but cannot be read; ``ConfigurationError/cause`` has the `errno`.
        case unreadable
        /// The path names a directory.
        case notAFile
        /// The file is larger than the limit.
        case tooLarge
        /// The file was read and its content is wrong.
        case invalid
    }

    /// The kind of failure.
    package let code: Code
    /// The file as the user named it.
    package let file: String
    /// What is wrong, sorted by position; never empty.
    package let diagnostics: [Diagnostic]
    /// How many more errors there are than ``diagnostics`` holds.
    package let omitted: Int
    /// The `errno` of the call that failed, where there was one.
    package let cause: Int32?

    init(code: Code, file: String, diagnostics: [Diagnostic], omitted: Int = 0, cause: Int32? = nil) {
        self.code = code
        self.file = file
        // A stable sort by position: at one place, what was found first is said first.
        self.diagnostics = diagnostics.enumerated()
            .sorted { left, right in
                (left.element.position ?? .start, left.offset) < (right.element.position ?? .start, right.offset)
            }
            .map(\.element)
        self.omitted = omitted
        self.cause = cause
    }

    init(code: Code, file: String, message: String, cause: Int32? = nil) {
        let diagnostic = Diagnostic(file: file, position: nil, path: "", message: message)
        self.init(code: code, file: file, diagnostics: [diagnostic], cause: cause)
    }

    /// One line per diagnostic, without a newline at the end.
    package var description: String {
        var lines = diagnostics.map(\.description)
        if omitted > 0 { lines.append("\(file): and \(omitted) more; mend these first") }
        return lines.joined(separator: "\n")
    }
}
