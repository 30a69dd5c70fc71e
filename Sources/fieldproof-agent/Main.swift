import Agent
import Arguments
import Platform

@main
enum FieldproofAgent {
    static let command = Command(
        "fieldproof-agent",
        "Collects sensor and robot metrics on an edge box, keeps them safe on disk, and publishes them over MQTT.",
        [runCommand, checkCommand, sampleCommand, inputsCommand, spoolCommand, markCommand, credentialsCommand])

    static func main() {
        do {
            switch try command.parse(Array(CommandLine.arguments.dropFirst())) {
            case .action(let act): try act()
            case .help(let text): print(text)
            case .version: print(AgentVersion.text)
            }
            endProcess(0)
        } catch {
            endProcess(failure(error).code)
        }
    }
}
