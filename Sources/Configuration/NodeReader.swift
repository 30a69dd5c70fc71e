/// A node on its way to become a value, with its place and the means to complain.
package struct NodeReader {
    /// The node.
    package let node: Node
    /// Where it stands.
    package let place: Place
    let diagnostics: Diagnostics

    init(node: Node, place: Place, diagnostics: Diagnostics) {
        self.node = node
        self.place = place
        self.diagnostics = diagnostics
    }

    /// A mapping without keys that reports nothing: what placeholders are read from.
    static var muted: NodeReader {
        NodeReader(node: Node(.mapping([]), at: .start), place: .nowhere, diagnostics: Diagnostics(file: ""))
    }

    /// The node as another format reads it; nil when it does not, which has then been reported.
    package func read<Value>(as format: ValueFormat<Value>) -> Value? {
        let before = diagnostics.attempts
        if let value = format.read(self) { return value }
        if diagnostics.attempts == before { report(mismatch(format.expected)) }
        return nil
    }

    /// Reports an error at the node.
    package func report(_ message: String) {
        diagnostics.report(message, at: place)
    }

    /// Reports an error at a node within this one that only the whole shows, such as a name that two elements have.
    package func report(_ message: String, at place: Place) {
        diagnostics.report(message, at: place)
    }

    /// Reports an error at the node and gives nil.
    package func fail<Value>(_ message: String) -> Value? {
        report(message)
        return nil
    }

    /// The text of a scalar that is text by the core schema; nil for anything else.
    package var text: String? {
        if case .scalar(let scalar) = node.content, case .string(let text) = scalar.resolved { text } else { nil }
    }

    func element(_ index: Int, _ node: Node) -> NodeReader {
        NodeReader(node: node, place: place.element(index, at: node.position), diagnostics: diagnostics)
    }

    func member(_ pair: Node.Pair) -> NodeReader {
        NodeReader(node: pair.value, place: place.member(pair.key, at: pair.value.position), diagnostics: diagnostics)
    }

    /// The pairs of a mapping; null has none. Nil for anything else.
    var pairs: [Node.Pair]? {
        switch node.content {
        case .mapping(let pairs): pairs
        case .scalar: node.isNull ? [] : nil
        case .sequence: nil
        }
    }

    /// The elements of a sequence; null has none. Nil for anything else.
    var elements: [Node]? {
        switch node.content {
        case .sequence(let nodes): nodes
        case .scalar: node.isNull ? [] : nil
        case .mapping: nil
        }
    }

    func mismatch(_ expected: String) -> String {
        node.isNull
            ? "has no value; give \(expected), or remove the key" : "expected \(expected), found \(node.summary)"
    }
}

extension Node {
    /// What a node is, as it goes behind "found".
    var summary: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a sequence"
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: "nothing"
            case .bool: "the boolean \(scalar.text)"
            case .integer, .double: "the number \(scalar.text.count > 40 ? quoted(scalar.text) : scalar.text)"
            default: "the text \(quoted(scalar.text))"
            }
        }
    }
}
