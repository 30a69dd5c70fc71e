import Agent
import Arguments
import Logging
import Platform

extension FieldproofAgent {
    private static let logLevel: Parameter<Logger.Level> = .option(
        "log-level", "trace, debug, info, notice, warning, error or critical.", default: .info)

    private static let coreDumps: Parameter<Bool> = .flag(
        "core-dumps", "Let the system keep the memory of a crash, which holds keys and passwords; for debugging.")

    static let runCommand = Command(
        "run", "Runs the agent until SIGTERM, which delivers what it can and exits 0.",
        [configOption.form, logLevel.form, coreDumps.form]
    ) { values in
        if !values[coreDumps] { keepMemoryPrivate() }
        let settings = try values.settings()
        let level = values[logLevel]
        let recent = RecentLog()
        LoggingSystem.bootstrap { _ in
            var handler = LineLogHandler()
            handler.logLevel = level
            return RecentLogHandler(handler, recent)
        }
        let logger = Logger(label: "fieldproof-agent")
        try AgentDaemon(settings, recent: recent, logger: logger) { try values.settings() }.run()
    }
}
