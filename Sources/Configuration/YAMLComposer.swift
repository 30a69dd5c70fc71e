/// Builds the tree out of events, one pass, recursion bounded by ``YAMLLimits/depth``.
///
/// Faults that leave no tree are thrown; what leaves a usable tree (a key given twice, an unknown tag) is reported, so
/// that reading goes on and finds the rest.
struct YAMLComposer: ~Copyable {
    /// A node with what an alias to it costs.
    private struct Composed {
        let node: Node
        /// How many levels it is deep; a scalar is 0.
        let height: Int
        /// How many nodes it holds, itself included.
        let weight: Int
    }

    private enum Anchor {
        case open
        case closed(Composed)
    }

    private var events: YAMLEvents
    private let limits: YAMLLimits
    private let diagnostics: Diagnostics
    private var anchors: [String: Anchor] = [:]
    private var nodes = 0

    init(events: consuming YAMLEvents, limits: YAMLLimits, diagnostics: Diagnostics) {
        self.events = events
        self.limits = limits
        self.diagnostics = diagnostics
    }

    mutating func document() throws(YAMLFault) -> Node {
        _ = try events.next()
        guard case (.documentStart, _) = try events.next() else { return Node(.mapping([]), at: .start) }
        let (first, position) = try events.next()
        let root = try node(first, Place(position: position, path: ""), depth: 0)
        _ = try events.next()
        let (end, endPosition) = try events.next()
        guard case .streamEnd = end else {
            throw YAMLFault(
                message: "a second document begins here; keep one document in a file", position: endPosition)
        }
        return root.node
    }

    private mutating func node(_ event: YAMLEvent, _ place: Place, depth: Int) throws(YAMLFault) -> Composed {
        switch event {
        case .alias(let name): return try alias(name, place, depth: depth)
        case .scalar(let text, let style, let properties):
            try count(1, at: place)
            let scalar = scalar(text, style, properties, place)
            return close(
                properties.anchor,
                Composed(node: Node(.scalar(scalar), at: place.position), height: 0, weight: 1))
        case .sequenceStart(let properties):
            return try collection(properties, "seq", place, depth: depth) { composer throws(YAMLFault) in
                try composer.elements(place, depth: depth + 1)
            }
        case .mappingStart(let properties):
            return try collection(properties, "map", place, depth: depth) { composer throws(YAMLFault) in
                try composer.pairs(place, depth: depth + 1)
            }
        default: throw YAMLFault(message: "not valid YAML; check the indentation", position: place.position)
        }
    }

    private mutating func collection(
        _ properties: YAMLEvent.Properties, _ kind: String, _ place: Place, depth: Int,
        _ body: (inout YAMLComposer) throws(YAMLFault) -> (content: Node.Content, height: Int)
    ) throws(YAMLFault) -> Composed {
        try count(1, at: place)
        try check(depth: depth + 1, at: place)
        if let tag = properties.tag, tag != "tag:yaml.org,2002:" + kind { reportTag(tag, at: place) }
        if let anchor = properties.anchor { anchors[anchor] = .open }
        let before = nodes
        let (content, height) = try body(&self)
        let node = Node(content, at: place.position)
        return close(properties.anchor, Composed(node: node, height: height + 1, weight: nodes - before + 1))
    }

    private mutating func elements(_ place: Place, depth: Int) throws(YAMLFault) -> (Node.Content, Int) {
        var elements: [Node] = []
        var height = 0
        while true {
            let (event, position) = try events.next()
            if case .sequenceEnd = event { return (.sequence(elements), height) }
            let element = try node(event, place.element(elements.count, at: position), depth: depth)
            elements.append(element.node)
            height = max(height, element.height)
        }
    }

