import JSON
package import Telemetry

/// What a person asks an agent to do, from afar.
///
/// It comes on the same topic as the collector's commands, and differs from them by its `request`: an agent puts it on record before it
/// carries it out, and answers on a topic of its own (``Answer``).
package struct OperatorRequest: Hashable, Sendable {
    /// Names the request; its answers bear it.
    package var id: UUIDBytes
    /// Who asks, as they say themselves. Nobody has checked it: who may ask at all is the broker's ACL's to say.
    package var by: String
    package var task: Task

    package enum Task: Hashable, Sendable {
        /// Send again what the spool's disk still has, also what was acknowledged.
        case resend(Selection)
        /// Store what is open and send everything that waits; then, with `stop`, end the agent.
        case drain(stop: Bool)
        /// Tell how the box is.
        case diagnose

        /// The command's name on the wire.
        package var name: String {
            switch self {
            case .resend: "resend"
            case .drain: "drain"
            case .diagnose: "diagnose"
            }
        }
    }

    /// Which frames.
    package enum Selection: Hashable, Sendable {
        case everything
        /// Those with these numbers, of one stream.
        case frames(StreamReference, ranges: [ClosedRange<UInt64>])
    }

    /// Bytes of `by` at the most.
    package static let nameLimit = 128

    /// The names of all tasks, which an agent lists in its `meta`.
    package static let taskNames = ["diagnose", "drain", "resend"]

    /// `by` is cut at `nameLimit`.
    package init(_ task: Task, id: UUIDBytes, by: String) {
        self.id = id
        self.task = task
        var name = by
        while name.utf8.count > Self.nameLimit { name.removeLast() }
        self.by = name
    }

    func write(to writer: inout JSONWriter) {
        writer.member("command", task.name)
        writer.member("request", id.description)
        writer.member("by", by)
        switch task {
        case .resend(.everything), .diagnose: break
        case .drain(let stop): writer.member("stop", stop)
        case .resend(.frames(let stream, let ranges)):
            stream.write(to: &writer)
            writer.key("ranges")
            writer.write(ranges)
        }
    }

    init(_ message: Message) throws(DeliveryError) {
        id = try message.name("request")
        guard let by = try message.optionalText("by", limit: Self.nameLimit), !by.isEmpty else {
            throw .invalid("by", "who asks, of 1 to \(Self.nameLimit) bytes")
        }
        self.by = by
        switch try message.text("command") {
        case "diagnose": task = .diagnose
        case "drain":
            var stop = false
            if let value = message["stop"], !value.isNull {
                guard let flag = value.bool else { throw .invalid("stop", "true or false") }
                stop = flag
            }
            task = .drain(stop: stop)
        case "resend":
            guard message["class"] != nil || message["install"] != nil || message["ranges"] != nil else {
                task = .resend(.everything)
                return
            }
            let ranges = try message.ranges("ranges")
            guard !ranges.isEmpty else { throw .invalid("ranges", "one [first, last] pair or more") }
            task = .resend(.frames(try message.stream(), ranges: ranges))
        case let other:
            throw DeliveryError(
                code: .unknown,
                message: "unknown command '\(other.prefix(40))'; use \(Self.taskNames.joined(separator: ", "))")
        }
    }
}
