import Agent
import ArgumentParser
import Inputs
import Platform
import Telemetry

extension FieldproofAgent {
    struct SampleCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sample", abstract: "Shows what inputs give, without storing or sending it.")

        @OptionGroup var options: ConfigOption

        @Option(name: .long, help: "Only the input of this name.")
        var input: String?

        @Option(name: .long, help: "How many samples and events to show.")
        var count = 50

        @Option(name: .long, help: "How long to wait for them, seconds.")
        var seconds = 10

        @Option(name: .long, help: "table, senml or line.")
        var format = FindingForm.table

        func validate() throws {
            guard count > 0, (1...3600).contains(seconds) else {
                throw ValidationError("--count must be 1 or more, --seconds from 1 to 3600")
            }
        }

        func run() throws {
            do {
                let settings = try options.load()
                let clock = SystemClock()
                let look = try InputLook(settings, only: input) { clock.now }
                guard !look.isEmpty else {
                    complain(
                        "there is no input '\(input ?? "")'; use one of \(settings.inputs.map(\.name).joined(separator: ", "))"
                    )
                    throw ExitStatus.usage
                }
                var shown = 0
                let identity = settings.identity
                try look.run(for: seconds) { finding in
                    if case .trouble(let message) = finding, format != .table { complain(message) }
                    if let text = finding.text(format, site: identity.site, agent: identity.agent) {
                        print(text)
                        if case .trouble = finding { return true }
                        shown += 1
                    }
                    return shown < count
                }
                if shown == 0 {
                    complain("nothing came within \(seconds) s")
                    throw ExitStatus.unavailable
                }
            } catch {
                throw failure(error)
            }
        }
    }
}

extension FindingForm: ExpressibleByArgument {}
