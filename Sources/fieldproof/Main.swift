import ArgumentParser
import Collector
import Platform

@main
struct Fieldproof: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fieldproof",
        abstract: "Collects what agents publish, and says per scenario whether it works: pass, fail, or not yet known.",
        version: CollectorVersion.text,
        subcommands: [
            Collect.self, ScenarioCommand.self, RunCommand.self, PlanCommand.self, ReportCommand.self,
            VerifyCommand.self, CompareCommand.self, FleetCommand.self, SchemaCommand.self, KeyCommand.self,
            Import.self, Decode.self,
            Rebuild.self,
        ])

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
