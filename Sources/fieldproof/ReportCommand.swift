import Aggregation
import ArgumentParser
import Collector
import Reports
import Scenarios
import Storage
import Telemetry

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes the validation summary of a scenario.",
        discussion: "Works while the collector runs. With --strict, any verdict but pass exits 1.")

    @OptionGroup var options: ConfigOption

    @Argument(help: "The scenario.")
    var scenario: Identifier

    @Option(name: .long, help: "Only runs that started at this time or later (RFC 3339).")
    var from: Timestamp?

    @Option(name: .long, help: "Only runs that started at this time or earlier.")
    var to: Timestamp?

    @Option(name: .long, help: "Only this site.")
    var site: Identifier?

    @Option(name: .long, help: "json, html, csv or md.")
    var format = ReportFormat.json

    @Option(name: .long, help: "The language of html and md: en or zh.")
    var language = ReportLanguage.english

    @Option(name: .long, help: "A file; standard output without it.")
    var output: String?

    @Flag(name: .long, help: "Exit 1 unless the verdict is pass.")
    var strict = false

    func run() throws {
        do {
            let settings = try options.load()
            let entry = try ScenarioLibrary.load(settings.scenarios).entry(scenario, in: settings.scenarios)
            let summary = try StoredEvidence(settings).summary(of: entry, .init(from: from, to: to, site: site))
            let text = Report.text(summary, format: format, language: language)
            if let output {
                try OutputFile.write(text, to: output)
            } else {
                print(text, terminator: "")
            }
            if strict, summary.verdict != .pass { throw ExitStatus.negative }
        } catch {
            throw failure(error)
        }
    }
}

extension ReportFormat: ExpressibleByArgument {}
extension ReportLanguage: ExpressibleByArgument {}