    private mutating func pairs(_ place: Place, depth: Int) throws(YAMLFault) -> (Node.Content, Int) {
        var pairs: [Node.Pair] = []
        var lines: [String: Int] = [:]
        var height = 0
        while true {
            let (event, keyPosition) = try events.next()
            if case .mappingEnd = event { return (.mapping(pairs), height) }
            let keyPlace = Place(position: keyPosition, path: place.path)
            let key = key(try node(event, keyPlace, depth: depth).node, keyPlace)
            let (valueEvent, position) = try events.next()
            let valuePlace = key.map { place.member($0, at: position) } ?? Place(position: position, path: place.path)
            let value = try node(valueEvent, valuePlace, depth: depth)
            guard let key else { continue }
            if let line = lines[key] {
                diagnostics.report(
                    "given twice, first on line \(line); remove one", at: place.member(key, at: keyPosition))
                continue
            }
            lines[key] = keyPosition.line
            pairs.append(Node.Pair(key: key, keyPosition: keyPosition, value: value.node))
            height = max(height, value.height)
        }
    }

    /// The text of a key; nil after a report.
    private func key(_ node: Node, _ place: Place) -> String? {
        guard case .scalar(let scalar) = node.content else {
            diagnostics.report("a key must be text, not a mapping or a sequence", at: place)
            return nil
        }
        if scalar.style == .plain, scalar.text == "<<" {
            diagnostics.report(
                "merge keys ('<<') are not supported; write the keys out, or alias a whole value", at: place)
            return nil
        }
        guard scalar.resolved != .null else {
            diagnostics.report("a key is missing before ':'; write it, in quotes if it means text", at: place)
            return nil
        }
        return scalar.text
    }
}

extension YAMLComposer {
    private mutating func alias(_ name: String, _ place: Place, depth: Int) throws(YAMLFault) -> Composed {
        switch anchors[name] {
        case nil:
            throw YAMLFault(
                message: "alias \(quoted("*" + name)) has no anchor \(quoted("&" + name)) before it",
                position: place.position)
        case .open:
            throw YAMLFault(
                message: "alias \(quoted("*" + name)) stands within its own anchor; a value cannot contain itself",
                position: place.position)
        case .closed(let anchored):
            try count(anchored.weight, at: place)
            try check(depth: depth + anchored.height, at: place)
            return Composed(
                node: Node(anchored.node.content, at: place.position), height: anchored.height, weight: anchored.weight)
        }
    }

    private mutating func close(_ anchor: String?, _ composed: Composed) -> Composed {
        if let anchor { anchors[anchor] = .closed(composed) }
        return composed
    }

    private func scalar(
        _ text: String, _ style: Scalar.Style, _ properties: YAMLEvent.Properties, _ place: Place
    ) -> Scalar {
        guard let written = properties.tag else { return Scalar(text: text, style: style, tag: nil) }
        let scalar = Scalar(text: text, style: style, tag: Scalar.Tag(rawValue: written))
        if scalar.tag == nil {
            reportTag(written, at: place)
        } else if !scalar.fitsTag {
            diagnostics.report(
                "\(quoted(text)) is not what its tag \(shortened(written)) says; remove the tag", at: place)
        }
        return scalar
    }

    private func reportTag(_ tag: String, at place: Place) {
        diagnostics.report("the tag \(shortened(tag)) is not supported here; remove it", at: place)
    }

    private func shortened(_ tag: String) -> String {
        let core = "tag:yaml.org,2002:"
        return quoted(tag.hasPrefix(core) ? "!!" + tag.dropFirst(core.count) : tag)
    }

    private mutating func count(_ weight: Int, at place: Place) throws(YAMLFault) {
        nodes += weight
        guard nodes <= limits.nodes else {
            throw YAMLFault(
                message: "holds more than \(limits.nodes) values, aliases counted in full; make it smaller",
                position: place.position)
        }
    }

    private func check(depth: Int, at place: Place) throws(YAMLFault) {
        guard depth <= limits.depth else {
            throw YAMLFault(
                message: "nested more than \(limits.depth) levels deep; make it flatter", position: place.position)
        }
    }
}
