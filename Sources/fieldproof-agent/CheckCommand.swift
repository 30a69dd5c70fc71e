import Agent
import Arguments
import Certificates
import Connection
import Inputs
import Mosquitto
import Platform
import Telemetry

extension FieldproofAgent {
    static let checkCommand = Command(
        "check", "Checks a configuration without touching network or hardware.", [configOption.form]
    ) { values in
        keepMemoryPrivate()
        let settings = try values.settings()
        let options = try settings.broker.options(clientID: settings.identity.agent.text)
        if let fault = options.identity?.fault(at: SystemClock().now) { complain("warning: \(fault)") }
        if let fault = options.identity?.unfinished { complain("warning: \(fault)") }
        // A key that cannot be used is found here, not at the start.
        _ = try Redaction(settings.pipeline)
        let inputs = settings.inputs.map { "\($0.name) (\($0.kind))" }.joined(separator: ", ")
        print(
            "\(values[configOption]): agent \(settings.identity.agent) at site \(settings.identity.site), "
                + "inputs: \(inputs)")
    }
}
