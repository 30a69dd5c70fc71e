import Aggregation
import Telemetry

/// The runs: how they ended, how they spread, which of them to read, and all of them.
extension HTMLSummaryWriter {
    /// Ledgers up to this length are open from the start, so that they print.
    private static let shortLedger = 50
    /// Above this length the runs to read are listed on their own.
    private static let glanceable = 20
    private static let mostToRead = 100
    /// What a browser shows without delay, and nobody reads further; the CSV ledger has all.
    private static let mostListed = 1000

    func runs(_ summary: Summary, into page: inout Markup) {
        section("runs", wording.runLedger, into: &page) { page in
            guard !summary.ledger.isEmpty || summary.governance.sharing != nil else {
                return page.element("p", wording.noRuns)
            }
            page.element("p") { page in
                page.text(wording.runCounts(summary.runs) + wording.colon + wording.outcomes(summary.runs))
            }
            guard !summary.ledger.isEmpty else { return page.element("p", wording.ledgerNotShared) }
            if let note = wording.ledgerOfCounted(summary) { page.element("p", note) }
            strips(summary, into: &page)
            let modes = FailureModes(summary.ledger).counts
            if !modes.isEmpty { failureModes(modes, into: &page) }
            let toRead = summary.ledger.filter(\.needsReading)
            if summary.ledger.count > Self.glanceable, !toRead.isEmpty {
                page.element("h3", wording.failures)
                page.element("p", ["class": "intro"], wording.failuresNote)
                ledger(toRead, most: Self.mostToRead, wording.failures, into: &page)
            }
            let isOpen = summary.ledger.count <= Self.shortLedger
            page.element("details", ["open": isOpen ? "open" : ""]) { page in
                page.element("summary", wording.allRuns(summary.ledger.count))
                ledger(summary.ledger, most: Self.mostListed, wording.allRuns(summary.ledger.count), into: &page)
            }
        }
    }

    private func strips(_ summary: Summary, into page: inout Markup) {
        let counted = summary.ledger.filter { $0.excluded == nil }
        let durations = counted.compactMap { entry in
            entry.duration.map { DistributionStrip.Value(amount: $0, isSuccess: entry.isSuccess) }
        }
        DistributionStrip(wording.durationStrip, unit: "s", durations, threshold: nil, wording)
            .draw(id: "strip-duration", into: &page)
        for (index, criterion) in summary.criteria.enumerated() {
            let values = counted.compactMap { entry in
                entry.values.first { $0.criterion == criterion.id }.map {
                    DistributionStrip.Value(amount: $0.value, isSuccess: entry.isSuccess)
                }
            }
            DistributionStrip(
                wording.valueStrip(criterion), unit: criterion.unit, values, threshold: criterion, wording
            )
            .draw(id: "strip-\(index + 1)", into: &page)
        }
    }

    private func failureModes(_ modes: [(mode: String, count: Int)], into page: inout Markup) {
        table(
            wording.failureModes, class: "narrow", columns: [.text(wording.failureMode), .number(wording.runsColumn)],
            into: &page
        ) { page in
            page.element("tbody") { page in
                for mode in modes.prefix(Self.glanceable) {
                    page.element("tr") { page in
                        page.element("th", ["scope": "row", "class": "free"], mode.mode)
                        page.element("td", ["class": "number"], Figure.count(mode.count))
                    }
                }
                if modes.count > Self.glanceable { more(modes.count - Self.glanceable, columns: 2, into: &page) }
            }
        }
    }

    private func ledger(_ entries: [Summary.LedgerEntry], most: Int, _ caption: String, into page: inout Markup) {
        let columns: [Column] = [
            .text(wording.run), .text(wording.site), .text(wording.subject), .text(wording.start),
            .number(wording.duration), .text(wording.outcome), .text(wording.failureMode), .text(wording.intervention),
            .text(wording.runData), .text(wording.remarks),
        ]
        table(caption, class: "small ledger", columns: columns, into: &page) { page in
            page.element("tbody") { page in
                for entry in entries.prefix(most) { row(entry, into: &page) }
                if entries.count > most { more(entries.count - most, columns: columns.count, into: &page) }
            }
        }
    }

    private func row(_ entry: Summary.LedgerEntry, into page: inout Markup) {
        page.element("tr", ["class": entry.excluded != nil ? "excluded" : entry.needsReading ? "marked" : ""]) { page in
            page.element("th", ["scope": "row"], entry.run.text)
            page.element("td", entry.site.text)
            page.element("td", ["class": "free"], entry.subject ?? Figure.missing)
            page.element("td", ["class": "time"], entry.start.map { Span.text($0) } ?? Figure.missing)
            page.element("td", ["class": "number"], entry.duration.map { Span.text(seconds: $0) } ?? Figure.missing)
            page.element("td", ["class": "free"], wording.outcome(entry))
            page.element("td", ["class": "free"], entry.failureMode ?? Figure.missing)
            page.element("td", wording.intervention(entry))
            page.element("td", wording.data(entry.completeness))
            page.element("td", ["class": "free"], wording.remarks(entry))
        }
    }

    private func more(_ count: Int, columns: Int, into page: inout Markup) {
        page.element("tr") { page in
            page.element("td", ["colspan": "\(columns)", "class": "muted"], wording.moreRows(count))
        }
    }
}
