extension MappingReader {
    /// The place of a key's value; of the mapping, with the key's path, when the key is not there.
    package func place(of key: String) -> Place {
        if let pair = pair(key) { return place.member(key, at: pair.value.position) }
        // A missing required key has its own report; anything said at its place would be an echo.
        return Place(
            position: place.position, path: place.member(key, at: place.position).path,
            isMuted: place.isMuted || missing.contains { $0.key == key })
    }

    /// Reports an error that only the whole shows, such as a name that nothing declares.
    ///
    /// Nothing is said about a place that already has a report, nor about one inside a placeholder.
    package func report(_ message: String, at place: Place) {
        guard !base.place.isMuted else { return }
        base.diagnostics.report(message, at: place)
    }

    /// Reports an error at a key's value.
    package func report(_ message: String, key: String) {
        report(message, at: place(of: key))
    }

    /// Whether a key, if it is there, was read without any report at it or under it, and is there if it is required.
    package func isSound(_ key: String) -> Bool {
        !missing.contains { $0.key == key }
            && base.diagnostics.isSound(place.member(key, at: place.position).path)
    }

    /// Reports every key of `keys` but the first one written. The keys still have to be read.
    package mutating func atMostOne(of keys: [String]) {
        let written = pairs.filter { keys.contains($0.key) }
        for pair in written.dropFirst() {
            base.diagnostics.report(
                "cannot stand beside '\(written[0].key)'; keep one of them",
                at: place.member(pair.key, at: pair.keyPosition))
        }
    }

    /// Like ``atMostOne(of:)``, and reports the mapping when none is written.
    package mutating func exactlyOne(of keys: [String]) {
        atMostOne(of: keys)
        if !keys.contains(where: contains) {
            base.report("one of \(keys.map { "'\($0)'" }.joined(separator: ", ")) is missing; give one")
        }
    }

    /// What to say about a name that is not among the declared ones: `; did you mean 'x'?`, or which names there are.
    ///
    /// - Parameters:
    ///   - name: the name as written.
    ///   - candidates: the valid names.
    ///   - noun: what they are, in the singular: `metric`.
    /// - Returns: what to put behind a message; it begins with a semicolon.
    package static func suggestion(for name: String, among candidates: [String], noun: String = "valid name") -> String
    {
        Suggestion.advice(for: name, among: candidates, noun: noun)
    }
}
