import JSON
package import Telemetry

/// What a program on the box may ask of the running agent, one JSON object a line over the control socket.
///
/// `{"do":"mark","event":"run.start","attributes":{"scenario":"…","id":"…"}}` stores an event and is answered when that event is on
/// disk; `{"do":"status"}` asks how the spool and the connection are. The answer is one line too: `{"ok":true,…}` or
/// `{"ok":false,"error":"…"}`.
package enum ControlRequest: Hashable, Sendable {
    case mark(name: String, attributes: [Event.Attribute])
    case status

    /// The request as one line of JSON, newline included.
    package var line: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        switch self {
        case .status:
            writer.member("do", "status")
        case .mark(let name, let attributes):
            writer.member("do", "mark")
            writer.member("event", name)
            writer.key("attributes")
            writer.beginObject()
            for attribute in attributes {
                writer.key(attribute.key)
                switch attribute.value {
                case .text(let text): writer.string(text)
                case .boolean(let flag): writer.bool(flag)
                case .integer(let number): writer.integer(number)
                case .double(let number): writer.number(number)
                }
            }
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// - Throws: `AgentError` that says which part of the request is wrong.
    package init(line: [UInt8]) throws(AgentError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(line, limits: .init(bytes: ControlSocket.lineLimit, depth: 4))
        } catch {
            throw AgentError(.refused, "the request is not JSON: \(error)")
        }
        switch value["do"]?.string {
        case "status":
            self = .status
        case "mark":
            guard let name = value["event"]?.string, Series.isValidName(name) else {
                throw AgentError(.refused, "'event' must be \(Series.nameRule)")
            }
            var attributes: [Event.Attribute] = []
            for (key, value) in value["attributes"]?.object ?? JSONObject() {
                switch value {
                case .string(let text): attributes.append(.init(key, .text(text)))
                case .bool(let flag): attributes.append(.init(key, .boolean(flag)))
                case .integer(let number): attributes.append(.init(key, .integer(number)))
                case .double(let number): attributes.append(.init(key, .double(number)))
                case .null, .array, .object:
                    throw AgentError(.refused, "attribute '\(key)' must be text, a number, true or false")
                }
            }
            self = .mark(name: name, attributes: attributes)
        default:
            throw AgentError(.refused, "'do' must be mark or status")
        }
    }

    /// Why an event cannot be recorded: a run marker lacks something, or the name is the agent's own. Nil when all is well.
    package static func complaint(_ event: Event) -> String? {
        if Event.reservedNames.contains(event.name) {
            return "'\(event.name)' is an event of the agent's own; choose another name"
        }
        if ConsentChange.isName(event.name), ConsentChange(event) == nil {
            return "a change of consent needs subject=…, \(ConsentGiver.subjectRule)"
        }
        guard event.name == RunEvent.startName || event.name == RunEvent.stopName, RunEvent(event) == nil else {
            return nil
        }
        return "a run marker needs scenario=… and id=…, each \(Identifier.rule)"
    }
}
