package import Telemetry

/// What a frame carries besides samples; mostly in frames of class `event`.
package struct FrameExtras: Hashable, Sendable {
    package var definitions: [SeriesDefinition]
    package var events: [Event]
    package var losses: [LossDeclaration]

    package init(
        definitions: [SeriesDefinition] = [], events: [Event] = [], losses: [LossDeclaration] = []
    ) {
        self.definitions = definitions
        self.events = events
        self.losses = losses
    }
}

extension FrameExtras {
    func validate() throws(FrameError) {
        for definition in definitions { try definition.validate() }
        for event in events { try event.validate() }
        for loss in losses { try loss.validate() }
    }
}

extension Event {
    func validate() throws(FrameError) {
        guard attributes.count <= FrameLimits.attributes else {
            throw FrameError(.invalid, "event \(name) has more than \(FrameLimits.attributes) attributes")
        }
        try FrameLimits.check(text: name)
        for attribute in attributes {
            try FrameLimits.check(text: attribute.key)
            if case .text(let text) = attribute.value { try FrameLimits.check(text: text) }
        }
    }

    func write(to writer: inout ByteWriter) {
        writer.arrayHead(3)
        writer.text(name)
        writer.integer(timestamp.nanoseconds)
        writer.arrayHead(attributes.count * 2)
        for attribute in attributes {
            writer.text(attribute.key)
            switch attribute.value {
            case .double(let number): writer.float(number)
            case .integer(let number): writer.integer(number)
            case .boolean(let flag): writer.boolean(flag)
            case .text(let text): writer.text(text)
            }
        }
    }

    init(from reader: inout ByteReader) throws(FrameError) {
        try reader.arrayHead(of: 3)
        let name = try reader.text()
        let timestamp = Timestamp(nanoseconds: try reader.integer())
        let count = try reader.arrayHead()
        guard count % 2 == 0 else { throw reader.malformed("attributes come as keys and values") }
        guard count / 2 <= FrameLimits.attributes else {
            throw FrameError(.tooLarge, "an event has too many attributes", at: reader.place)
        }
        var attributes: [Attribute] = []
        attributes.reserveCapacity(count / 2)
        for _ in 0..<(count / 2) {
            let key = try reader.text()
            attributes.append(Attribute(key, try reader.attributeValue()))
        }
        self.init(name, at: timestamp, attributes: attributes)
        guard self.attributes.elementsEqual(attributes, by: { $0.key == $1.key }) else {
            throw reader.malformed("attributes must ascend by key, each key once")
        }
    }
}

extension ByteReader {
    fileprivate mutating func attributeValue() throws(FrameError) -> Value {
        switch try peekMajor() {
        case .unsigned, .negative: .integer(try integer())
        case .text: .text(try text())
        case .simple: isAtBoolean ? .boolean(try boolean()) : .double(try float())
        default: throw malformed("an attribute is a number, a text or a boolean")
        }
    }
}
