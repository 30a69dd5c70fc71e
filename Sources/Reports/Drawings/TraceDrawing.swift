import Aggregation
import Scenarios
import Telemetry

/// A metric over the runs, in the order of the ledger: the samples of each run between their least and their greatest, how the run ended
/// above, whether its data are whole below, and the thresholds across.
struct TraceDrawing {
    let metric: Summary.Metric
    let trace: Summary.Trace
    let ledger: [Summary.LedgerEntry]
    let wording: Wording
    let frame: TraceFrame
    let bands: [RunBand]

    /// Nil where there is nothing to see: no trace, one that is of another ledger, or a single point.
    init?(_ metric: Summary.Metric, _ ledger: [Summary.LedgerEntry], _ wording: Wording) {
        guard let trace = metric.trace, trace.isOf(ledger), let frame = TraceFrame(trace),
            trace.stretches.reduce(0, { $0 + $1.points.count { $0 != nil } }) > 1
        else { return nil }
        self.metric = metric
        self.trace = trace
        self.ledger = ledger
        self.wording = wording
        self.frame = frame
        bands = trace.stretches.map { RunBand(ledger[$0.runs]) }
    }

    func draw(id: String, into page: inout Markup) {
        page.element("figure") { page in
            page.element("figcaption") { page in
                page.element("strong", title)
                if let limits = wording.limits(trace, unit: metric.unit) {
                    page.element("span", ["class": "muted"], " " + limits)
                }
            }
            Drawing.svg(
                id: id, class: "trace", height: TraceFrame.height, title: title,
                description: wording.traceDescription(self), into: &page
            ) { svg in
                holes(into: &svg)
                grid(into: &svg)
                for limit in trace.limits where frame.shows(limit.value) { line(limit, into: &svg) }
                marks(into: &svg)
                labels(into: &svg)
                endings(into: &svg)
                strip(into: &svg)
                axis(into: &svg)
            }
        }
    }

    private var title: String {
        let unit = UnitSymbol.text(metric.unit)
        return metric.id + (unit.isEmpty ? "" : wording.pick(" in \(unit)", "（\(unit)）"))
    }

    private func grid(into svg: inout Markup) {
        for mark in frame.marks {
            let y = frame.y(mark.value)
            Drawing.line("grid", from: (frame.left, y), to: (frame.right, y), into: &svg)
            Drawing.label(mark.text, "tick", x: frame.left - 6, y: y + 4, .end, into: &svg)
        }
        guard frame.step >= 24 else { return }
        for index in 1..<max(trace.stretches.count, 1) {
            let x = frame.x(index)
            Drawing.line("grid", from: (x, TraceFrame.top), to: (x, TraceFrame.axis), into: &svg)
        }
    }

    private func line(_ limit: Summary.Trace.Limit, into svg: inout Markup) {
        let y = frame.y(limit.value)
        let name = limit.kind == .criterion ? "threshold" : "level"
        Drawing.line(name, from: (frame.left, y), to: (frame.right, y), into: &svg)
    }

    /// Beside each threshold its name, where there is room; the caption has them all.
    private func labels(into svg: inout Markup) {
        var taken: [(y: Double, places: Int)] = []
        for limit in trace.limits.sorted(by: { $0.value > $1.value }) {
            let isShown = frame.shows(limit.value)
            let isAbove = frame.isAbove(limit.value)
            let number = wording.quantity(Figure.exact(limit.value), metric.unit)
            let sign = limit.comparator == .atMost ? "≤" : "≥"
            let name = VisibleText.shortened(limit.id, to: 190, size: Drawing.boldSize)
            let text = (isShown ? "" : isAbove ? "↑ " : "↓ ") + "\(name) \(sign) \(number)"
            let line = frame.y(limit.value)
            // On the bad side of the line, unless there is no room.
            let isOver = limit.comparator == .atMost ? line > TraceFrame.top + 16 : line > TraceFrame.bottom - 16
            let y = isShown ? isOver ? line - 5 : line + 14 : isAbove ? TraceFrame.top + 12 : TraceFrame.bottom - 5
            let place = taken.filter { abs($0.y - y) < 14 }.map(\.places).max().map { $0 + 1 } ?? 0
            taken.append((y, place))
            let style = limit.kind == .criterion ? "limit" : "limit safety"
            switch place {
            case 0: Drawing.label(text, style, x: frame.right - 4, y: y, .end, into: &svg)
            case 1: Drawing.label(text, style, x: frame.left + 6, y: y, .start, into: &svg)
            default: break
            }
        }
    }

    /// Under some of the runs their names, and when they began.
    private func axis(into svg: inout Markup) {
        Drawing.line(
            "axis", from: (frame.left, TraceFrame.axis), to: (frame.right, TraceFrame.axis), into: &svg)
        let every = Int((84 / frame.step).rounded(.up))
        let room = frame.step * Double(every) - 8
        for index in stride(from: 0, to: trace.stretches.count, by: every) {
            let entry = ledger[trace.stretches[index].runs.lowerBound]
            let x = frame.x(index)
            Drawing.line("axis", from: (x, TraceFrame.axis), to: (x, TraceFrame.axis + 5), into: &svg)
            guard x + 60 <= frame.right else { continue }
            let name = VisibleText.shortened(entry.run.text, to: room, size: 12)
            Drawing.label(name, "tick", x: x + 2, y: TraceFrame.axis + 16, .start, into: &svg)
            guard let start = entry.start.map({ Span.text($0) }) else { continue }
            var text = String(start.prefix(10))
            if trace.parts > 1, every == 1, room > 170 {
                text = start + (entry.duration.map { " · " + Span.text(seconds: $0) } ?? "")
            }
            Drawing.label(text, "tick", x: x + 2, y: TraceFrame.axis + 31, .start, into: &svg)
        }
    }
}

extension Summary.Trace {
    /// Whether its stretches are the ledger's runs, all of them and in order.
    fileprivate func isOf(_ ledger: [Summary.LedgerEntry]) -> Bool {
        var next = 0
        for stretch in stretches {
            guard stretch.runs.lowerBound == next, stretch.points.count == parts else { return false }
            next = stretch.runs.upperBound + 1
        }
        return next == ledger.count && next > 0
    }
}
