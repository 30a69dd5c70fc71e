import Agent
import ArgumentParser

@main
struct FieldproofAgent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fieldproof-agent",
        abstract:
            "Collects sensor and robot metrics on an edge box, keeps them safe on disk, and publishes them over MQTT.",
        version: AgentVersion.text,
        subcommands: [Run.self, Check.self, SampleCommand.self, InputsCommand.self, SpoolCommand.self, Mark.self])
}
