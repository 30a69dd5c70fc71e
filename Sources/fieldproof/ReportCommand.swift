import Aggregation
import ArgumentParser
import Collector
import JSON
import Reports
import Scenarios
import Signing
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

    @Option(name: .long, help: "json, html, csv, md, junit, package or dsse.")
    var format = ExportForm.text(.json)

    @Option(name: .long, help: "The language of html and md: en or zh.")
    var language = ReportLanguage.english

    @Option(name: .long, help: "A file, for package a directory; standard output without it.")
    var output: String?

    @Flag(name: .long, help: "Exit 1 unless the verdict is pass; junit: what is inconclusive counts as failed.")
    var strict = false

    func validate() throws {
        guard output == nil, case .package = format else { return }
        throw ValidationError("A package is a directory: name it by --output.")
    }

    func run() throws {
        do {
            let settings = try options.load()
            let entry = try ScenarioLibrary.load(settings.scenarios).entry(scenario, in: settings.scenarios)
            let summary = try StoredEvidence(settings).summary(of: entry, .init(from: from, to: to, site: site))
            switch format {
            case .text(let format):
                try hand(out: Report.text(summary, format: format, language: language, isStrict: strict))
            case .dsse:
                let key = try KeyFile.load(options.signingKey())
                var envelope = Envelope(SummaryStatement.bytes(of: summary), type: SummaryStatement.mediaType)
                try envelope.sign(with: key)
                try hand(out: String(decoding: envelope.json.pretty(), as: UTF8.self))
            case .package:
                try OutputDirectory.write(DataPackage(summary), to: output ?? "")
            }
            if strict, summary.verdict != .pass { throw ExitStatus.negative }
        } catch {
            throw failure(error)
        }
    }
}

extension ReportCommand {
    private func hand(out text: String) throws {
        if let output {
            try OutputFile.write(text, to: output)
        } else {
            print(text, terminator: "")
        }
    }
}

extension ReportLanguage: ExpressibleByArgument {}
