import Agent
import Arguments
import Telemetry

extension FieldproofAgent {
    private static let event: Parameter<String> = .argument(
        "event", "The event's name, such as run.start or estop.pressed.")
    private static let attributes: Parameter<[String]> = .remaining("attributes", "Facts about it, each key=value.")
    private static let socket: Parameter<String> = .option(
        "socket", "The agent's control socket.", default: AgentSettings.defaultControlSocket
    ).file

    static let markCommand = Command(
        "mark", "Stores an event on the box, without any network.",
        discussion: """
            Returns when the event is on disk. Runs are marked so:

              fieldproof-agent mark run.start scenario=grasp-and-place id=r7 subject=arm-07
              fieldproof-agent mark run.stop  scenario=grasp-and-place id=r7 outcome=success

            A value of true or false is a boolean, a number is a number, everything else is text; id, scenario, subject, \
            outcome and failure_mode are always text.
            """,
        [event.form, attributes.form, socket.form]
    ) { values in
        let event = values[event]
        guard Series.isValidName(event) else {
            throw UsageError("'\(event)' is not an event's name; use \(Series.nameRule)")
        }
        let attributes = try values[attributes].map(attribute)
        if let complaint = ControlRequest.complaint(Event(event, at: Timestamp(seconds: 0), attributes: attributes)) {
            throw UsageError(complaint)
        }
        try ControlClient(path: values[socket]).mark(event, attributes: attributes)
    }

    private static func attribute(_ text: String) throws(UsageError) -> Event.Attribute {
        guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
            throw UsageError("'\(text)' is not key=value")
        }
        let key = String(text[..<separator])
        return Event.Attribute(key, value(String(text[text.index(after: separator)...]), of: key))
    }

    private static let alwaysText: Set<String> = ["id", "scenario", "subject", "outcome", "failure_mode"]

    private static func value(_ text: String, of key: String) -> Value {
        if alwaysText.contains(key) { return .text(text) }
        if text == "true" || text == "false" { return .boolean(text == "true") }
        if let number = Int64(text) { return .integer(number) }
        if let number = Double(text), number.isFinite { return .double(number) }
        return .text(text)
    }
}
