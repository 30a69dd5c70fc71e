import Aggregation

/// Time series: each metric over the runs.
extension HTMLSummaryWriter {
    func traces(_ summary: Summary, into page: inout Markup) {
        let drawings = summary.metrics.compactMap { TraceDrawing($0, summary.ledger, wording) }
        guard !drawings.isEmpty else { return }
        section("traces", wording.traces, into: &page) { page in
            let isGrouped = drawings.contains { $0.trace.stretches.count < summary.ledger.count }
            page.element("p", ["class": "intro"], wording.tracesIntro(summary.ledger.count, isGrouped: isGrouped))
            legend(drawings, into: &page)
            for (index, drawing) in drawings.enumerated() { drawing.draw(id: "trace-\(index + 1)", into: &page) }
        }
    }

    /// What occurs in one of the drawings.
    private func legend(_ drawings: [TraceDrawing], into page: inout Markup) {
        page.element("svg", ["class": "patterns", "viewBox": "0 0 1 1", "aria-hidden": "true", "focusable": "false"]) {
            svg in
            svg.element("defs") { svg in
                for pattern in TraceDrawing.Pattern.allCases { pattern.define(into: &svg) }
            }
        }
        let endings = Set(drawings.flatMap(\.bands).map(\.ending))
        let kinds = Set(drawings.flatMap(\.trace.limits).map(\.kind))
        let isHoled = drawings.contains { drawing in
            drawing.bands.contains(where: \.hasHoles)
                || drawing.trace.stretches.indices.contains { index in
                    (0..<drawing.trace.parts).contains { drawing.isSilent(index, part: $0) }
                }
        }
        page.element("ul", ["class": "legend"]) { page in
            if endings != [.excluded] {
                key(wording.legendSuccess, into: &page) {
                    TraceDrawing.rectangle("ended", x: 0, y: 2, width: 24, height: 10, into: &$0)
                }
            }
            if endings.contains(.other) {
                key(wording.legendOther, into: &page) {
                    TraceDrawing.hatched(.other, x: 0, width: 24, y: 2, height: 10, into: &$0)
                }
            }
            if endings.contains(.excluded) {
                key(wording.legendExcluded, into: &page) {
                    TraceDrawing.rectangle("hollow", x: 0.5, y: 2.5, width: 23, height: 9, into: &$0)
                }
            }
            if isHoled {
                key(wording.legendHole, into: &page) {
                    TraceDrawing.hatched(.hole, x: 0, width: 24, y: 1, height: 12, into: &$0)
                }
            }
            if kinds.contains(.criterion) {
                key(wording.legendThreshold, into: &page) {
                    Drawing.line("threshold", from: (0, 7), to: (24, 7), into: &$0)
                }
            }
            if kinds.contains(.safety) {
                key(wording.legendLevel, into: &page) { Drawing.line("level", from: (0, 7), to: (24, 7), into: &$0) }
            }
        }
    }

    private func key(_ text: String, into page: inout Markup, draw: (inout Markup) -> Void) {
        page.element("li") { page in
            page.element(
                "svg", ["class": "key", "viewBox": "0 0 24 14", "aria-hidden": "true", "focusable": "false"],
                content: draw)
            page.element("span", text)
        }
    }
}
