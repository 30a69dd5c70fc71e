import JSON
package import Telemetry

/// Run markers as an operator publishes them to `<site>/run`.
///
/// `{"event":"start","scenario":"…","id":"…","time":"RFC 3339","subject":"…"}`, or with `"event":"stop"` and `outcome`,
/// `failure_mode`, `intervention`. Every receiver takes the time from the message, so that the marker is one and the same
/// event whoever recorded it.
extension RunEvent {
    /// The marker as compact JSON.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("event", phase == .start ? "start" : "stop")
        writer.member("scenario", scenario.text)
        writer.member("id", run.text)
        writer.member("time", timestamp.description)
        if let subject { writer.member("subject", subject) }
        if let outcome { writer.member("outcome", outcome) }
        if let failureMode { writer.member("failure_mode", failureMode) }
        if let intervention { writer.member("intervention", intervention) }
        writer.endObject()
        return writer.bytes
    }

    /// - Throws: `DeliveryError` naming the first field that is missing or wrong.
    package init(json bytes: [UInt8]) throws(DeliveryError) {
        let message = try Message(bytes)
        let phase: Phase
        switch try message.text("event") {
        case "start": phase = .start
        case "stop": phase = .stop
        default: throw .invalid("event", "start or stop")
        }
        guard let time = Timestamp(rfc3339: try message.text("time")) else {
            throw .invalid("time", "a time such as 2026-01-31T08:15:30Z")
        }
        var intervention: Bool?
        if let value = message["intervention"], !value.isNull {
            guard let flag = value.bool else { throw .invalid("intervention", "true or false") }
            intervention = flag
        }
        self.init(
            phase, scenario: try message.identifier("scenario"), run: try message.identifier("id"), at: time,
            subject: try message.optionalText("subject"), outcome: try message.optionalText("outcome"),
            failureMode: try message.optionalText("failure_mode"), intervention: intervention)
    }
}
