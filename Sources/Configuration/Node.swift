/// A node of a YAML document, with the place it was written.
///
/// Anchors and aliases are already resolved: an alias is a copy of the anchored node that stands where the alias
/// stands, while what it contains keeps the positions of the original.
package struct Node: Sendable, Hashable {
    /// What a node holds.
    package indirect enum Content: Sendable, Hashable {
        /// A piece of text.
        case scalar(Scalar)
        /// Nodes in order.
        case sequence([Node])
        /// Keys with their values, in the order of the file; no key twice.
        case mapping([Pair])
    }

    /// A key with its value.
    package struct Pair: Sendable, Hashable {
        /// The text of the key.
        package let key: String
        /// Where the key begins.
        package let keyPosition: SourcePosition
        /// The value.
        package let value: Node
    }

    /// What the node holds.
    package let content: Content
    /// Where the node begins.
    package let position: SourcePosition

    init(_ content: Content, at position: SourcePosition) {
        self.content = content
        self.position = position
    }

    /// Whether the node is a null: nothing, `~` or `null`.
    package var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.resolved == .null } else { false }
    }
}

/// A scalar as it was written.
package struct Scalar: Sendable, Hashable {
    /// How the text was written.
    package enum Style: Sendable, Hashable {
        /// Without quotes: only these can be numbers, booleans or null.
        case plain
        /// In single quotes.
        case singleQuoted
        /// In double quotes.
        case doubleQuoted
        /// A block with `|`.
        case literal
        /// A block with `>`.
        case folded
    }

    /// The tags that may be written; they are those of the core schema.
    package enum Tag: String, Sendable, Hashable, CaseIterable {
        /// `!!null`
        case null = "tag:yaml.org,2002:null"
        /// `!!bool`
        case bool = "tag:yaml.org,2002:bool"
        /// `!!int`
        case int = "tag:yaml.org,2002:int"
        /// `!!float`
        case float = "tag:yaml.org,2002:float"
        /// `!!str`
        case string = "tag:yaml.org,2002:str"
    }

    /// The text, without quotes and with escapes resolved.
    package let text: String
    /// How it was written.
    package let style: Style
    /// The tag, where one was written.
    package let tag: Tag?
}
