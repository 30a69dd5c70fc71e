import Agent
import Arguments
import Configuration

let configOption: Parameter<String> = .option(
    "config", "The agent's configuration.", default: "/etc/fieldproof/agent.yaml"
).file

let jsonFlag: Parameter<Bool> = .flag("json", "Print JSON.")

extension Values {
    /// Reads and checks the whole configuration.
    func settings() throws(ConfigurationError) -> AgentSettings {
        try ConfigurationFile.load(self[configOption]).decode(AgentSettings.self)
    }
}
