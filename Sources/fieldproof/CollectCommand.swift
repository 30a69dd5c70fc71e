public import ArgumentParser
import Collector
public import Logging
import Platform

struct Collect: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs the collector until SIGTERM, which exits 0.")

    @OptionGroup var options: ConfigOption

    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.info

    @Flag(
        name: .long, help: "Let the system keep the memory of a crash, which holds keys and passwords; for debugging.")
    var coreDumps = false

    func run() throws {
        if !coreDumps { keepMemoryPrivate() }
        do {
            let settings = try options.load()
            let level = logLevel
            LoggingSystem.bootstrap { _ in
                var handler = LineLogHandler()
                handler.logLevel = level
                return handler
            }
            try CollectorDaemon(settings, logger: Logger(label: "fieldproof")).run()
        } catch {
            throw failure(error)
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
