import Aggregation
import ArgumentParser
import Collector
import Configuration
import JSON
import Platform
import Reports
import Scenarios
import Signing
import Storage

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recomputes a summary from the archive and the definition, and names what differs.",
        discussion: """
            Nothing is changed, the collector's store is not looked at, and a collector may run. What was recorded after the summary was \
            made is passed over. Exit 1 when something differs.
            """)

    @OptionGroup var options: ConfigOption

    @Argument(help: "A summary: JSON, a signed envelope (dsse), or the directory of a package.")
    var path: String

    @Option(name: .long, help: "The definition; else that of the same id in the collector's scenarios.")
    var definition: String?

    @Option(
        name: .long, help: "The public key (PEM) of who should have signed; else that of the collector's signing key.")
    var key: String?

    func run() throws {
        do {
            let settings = try options.load()
            let evidence = try StatedSummary(path)
            let findings = Findings()
            findings.summary(evidence.summary)
            try findings.hashes(evidence)
            try findings.signature(evidence, key: key, settings)
            if let entry = try findings.definition(evidence.summary, try entry(of: evidence.summary, settings)) {
                try recompute(evidence.summary, entry, settings, findings)
            }
            print(findings.text, terminator: "")
            if findings.isBroken { throw ExitStatus.negative }
        } catch {
            throw failure(error)
        }
    }

    private func entry(of summary: Summary, _ settings: CollectorSettings) throws -> ScenarioLibrary.Entry {
        if let definition {
            return ScenarioLibrary.Entry(try ScenarioDefinition(ConfigurationFile.load(definition)))
        }
        return try ScenarioLibrary.load(settings.scenarios).entry(summary.scenario.id, in: settings.scenarios)
    }

    private func recompute(
        _ summary: Summary, _ entry: ScenarioLibrary.Entry, _ settings: CollectorSettings, _ findings: Findings
    ) throws {
        let scratch = try ScratchDirectory()
        defer { scratch.remove() }
        let bar = ProgressBar()
        defer { bar.end() }
        let outcome = try Verification(entry, archive: settings.archive, scratch: scratch.path).verify(summary) {
            bar.show($0)
        }
        findings.archive(outcome, summary)
    }
}

/// What is found, as lines of a table.
private final class Findings {
    private var rows: [(name: String, text: String)] = []
    private(set) var isBroken = false

    var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        let lines = rows.map { name, text in
            name + String(repeating: " ", count: width - name.count + 2) + text + "\n"
        }
        return lines.joined() + (isBroken ? "NOT VERIFIED\n" : "verified\n")
    }

    private func good(_ name: String, _ text: String) { rows.append((name, Self.visible(text))) }

    private func bad(_ name: String, _ text: String) {
        rows.append((name, Self.visible(text)))
        isBroken = true
    }

    /// On one line: what is verified comes from anywhere.
    private static func visible(_ text: String) -> String {
        VisibleText.of(text).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    func summary(_ summary: Summary) {
        var parts: [String] = []
        if let selection = summary.reproduction.selection {
            if let from = selection.from { parts.append("from \(from)") }
            if let to = selection.to { parts.append("to \(to)") }
            if let site = selection.site { parts.append("site \(site)") }
            if let subject = selection.subject { parts.append("subject \(subject)") }
        }
        let part = parts.isEmpty ? "" : " (only \(parts.joined(separator: ", ")))"
        good("summary", "\(summary.scenario.id) \(summary.scenario.version): \(summary.verdict.rawValue)\(part)")
    }

    func hashes(_ evidence: StatedSummary) throws {
        guard let wrong = evidence.wrongFiles else { return }
        for file in wrong { bad("package", file) }
        if wrong.isEmpty { good("package", "every file is what the summary gives") }
    }

    func signature(_ evidence: StatedSummary, key: String?, _ settings: CollectorSettings) throws {
        guard let envelope = evidence.envelope else {
            if key != nil {
                bad("signature", "none, although a key was given: sign it, or leave out --key")
            } else {
                good("signature", "none: what follows shows that it agrees with this archive, not who made it")
            }
            return
        }
        guard evidence.isWhole else {
            bad("signature", "what is signed is not the statement about this summary")
            return
        }
        let publicKey: PublicKey
        if let key {
            publicKey = try PublicKey(pem: readText(key), path: key)
        } else if let own = settings.signingKey {
            keepMemoryPrivate()
            publicKey = try KeyFile.load(own).publicKey
        } else {
            bad("signature", "not checked: give the signer's public key by --key")
            return
        }
        if envelope.isSigned(by: publicKey) {
            good("signature", "by the key \(publicKey.keyID)")
        } else {
            bad("signature", "not by the key \(publicKey.keyID), or what it covers was changed")
        }
    }

    /// Nil when the definition is another one, so that there is nothing to compute.
    func definition(_ summary: Summary, _ entry: ScenarioLibrary.Entry) throws -> ScenarioLibrary.Entry? {
        guard entry.digest == summary.scenario.digest else {
            bad(
                "definition",
                "the summary was made under \(summary.scenario.digest), this definition is \(entry.digest) (version "
                    + "\(entry.definition.version)); name the right file by --definition")
            return nil
        }
        good("definition", entry.digest)
        return entry
    }

    func archive(_ outcome: Verification.Outcome, _ summary: Summary) {
        for positions in outcome.damaged.prefix(20) {
            bad("archive", "damaged at log positions \(positions.lowerBound) to \(positions.upperBound)")
        }
        for frame in outcome.breaks.prefix(20) {
            bad("archive", "frame \(frame) does not follow the one before it: one of them was changed")
        }
        for position in outcome.noteBreaks.prefix(20) {
            bad(
                "archive",
                "the note at log position \(position) does not follow the note before it: one was changed, left out or put in"
            )
        }
        if outcome.damaged.isEmpty, outcome.breaks.isEmpty, outcome.noteBreaks.isEmpty {
            good(
                "archive",
                "\(outcome.frames) frames of \(outcome.streams) streams, every checksum and every link of the hash chains is good"
            )
        }
        if outcome.unchecked > 0 {
            good("", "\(outcome.unchecked) frames follow one that is not there, so their link says nothing")
        }
        if outcome.unlinkedNotes > 0 {
            good(
                "",
                "\(outcome.unlinkedNotes) notes are of an earlier version and have no link: whether one was changed cannot be told"
            )
        }
        if let today = outcome.today, outcome.differences.isEmpty {
            good(
                "",
                "it has grown since, and was looked at as it was then; today it says \(today.verdict.rawValue), "
                    + "with \(today.runs.counted.map { "\($0)" } ?? "a number of") runs"
            )
        }
        if outcome.recomputed.reproduction.expiredRuns > 0 {
            bad(
                "archive",
                "frames of \(outcome.recomputed.reproduction.expiredRuns) runs have expired; nobody can recompute them")
        }
        for difference in outcome.differences.prefix(50) { bad("differs", "\(difference)") }
        if outcome.differences.count > 50 { bad("differs", "and in \(outcome.differences.count - 50) more places") }
        if outcome.differences.isEmpty { good("recomputed", "the same, every number and word") }
        if summary.scenario.isChangedSinceFirstRun {
            good("note", "the definition was changed after the first run, as the summary says")
        }
    }
}
