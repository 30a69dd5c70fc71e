import Agent
import ArgumentParser
import Platform

@main
struct FieldproofAgent: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fieldproof-agent",
        abstract:
            "Collects sensor and robot metrics on an edge box, keeps them safe on disk, and publishes them over MQTT.",
        version: AgentVersion.text,
        subcommands: [Run.self, Check.self, SampleCommand.self, InputsCommand.self, SpoolCommand.self, Mark.self])

    /// As the library's own, but for the way out.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
            endProcess(ExitCode.success.rawValue)
        } catch {
            let (status, message) = (exitCode(for: error), fullMessage(for: error))
            if !message.isEmpty { status.isSuccess ? print(message) : complain(message) }
            endProcess(status.rawValue)
        }
    }
}
