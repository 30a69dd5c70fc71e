import JSON
package import Telemetry

/// What a collector, or an operator, asks of an agent.
package enum Command: Hashable, Sendable {
    /// A collector is here, with this archive generation: send what is unacknowledged now instead of at the next timeout.
    case hello(generation: UUIDBytes)
    /// Frames that the collector lacks: send those still held, declare the rest lost.
    case resend(StreamReference, ranges: [ClosedRange<UInt64>])
    /// What a person wants done, which is put on record and answered.
    case request(OperatorRequest)

    /// `{"command":"hello","generation":"…"}` or `{"command":"resend","install":"…","epoch":1,"class":"metric","ranges":[[3,5]]}`, or an
    /// ``OperatorRequest``.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        switch self {
        case .hello(let generation):
            writer.member("command", "hello")
            writer.member("generation", generation.description)
        case .resend(let stream, let ranges):
            writer.member("command", "resend")
            stream.write(to: &writer)
            writer.key("ranges")
            writer.write(ranges)
        case .request(let request):
            request.write(to: &writer)
        }
        writer.endObject()
        return writer.bytes
    }

    /// - Throws: `DeliveryError` for a command this version does not know, or a field that is missing or wrong.
    package init(json bytes: [UInt8]) throws(DeliveryError) {
        let message = try Message(bytes)
        if message["request"] != nil {
            self = .request(try OperatorRequest(message))
            return
        }
        switch try message.text("command") {
        case "hello": self = .hello(generation: try message.name("generation"))
        case "resend": self = .resend(try message.stream(), ranges: try message.ranges("ranges"))
        case let other:
            throw DeliveryError(
                code: .unknown,
                message: "unknown command '\(other.prefix(40))'; use hello or resend, or another with a 'request'")
        }
    }
}
