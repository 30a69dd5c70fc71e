import Aggregation
import Scenarios

/// The intervals of one criterion over one axis, each a bar with its estimate, against the threshold.
struct IntervalDrawing {
    private static let top = 26.0
    private static let rowHeight = 48.0
    private static let axisHeight = 26.0

    private let criterion: Summary.Criterion
    private let rows: [IntervalRow]
    private let wording: Wording
    private let scale: CriterionScale

    init(_ criterion: Summary.Criterion, _ rows: [IntervalRow], _ wording: Wording) {
        self.criterion = criterion
        self.rows = rows
        self.wording = wording
        scale = CriterionScale(criterion, wording)
    }

    func draw(id: String, into page: inout Markup) {
        guard let axis else { return }
        let bottom = Self.top + Double(rows.count) * Self.rowHeight
        let title = wording.requirement(criterion)
        let description = rows.map { wording.interval($0.name, $0) }.joined(separator: wording.pick(" ", ""))
        Drawing.svg(
            id: id, class: "intervals", height: bottom + Self.axisHeight, title: title, description: description,
            into: &page
        ) { svg in
            Drawing.threshold(
                wording.requirement(criterion.comparator, scale.threshold), isAtLeast: criterion.comparator == .atLeast,
                x: axis.place(criterion.threshold), in: axis.places, top: Self.top, bottom: bottom, into: &svg)
            for (index, row) in rows.enumerated() {
                let y = Self.top + (Double(index) + 0.5) * Self.rowHeight + 2
                if index > 0 {
                    let edge = Self.top + Double(index) * Self.rowHeight
                    Drawing.line("grid", from: (0, edge), to: (Drawing.width, edge), into: &svg)
                }
                if gutter > 0 {
                    let name = VisibleText.shortened(row.name, to: gutter - 8, size: Drawing.fontSize)
                    Drawing.label(name, "name", x: 0, y: y + 4, .start, into: &svg)
                }
                interval(row, axis, y: y, into: &svg)
            }
            Drawing.axis(axis, y: bottom, label: scale.tick, into: &svg)
        }
    }

    /// Room beside the bars for the names of several rows.
    private var gutter: Double {
        guard rows.count > 1 else { return 0 }
        return min(150, (rows.map { VisibleText.width($0.name, size: Drawing.fontSize) }.max() ?? 0) + 14)
    }

    /// The ends lie so far inside that the labels beside the bars have room wherever the bars end.
    private var axis: Axis? {
        let texts = rows.flatMap { [$0.lowerText, $0.upperText, $0.estimateText] }.compactMap { $0 }
        let side = min(130, (texts.map { VisibleText.width($0, size: Drawing.fontSize) }.max() ?? 20) + 14)
        let values = rows.flatMap { [$0.lower, $0.upper, $0.estimate] }.compactMap { $0 } + [criterion.threshold]
        return Axis(
            showing: values, within: criterion.isShare ? 0...1 : nil, at: gutter + side...Drawing.width - side)
    }

    private func interval(_ row: IntervalRow, _ axis: Axis, y: Double, into svg: inout Markup) {
        guard let estimate = row.estimate, let estimateText = row.estimateText else {
            let x = axis.places.lowerBound + 10
            return Drawing.label(
                row.n == nil ? wording.notShared : wording.noValue, "bound", x: x, y: y + 4, .start, into: &svg)
        }
        let name = row.verdict?.rawValue ?? "plain"
        if row.verdict != nil {
            let marked = axis.place(estimate)
            let start = end(row.lower, row.lowerText, axis, (marked, y), .lower, into: &svg)
            let stop = end(row.upper, row.upperText, axis, (marked, y), .upper, into: &svg)
            Drawing.line("bar \(name)", from: (start, y), to: (stop, y), into: &svg)
        }
        mark(name, x: axis.place(estimate), y: y, into: &svg)
        Drawing.label(estimateText, "estimate", x: axis.place(estimate), y: y - 12, .middle, into: &svg)
    }

    private enum Side {
        case lower
        case upper
    }

    /// The cap and the label of a bound, clear of the estimate's mark; an arrow that leaves the axis where there is no
    /// such bound. Gives where the bar ends.
    private func end(
        _ value: Double?, _ text: String?, _ axis: Axis, _ mark: (x: Double, y: Double), _ side: Side,
        into svg: inout Markup
    ) -> Double {
        let y = mark.y
        let isLower = side == .lower
        let outward = isLower ? -1.0 : 1.0
        if let value, let text {
            let x = axis.place(value)
            let room = max(6, 13 - (x - mark.x).magnitude)
            Drawing.line("cap", from: (x, y - 6), to: (x, y + 6), into: &svg)
            Drawing.label(text, "bound", x: x + outward * room, y: y + 4, isLower ? .end : .start, into: &svg)
            return x
        }
        let x = isLower ? axis.places.lowerBound : axis.places.upperBound
        let tip = "M\(Drawing.number(x + outward * 10)) \(Drawing.number(y))"
        let back = "\(Drawing.number(-outward * 8))"
        svg.element("path", ["class": "arrow", "d": "\(tip)l\(back) -5v10z"], "")
        Drawing.label(
            isLower ? wording.noLowerBound : wording.noUpperBound, "bound", x: x + outward * 10, y: y + 16,
            isLower ? .start : .end, into: &svg)
        return x
    }

    /// A disc for a pass, a cross for a fail, a diamond for what is open, a ring for a description.
    private func mark(_ name: String, x: Double, y: Double, into svg: inout Markup) {
        let place = "M\(Drawing.number(x)) \(Drawing.number(y))"
        let path =
            switch name {
            case "pass": "\(place)m-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z"
            case "fail": "\(place)m-6 -6l12 12m0 -12l-12 12"
            case "inconclusive": "\(place)m0 -8l8 8l-8 8l-8 -8z"
            default: "\(place)m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z"
            }
        if name == "fail" { svg.element("path", ["class": "halo", "d": path], "") }
        svg.element("path", ["class": "mark \(name)", "d": path], "")
    }
}
