import Aggregation

/// How the numbers of one criterion are written: shares in percent, others in the criterion's unit, and no value
/// rounded onto the threshold unless it lies on it.
struct CriterionScale {
    private let isShare: Bool
    private let unit: String
    private let limit: Double

    init(_ criterion: Summary.Criterion) {
        isShare = criterion.isShare
        unit = criterion.unit
        limit = criterion.threshold
    }

    init(_ plan: CriterionPlan) {
        isShare = Summary.Criterion.sharing.contains(plan.statistic)
        unit = plan.unit
        limit = plan.threshold
    }

    /// The threshold with every digit that was written in the definition.
    var threshold: String {
        isShare ? Figure.percent(limit, limits: []) : UnitSymbol.attach(unit, to: Figure.exact(limit))
    }

    func text(_ value: Double) -> String {
        isShare
            ? Figure.percent(value, limits: [limit])
            : UnitSymbol.attach(unit, to: Figure.text(value, limits: [limit]))
    }

    /// A mark of the axis, which needs no digit beyond its own.
    func tick(_ value: Double) -> String {
        isShare ? Figure.percent(value) : Figure.text(value)
    }
}

extension Summary.Criterion {
    /// Whether its numbers are shares, which are written in percent.
    var isShare: Bool { Self.sharing.contains(statistic) }

    /// The statistics whose numbers are shares of a whole.
    static let sharing: Set<String> = ["proportion", "availability"]
}
