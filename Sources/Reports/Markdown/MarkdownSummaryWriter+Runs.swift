import Aggregation
import Telemetry

/// The runs: all of a short ledger, those to read of a long one.
extension MarkdownSummaryWriter {
    private static let shortLedger = 50
    private static let mostToRead = 100

    func runs(_ summary: Summary) -> String {
        var text = "## \(wording.runLedger)\n\n"
        guard !summary.ledger.isEmpty || summary.governance.sharing != nil else { return text + wording.noRuns + "\n" }
        text += escaped(wording.runCounts(summary.runs) + wording.colon + wording.outcomes(summary.runs)) + "\n"
        guard !summary.ledger.isEmpty else { return text + "\n\(wording.ledgerNotShared)\n" }
        if let note = wording.ledgerOfCounted(summary) { text += "\n\(note)\n" }
        let modes = FailureModes(summary.ledger).counts.prefix(10)
        if !modes.isEmpty {
            let list = modes.map { "\($0.mode) \(Figure.count($0.count))" }.joined(separator: wording.pick(", ", "，"))
            text += "\n\(wording.failureModes)\(wording.colon)\(escaped(list))\n"
        }
        let isShort = summary.ledger.count <= Self.shortLedger
        let entries = isShort ? summary.ledger : summary.ledger.filter(\.needsReading)
        guard !entries.isEmpty else { return text }
        if !isShort { text += "\n### \(wording.failures)\n\n\(escaped(wording.failuresNote))\n" }
        return text + "\n" + ledger(entries)
    }

    private func ledger(_ entries: [Summary.LedgerEntry]) -> String {
        var text = MarkdownText.header([
            (wording.run, .text), (wording.site, .text), (wording.subject, .text), (wording.start, .text),
            (wording.duration, .number), (wording.outcome, .text), (wording.failureMode, .text),
            (wording.intervention, .text), (wording.runData, .text), (wording.remarks, .text),
        ])
        for entry in entries.prefix(Self.mostToRead) {
            text += MarkdownText.row([
                entry.run.text, entry.site.text, escaped(entry.subject ?? Figure.missing),
                entry.start.map { Span.text($0) } ?? Figure.missing,
                entry.duration.map { Span.text(seconds: $0) } ?? Figure.missing, escaped(wording.outcome(entry)),
                escaped(entry.failureMode ?? Figure.missing), wording.intervention(entry),
                escaped(wording.data(entry.completeness)), escaped(wording.remarks(entry)),
            ])
        }
        let rest = entries.count - Self.mostToRead
        return rest > 0 ? text + "\n\(wording.moreRows(rest))\n" : text
    }
}
