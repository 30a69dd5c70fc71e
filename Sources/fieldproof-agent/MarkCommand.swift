import Agent
import ArgumentParser
import Telemetry

extension FieldproofAgent {
    struct Mark: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stores an event on the box, without any network.",
            discussion: """
                Returns when the event is on disk. Runs are marked so:

                  fieldproof-agent mark run.start scenario=grasp-and-place id=r17 subject=arm-07
                  fieldproof-agent mark run.stop  scenario=grasp-and-place id=r17 outcome=success

                A value of true or false is a boolean, a number is a number, everything else is text; id, scenario, subject, \
                outcome and failure_mode are always text.
                """)

        @Argument(help: "The event's name, such as run.start or estop.pressed.")
        var event: String

        @Argument(help: "Facts about it, each key=value.")
        var attributes: [String] = []

        @Option(name: .long, help: "The agent's control socket.")
        var socket = AgentSettings.defaultControlSocket

        func validate() throws {
            guard Series.isValidName(event) else {
                throw ValidationError("'\(event)' is not an event's name; use \(Series.nameRule)")
            }
            for attribute in attributes
            where attribute.firstIndex(of: "=") ?? attribute.startIndex == attribute.startIndex {
                throw ValidationError("'\(attribute)' is not key=value")
            }
            if let complaint = ControlRequest.complaint(Event(event, at: Timestamp(seconds: 0), attributes: parsed)) {
                throw ValidationError(complaint)
            }
        }

        func run() throws {
            do {
                try ControlClient(path: socket).mark(event, attributes: parsed)
            } catch {
                throw failure(error)
            }
        }

        private var parsed: [Event.Attribute] {
            attributes.compactMap { attribute in
                guard let separator = attribute.firstIndex(of: "=") else { return nil }
                let key = String(attribute[..<separator])
                return Event.Attribute(
                    key, Self.value(String(attribute[attribute.index(after: separator)...]), of: key))
            }
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
}
