import Aggregation

/// Where the runs and the values of a trace lie in its drawing.
struct TraceFrame {
    static let bandTop = 6.0
    static let bandHeight = 10.0
    static let top = 24.0
    static let bottom = 174.0
    static let stripTop = 177.0
    static let stripHeight = 7.0
    static let axis = 186.0
    static let height = 224.0

    /// Values, from the bottom up.
    private let values: Axis
    let left: Double
    let right = Drawing.width - 4
    /// How wide a stretch is.
    let step: Double
    /// How wide one of its parts is.
    let part: Double
    /// Round values with their texts.
    let marks: [(value: Double, text: String)]

    /// Nil for values that no axis can show.
    init?(_ trace: Summary.Trace) {
        let points = trace.stretches.flatMap(\.points).compactMap(\.self)
        guard let least = points.map(\.min).min(), let most = points.map(\.max).max() else { return nil }
        // A threshold far off is told at the edge: to show it would press the values into a line.
        var shown = least...most
        for limit in trace.limits.map(\.value).sorted(by: { Self.gap($0, shown) < Self.gap($1, shown) }) {
            let wider = min(shown.lowerBound, limit)...max(shown.upperBound, limit)
            let width = wider.upperBound - wider.lowerBound
            if most == least || width <= 8 * (most - least) { shown = wider }
        }
        guard
            let axis = Axis(
                showing: [shown.lowerBound, shown.upperBound], within: least >= 0 ? 0...Double.infinity : nil,
                at: 0...(Self.bottom - Self.top))
        else { return nil }
        values = axis
        marks = axis.marks(about: 4).map { ($0, Figure.text($0)) }
        left = max(30, (marks.map { VisibleText.width($0.text, size: 11) }.max() ?? 0) + 10)
        step = (right - left) / Double(trace.stretches.count)
        part = step / Double(trace.parts)
    }

    private static func gap(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        max(range.lowerBound - value, value - range.upperBound, 0)
    }

    func x(_ stretch: Int, part index: Int = 0) -> Double { left + Double(stretch) * step + Double(index) * part }

    func y(_ value: Double) -> Double { Self.bottom - values.place(value) }

    func shows(_ value: Double) -> Bool { values.domain.contains(value) }

    /// Whether a value that is not shown lies above.
    func isAbove(_ value: Double) -> Bool { value > values.domain.upperBound }
}
