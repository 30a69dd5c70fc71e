package import JSON
package import Telemetry

/// What an agent says to the request of a person, on `<site>/<agent>/answer`: that it has taken it, how far it has come, and how it ended.
///
/// On the wire: `{"request":"<32 hex>","command":"drain","state":"working","text":"…","left":120,"of":340}`, with `report` for what was asked.
package struct Answer: Equatable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// It is on record and being carried out.
        case accepted
        /// How far it has come.
        case working
        case done
        /// Nothing was done, or no more will be.
        case refused

        /// Whether no other answer follows.
        package var isLast: Bool { self == .done || self == .refused }
    }

    package var request: UUIDBytes
    /// The name of the command.
    package var command: String
    package var state: State
    /// For a person: why it is refused, or what was done.
    package var text: String?
    /// Frames that are still to be sent, and how many there were.
    package var left: UInt64?
    package var of: UInt64?
    /// What was asked for: an object.
    package var report: JSONValue?

    /// The longest `text`, bytes.
    package static let textLimit = 1024
    /// The largest report, bytes: an answer is no larger than any message.
    package static let reportLimit = 48 * 1024

    /// A `text` that is too long is cut.
    package init(
        _ state: State, to request: OperatorRequest, text: String? = nil, left: UInt64? = nil, of: UInt64? = nil,
        report: JSONValue? = nil
    ) {
        self.request = request.id
        command = request.task.name
        self.state = state
        self.text = text.map { text in
            var text = text
            while text.utf8.count > Self.textLimit { text.removeLast() }
            return text
        }
        self.left = left
        self.of = of
        self.report = report
    }

    /// The answer as compact JSON.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("request", request.description)
        writer.member("command", command)
        writer.member("state", state.rawValue)
        if let text { writer.member("text", text) }
        if let left { writer.member("left", left) }
        if let of { writer.member("of", of) }
        if let report { writer.member("report", report) }
        writer.endObject()
        return writer.bytes
    }

    /// - Throws: `DeliveryError` naming the first field that is missing or wrong.
    package init(json bytes: [UInt8]) throws(DeliveryError) {
        let message = try Message(bytes)
        request = try message.name("request")
        guard let name = try message.optionalText("command", limit: 40) else { throw .invalid("command", "a string") }
        command = name
        guard let state = State(rawValue: try message.text("state")) else {
            throw .invalid("state", State.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.state = state
        text = try message.optionalText("text", limit: Self.textLimit)
        left = message["left"] == nil ? nil : try message.count("left")
        of = message["of"] == nil ? nil : try message.count("of")
        guard let value = message["report"], !value.isNull else { return }
        guard value.object != nil else { throw .invalid("report", "an object") }
        report = value
    }
}
