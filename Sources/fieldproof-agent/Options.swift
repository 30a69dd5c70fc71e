import Agent
import ArgumentParser
import Configuration

/// `--config`, with what it names.
struct ConfigOption: ParsableArguments {
    @Option(name: .long, help: "The agent's configuration.")
    var config = "/etc/fieldproof/agent.yaml"

    /// Reads and checks the whole file.
    func load() throws(ConfigurationError) -> AgentSettings {
        try ConfigurationFile.load(config).decode(AgentSettings.self)
    }
}
