import ArgumentParser
import Collector

@main
struct Fieldproof: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fieldproof",
        abstract: "Collects what agents publish, and says per scenario whether it works: pass, fail, or not yet known.",
        version: CollectorVersion.text,
        subcommands: [
            Collect.self, ScenarioCommand.self, RunCommand.self, PlanCommand.self, ReportCommand.self,
            VerifyCommand.self,
            SchemaCommand.self, KeyCommand.self, Decode.self, Import.self, Rebuild.self,
        ])
}
