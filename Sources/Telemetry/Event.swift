/// Something that happened at one moment: a run marker, an alarm, an emergency stop.
package struct Event: Hashable, Sendable {
    /// Dotted lower-case name, such as `run.start` or `estop.pressed`.
    package var name: String
    package var timestamp: Timestamp
    /// What is known about it, sorted by key; keys are unique.
    package let attributes: [Attribute]

    /// What was saved around another event.
    package static let captureName = "capture.saved"

    /// Somebody asked the agent for something from afar; it is about to be done.
    package static let commandReceivedName = "command.received"
    /// How that has ended.
    package static let commandEndedName = "command.ended"

    /// Events that the agent records about itself, and that nobody else may record.
    package static let reservedNames: Set<String> = [
        "agent.start", "agent.stop", "stream.end", captureName, RedactionRecord.eventName, RedactionRecord.countName,
        ConsentRecord.eventName, ConsentRecord.suppressedName, commandReceivedName, commandEndedName,
    ]

    /// One fact about an event.
    package struct Attribute: Hashable, Sendable {
        package let key: String
        package let value: Value

        package init(_ key: String, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// `attributes`: in any order; of two with one key the later wins.
    package init(_ name: String, at timestamp: Timestamp, attributes: [Attribute] = []) {
        self.name = name
        self.timestamp = timestamp
        var unique: [Attribute] = []
        for attribute in attributes {
            unique.removeAll { $0.key == attribute.key }
            unique.append(attribute)
        }
        self.attributes = unique.sorted { $0.key < $1.key }
    }

    package subscript(key: String) -> Value? {
        attributes.first { $0.key == key }?.value
    }

    /// The attribute's text; nil when it is absent or not text.
    package func text(_ key: String) -> String? {
        guard case .text(let text)? = self[key] else { return nil }
        return text
    }
}
