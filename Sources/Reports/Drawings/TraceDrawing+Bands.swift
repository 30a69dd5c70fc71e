import Aggregation

/// What lies behind, above and below the values: silence, endings, and data with holes.
extension TraceDrawing {
    /// Hatched from top to bottom where samples were due and none is there.
    func holes(into svg: inout Markup) {
        let silent = trace.stretches.indices.flatMap { index in
            (0..<trace.parts).map { isSilent(index, part: $0) }
        }
        for row in rows(of: silent) where row.value {
            Self.hatched(
                Pattern.hole, x: frame.x(0, part: row.range.lowerBound), width: Double(row.range.count) * frame.part,
                y: TraceFrame.top, height: TraceFrame.bottom - TraceFrame.top, into: &svg)
        }
    }

    /// Whether a part without samples is a hole: all of a run is one; less of it only where samples are due more often than that.
    func isSilent(_ stretch: Int, part: Int) -> Bool {
        let points = trace.stretches[stretch].points
        guard points[part] == nil else { return false }
        if points.allSatisfy({ $0 == nil }) { return true }
        guard let every = trace.every, let length = ledger[trace.stretches[stretch].runs.lowerBound].duration else {
            return false
        }
        return length / Double(trace.parts) >= 1.5 * every
    }

    /// How the runs ended: filled, hatched from below as many as did not succeed, hollow where they do not count.
    func endings(into svg: inout Markup) {
        for row in rows(of: bands.map { [$0.ending == .excluded ? 1 : 0, $0.otherShare] }) {
            let (x, width) = (frame.x(row.range.lowerBound), Double(row.range.count) * frame.step)
            let (top, height) = (TraceFrame.bandTop, TraceFrame.bandHeight)
            guard row.value[0] == 0 else {
                Self.rectangle("hollow", x: x + 0.5, y: top + 0.5, width: width - 1, height: height - 1, into: &svg)
                continue
            }
            let others = row.value[1] > 0 ? max(3, height * row.value[1]) : 0
            if others < height {
                Self.rectangle("ended", x: x, y: top, width: width, height: height - others, into: &svg)
            }
            if others > 0 {
                Self.hatched(
                    Pattern.other, x: x, width: width, y: top + height - others, height: others, into: &svg)
            }
        }
    }

    /// Whose data have holes.
    func strip(into svg: inout Markup) {
        for row in rows(of: bands.map(\.hasHoles)) where row.value {
            Self.hatched(
                Pattern.hole, x: frame.x(row.range.lowerBound), width: Double(row.range.count) * frame.step,
                y: TraceFrame.stripTop, height: TraceFrame.stripHeight, into: &svg)
        }
    }

    /// Neighbours that are alike, joined.
    private func rows<Value: Equatable>(of values: [Value]) -> [(value: Value, range: Range<Int>)] {
        var rows: [(value: Value, range: Range<Int>)] = []
        for (index, value) in values.enumerated() {
            if let last = rows.last, last.value == value {
                rows[rows.count - 1].range = last.range.lowerBound..<(index + 1)
            } else {
                rows.append((value, index..<(index + 1)))
            }
        }
        return rows
    }

    static func rectangle(
        _ name: String, x: Double, y: Double, width: Double, height: Double, into svg: inout Markup
    ) {
        svg.element(
            "rect",
            [
                "class": name, "x": Drawing.number(x), "y": Drawing.number(y),
                "width": Drawing.number(max(width, 0.5)), "height": Drawing.number(height),
            ], "")
    }

    static func hatched(
        _ pattern: Pattern, x: Double, width: Double, y: Double, height: Double, into svg: inout Markup
    ) {
        svg.element(
            "rect",
            [
                "x": Drawing.number(x), "y": Drawing.number(y), "width": Drawing.number(width),
                "height": Drawing.number(height), "fill": "url(#\(pattern.rawValue))",
            ], "")
    }

    /// Hatchings that a page defines once, by their ids.
    enum Pattern: String, CaseIterable {
        case hole = "hatch-hole"
        case other = "hatch-other"

        func define(into svg: inout Markup) {
            let size = self == .hole ? "6" : "4"
            svg.element(
                "pattern", ["id": rawValue, "patternUnits": "userSpaceOnUse", "width": size, "height": size]
            ) { svg in
                let path = self == .hole ? "M-1 7L7 -1M-1 1L1 -1M5 7L7 5" : "M-1 -1L5 5M3 -1L5 1M-1 3L1 5"
                svg.element("rect", ["class": "\(rawValue)-ground", "width": size, "height": size], "")
                svg.element("path", ["class": rawValue, "d": path], "")
            }
        }
    }
}
