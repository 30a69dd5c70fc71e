/// How much a document may hold.
package struct YAMLLimits: Sendable {
    /// The size of the file in bytes.
    package var bytes: Int
    /// How many mappings and sequences may lie within each other, aliases followed.
    package var depth: Int
    /// How many nodes there may be, each alias counted as all it stands for: "billion laughs" ends here.
    package var nodes: Int

    /// Limits; by default 1 MiB, 64 levels and 100,000 nodes.
    package init(bytes: Int = ConfigurationFile.defaultLimit, depth: Int = 64, nodes: Int = 100_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }
}

/// A YAML document as a tree of nodes with positions.
///
/// What is read is YAML 1.2 with the core schema, as far as libyaml (YAML 1.1 syntax) agrees with it. One document a
/// file; the empty file is the empty mapping. Aliases are resolved; merge keys, tags outside the core schema, keys that
/// are not scalars and keys given twice are errors. Environment variables are not expanded.
package struct YAMLDocument: Sendable, Hashable {
    /// The node that holds all others.
    package let root: Node
}

extension ConfigurationFile {
    /// The file as a tree of nodes.
    ///
    /// - Throws: ``ConfigurationError`` with a syntax error, or with all that is wrong with keys, tags and aliases.
    package func document(limits: YAMLLimits = YAMLLimits()) throws(ConfigurationError) -> YAMLDocument {
        let diagnostics = Diagnostics(file: name)
        guard let root = compose(limits: limits, into: diagnostics), diagnostics.isEmpty else {
            throw diagnostics.error()
        }
        return YAMLDocument(root: root)
    }

    /// The root node, or nil after a syntax error. Errors that leave a usable tree are reported too.
    func compose(limits: YAMLLimits, into diagnostics: Diagnostics) -> Node? {
        guard bytes.count <= limits.bytes else {
            diagnostics.report(
                "larger than \(ByteCount.text(Int64(limits.bytes))); split it, or remove what does not belong here",
                at: Place(position: .start, path: ""))
            return nil
        }
        // A byte order mark is not a column.
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        return text.withUnsafeBufferPointer { input -> Node? in
            var composer = YAMLComposer(events: YAMLEvents(input: input), limits: limits, diagnostics: diagnostics)
            do throws(YAMLFault) {
                return try composer.document()
            } catch {
                diagnostics.report(error.message, at: Place(position: error.position, path: ""))
                return nil
            }
        }
    }
}
