import Agent
import ArgumentParser
import Connection
import Inputs
import Telemetry

extension FieldproofAgent {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a configuration without touching network or hardware.")

        @OptionGroup var options: ConfigOption

        func run() throws {
            do {
                let settings = try options.load()
                _ = try settings.broker.options(clientID: settings.identity.agent.text)
                let inputs = settings.inputs.map { "\($0.name) (\($0.kind))" }.joined(separator: ", ")
                print(
                    "\(options.config): agent \(settings.identity.agent) at site \(settings.identity.site), inputs: \(inputs)"
                )
            } catch {
                throw failure(error)
            }
        }
    }
}
