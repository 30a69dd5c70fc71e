import Aggregation
import Scenarios

/// One mark a run over an axis, marks of about the same value stacked: how the runs spread, and where those that failed
/// lie.
struct DistributionStrip {
    struct Value {
        var amount: Double
        var isSuccess: Bool
    }

    private static let markSize = 9.0
    private static let highestStack = 10
    private static let top = 40.0

    private let title: String
    private let unit: String
    private let values: [Value]
    private let threshold: Summary.Criterion?
    private let wording: Wording

    init(_ title: String, unit: String, _ values: [Value], threshold: Summary.Criterion?, _ wording: Wording) {
        self.title = title
        self.unit = unit
        self.values = values.filter(\.amount.isFinite)
        self.threshold = threshold
        self.wording = wording
    }

    /// Nothing for fewer than two values, which have no spread.
    func draw(id: String, into page: inout Markup) {
        let amounts = values.map(\.amount).sorted()
        guard amounts.count > 1, let least = amounts.first, let most = amounts.last,
            let axis = Axis(
                showing: amounts + (threshold.map { [$0.threshold] } ?? []),
                within: least >= 0 ? 0...Double.infinity : nil,
                at: 12...Drawing.width - 12)
        else { return }
        let median = (amounts[(amounts.count - 1) / 2] + amounts[amounts.count / 2]) / 2
        let columns = stacked(on: axis)
        let tallest = columns.map { $0.successes + $0.others }.max() ?? 1
        let runsPerMark = (tallest + Self.highestStack - 1) / Self.highestStack
        let rows = columns.map { $0.marks(runsPerMark).count }.max() ?? 1
        let bottom = Self.top + Double(max(rows, 3)) * Self.markSize + 4
        page.element("figure") { page in
            page.element("figcaption") { page in
                page.element("strong", title)
                page.element("span", ["class": "muted"], " " + wording.stripLegend(runsPerMark))
            }
            Drawing.svg(
                id: id, class: "strip", height: bottom + 24, title: title,
                description: wording.stripDescription(
                    amounts.count, least: text(least), median: text(median), most: text(most)), into: &page
            ) { svg in
                if let threshold { limit(threshold, axis, bottom: bottom, into: &svg) }
                self.median(median, axis, bottom: bottom, into: &svg)
                for column in columns { draw(column, runsPerMark, axis, bottom: bottom, into: &svg) }
                Drawing.axis(axis, y: bottom, label: { UnitSymbol.attach(unit, to: Figure.text($0)) }, into: &svg)
            }
        }
    }

    private struct Column {
        var index: Int
        var successes = 0
        var others = 0

        /// From the axis up, successes first; a mark is up to `runs` runs of one kind.
        func marks(_ runs: Int) -> [Bool] {
            Array(repeating: true, count: (successes + runs - 1) / runs)
                + Array(repeating: false, count: (others + runs - 1) / runs)
        }
    }

    private func stacked(on axis: Axis) -> [Column] {
        var columns: [Int: Column] = [:]
        for value in values {
            let index = Int((axis.place(value.amount) / Self.markSize).rounded(.down))
            var column = columns[index] ?? Column(index: index)
            if value.isSuccess { column.successes += 1 } else { column.others += 1 }
            columns[index] = column
        }
        return columns.values.sorted { $0.index < $1.index }
    }

    private func draw(_ column: Column, _ runsPerMark: Int, _ axis: Axis, bottom: Double, into svg: inout Markup) {
        let x = (Double(column.index) + 0.5) * Self.markSize
        for (level, isSuccess) in column.marks(runsPerMark).enumerated() {
            let y = bottom - (Double(level) + 0.5) * Self.markSize - 2
            let place = "M\(Drawing.number(x)) \(Drawing.number(y))"
            if isSuccess {
                svg.element("path", ["class": "dot", "d": "\(place)m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z"], "")
            } else {
                svg.element("path", ["class": "cross", "d": "\(place)m-3 -3l6 6m0 -6l-6 6"], "")
            }
        }
    }

    private func median(_ median: Double, _ axis: Axis, bottom: Double, into svg: inout Markup) {
        let x = axis.place(median)
        Drawing.line("median", from: (x, Self.top - 4), to: (x, bottom), into: &svg)
        let label = "\(wording.median) \(text(median))"
        let half = VisibleText.width(label, size: Drawing.fontSize) / 2
        let middle = min(max(x, half), Drawing.width - half)
        Drawing.label(label, "bound", x: middle, y: Self.top - 9, .middle, into: &svg)
    }

    private func limit(_ criterion: Summary.Criterion, _ axis: Axis, bottom: Double, into svg: inout Markup) {
        Drawing.threshold(
            wording.requirement(criterion.comparator, CriterionScale(criterion, wording).threshold),
            isAtLeast: criterion.comparator == .atLeast, x: axis.place(criterion.threshold), in: axis.places,
            top: 22, bottom: bottom, into: &svg)
    }

    private func text(_ amount: Double) -> String { UnitSymbol.attach(unit, to: Figure.text(amount)) }
}
