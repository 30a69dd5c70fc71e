import Aggregation
import ArgumentParser
import Collector
import JSON
import Reports
import Scenarios
import Storage
import Telemetry

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compares two subjects or versions, with an interval on each difference.",
        discussion: """
            Of one scenario in the collector's store: 'compare grasp-and-place --baseline arm-07 --candidate arm-08'.
            Of two summaries, from wherever they are: 'compare --baseline old.json --candidate new.json'.
            """)

    @OptionGroup var options: ConfigOption

    @Argument(help: "The scenario; without it two summaries are read.")
    var scenario: Identifier?

    @Option(name: .long, help: "The subject, or the summary's file, that is compared with.")
    var baseline: String

    @Option(name: .long, help: "The subject, or the summary's file, that is compared.")
    var candidate: String

    @Option(name: .long, help: "With which each interval holds: 0.95 or 95%.")
    var confidence = Share(0.95)

    @Option(name: .long, help: "en or zh.")
    var language = ReportLanguage.english

    @Flag(name: .long, help: "JSON, for programs.")
    var json = false

    @Flag(name: .long, help: "Exit 1 if the candidate is shown to be worse in any criterion.")
    var strict = false

    func run() throws {
        do {
            let (first, second) = try summaries()
            let comparison = try SummaryComparison(baseline: first, candidate: second, confidence: confidence.value)
            let text =
                json
                ? String(decoding: comparison.json.pretty(), as: UTF8.self)
                : ComparisonText(comparison, baseline: baseline, candidate: candidate, language: language).text
            print(text, terminator: "")
            if strict, comparison.isWorse { throw ExitStatus.negative }
        } catch {
            throw failure(error)
        }
    }

    private func summaries() throws -> (Summary, Summary) {
        guard let scenario else {
            return (try StatedSummary(baseline).summary, try StatedSummary(candidate).summary)
        }
        let settings = try options.load()
        let entry = try ScenarioLibrary.load(settings.scenarios).entry(scenario, in: settings.scenarios)
        let evidence = try StoredEvidence(settings)
        func summary(of subject: String) throws -> Summary {
            let summary = try evidence.summary(of: entry, EvidenceRoom.Selection(subject: subject))
            guard summary.runs.total != 0 else {
                throw CollectorError(.refused, "there is no run of a subject '\(subject)' in '\(scenario)'")
            }
            return summary
        }
        return (try summary(of: baseline), try summary(of: candidate))
    }
}
