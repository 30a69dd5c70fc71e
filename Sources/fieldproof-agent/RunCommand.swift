import Agent
public import ArgumentParser
public import Logging
import Platform

extension FieldproofAgent {
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs the agent until SIGTERM, which delivers what it can and exits 0.")

        @OptionGroup var options: ConfigOption

        @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
        var logLevel = Logger.Level.info

        func run() throws {
            do {
                let settings = try options.load()
                let level = logLevel
                LoggingSystem.bootstrap { _ in
                    var handler = LineLogHandler()
                    handler.logLevel = level
                    return handler
                }
                try AgentDaemon(settings, logger: Logger(label: "fieldproof-agent")).run()
            } catch {
                throw failure(error)
            }
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
