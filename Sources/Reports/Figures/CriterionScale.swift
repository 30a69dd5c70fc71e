import Aggregation

/// How the numbers of one criterion are written: shares in percent, others in the criterion's unit, and no value
/// rounded onto the threshold unless it lies on it.
struct CriterionScale {
    private let isShare: Bool
    private let unit: String
    private let limit: Double
    private let wording: Wording

    init(_ criterion: Summary.Criterion, _ wording: Wording) {
        isShare = criterion.isShare
        unit = criterion.unit
        limit = criterion.threshold
        self.wording = wording
    }

    init(_ plan: CriterionPlan, _ wording: Wording) {
        isShare = Summary.Criterion.sharing.contains(plan.statistic)
        unit = plan.unit
        limit = plan.threshold
        self.wording = wording
    }

    /// The threshold with every digit that was written in the definition.
    var threshold: String {
        isShare ? Figure.percent(limit, limits: []) : wording.quantity(Figure.exact(limit), unit)
    }

    func text(_ value: Double) -> String {
        isShare
            ? Figure.percent(value, limits: [limit])
            : wording.quantity(Figure.text(value, limits: [limit]), unit)
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
