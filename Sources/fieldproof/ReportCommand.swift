import Aggregation
import ArgumentParser
import Collector
import JSON
import Platform
import Reports
import Scenarios
import SegmentLog
import Signing
import Storage
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

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

    @Option(name: .long, help: "Only runs of this subject.")
    var subject: String?

    @Option(name: .long, help: "json, html, csv, md, junit, package, dsse or mcap.")
    var format = ExportForm.text(.json)

    @Option(
        name: .long,
        help: """
            Who will read it: for partner or public, what the definition does not share with them is refused or left out; none, \
            nobody outside, has all.
            """)
    var audience = Governance.Audience.none

    @Option(name: .long, help: "The language of html and md: en or zh.")
    var language = ReportLanguage.english

    @Option(
        name: .long, help: "A file, for package a directory or a file that ends in .zip; standard output without it.")
    var output: String?

    @Flag(name: .long, help: "Exit 1 unless the verdict is pass; junit: what is inconclusive counts as failed.")
    var strict = false

    func validate() throws {
        guard output == nil else { return }
        switch format {
        case .package: throw ValidationError("A package is a directory or a .zip file: name it by --output.")
        case .mcap where isatty(STDOUT_FILENO) != 0:
            throw ValidationError("An MCAP file is no text for a terminal: name a file by --output.")
        case .text, .dsse, .mcap: return
        }
    }

    func run() throws {
        do {
            let settings = try options.load()
            let entry = try ScenarioLibrary.load(settings.scenarios).entry(scenario, in: settings.scenarios)
            try entry.definition.check(format, for: audience)
            let selection = EvidenceRoom.Selection(from: from, to: to, site: site, subject: subject)
            let summary = try StoredEvidence(settings).summary(of: entry, selection).shared(with: audience)
            switch format {
            case .text(let format):
                try hand(out: Report.text(summary, format: format, language: language, isStrict: strict))
            case .dsse:
                keepMemoryPrivate()
                let key = try KeyFile.load(options.signingKey())
                var envelope = Envelope(SummaryStatement.bytes(of: summary), type: SummaryStatement.mediaType)
                try envelope.sign(with: key)
                try hand(out: String(decoding: envelope.json.pretty(), as: UTF8.self))
            case .mcap:
                try record(summary, RunReplay(settings, entry, selection))
            case .package:
                let output = output ?? ""
                if output.hasSuffix(".zip") {
                    try OutputFile.write(DataPackage(summary).zip, to: output)
                } else {
                    try OutputDirectory.write(DataPackage(summary), to: output)
                }
            }
            if strict, summary.verdict != .pass { throw ExitStatus.negative }
        } catch {
            throw failure(error)
        }
    }
}

extension ReportCommand {
    private func record(_ summary: Summary, _ replay: RunReplay<POSIXFileSystem>) throws {
        var replay = replay
        guard let output else {
            return try record(summary, &replay) { try OutputFile.append($0, to: STDOUT_FILENO, "standard output") }
        }
        let file = try OutputFile(at: output)
        try record(summary, &replay) { try file.append($0) }
        try file.finish()
    }

    private func record(
        _ summary: Summary, _ replay: inout RunReplay<POSIXFileSystem>, sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        var recording = try RunRecording(of: summary, sink: sink)
        try replay.play { moment in
            switch moment.content {
            case .sample(let series, let value, let quality):
                try recording.write(
                    value, quality, of: series, site: moment.site, agent: moment.agent, at: moment.time)
            case .event(let event):
                try recording.write(event, site: moment.site, agent: moment.agent)
            }
        }
        try recording.finish()
    }

    private func hand(out text: String) throws {
        if let output {
            try OutputFile.write(text, to: output)
        } else {
            print(text, terminator: "")
        }
    }
}

extension ReportLanguage: ExpressibleByArgument {}
