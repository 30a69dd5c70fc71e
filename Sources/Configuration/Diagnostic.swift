/// One thing that is wrong with a file: where, at which key, what, and what to do about it.
package struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    package let file: String
    /// The place in the file; nil when the file could not be read at all.
    package let position: SourcePosition?
    /// The keys that lead to the value, such as `inputs[1].every`; empty for the file as a whole.
    package let path: String
    /// What is wrong and what to do.
    package let message: String

    /// `agent.yaml:12:5: inputs[1].evry: unknown key; did you mean 'every'?`
    package var description: String {
        var line = file + ":"
        if let position { line += "\(position):" }
        if !path.isEmpty { line += " \(path):" }
        return line + " " + message
    }
}

/// Collects what is wrong with one file while it is being read.
///
/// Invariants: at most one diagnostic per position and path (the first is the cause, later ones are its echo), and at
/// most ``capacity`` in all, so that a hostile file cannot make its own error report large.
final class Diagnostics {
    static let capacity = 200

    let file: String
    private(set) var recorded: [Diagnostic] = []
    private(set) var omitted = 0
    /// How often something was reported, echoes included: tells a caller whether a read complained.
    private(set) var attempts = 0
    private var seen: Set<Place> = []

    init(file: String) {
        self.file = file
    }

    var isEmpty: Bool { recorded.isEmpty }

    func report(_ message: String, at place: Place) {
        guard !place.isMuted else { return }
        attempts += 1
        guard recorded.count < Self.capacity else {
            omitted += 1
            return
        }
        guard seen.insert(place).inserted else { return }
        recorded.append(Diagnostic(file: file, position: place.position, path: place.path, message: message))
    }

    /// Whether nothing was reported at `path` or under it.
    func isSound(_ path: String) -> Bool {
        guard omitted == 0 else { return false }
        return !recorded.contains { diagnostic in
            guard diagnostic.path.hasPrefix(path) else { return false }
            let rest = diagnostic.path.utf8.dropFirst(path.utf8.count)
            return path.isEmpty || rest.isEmpty || rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: "[")
        }
    }

    func error() -> ConfigurationError {
        ConfigurationError(code: .invalid, file: file, diagnostics: recorded, omitted: omitted)
    }
}
