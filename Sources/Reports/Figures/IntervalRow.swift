import Aggregation
import Telemetry

/// One estimate with its bounds, as a table row and as a bar in a drawing: all runs, or one site.
struct IntervalRow {
    var name: String
    var estimate: Double?
    var lower: Double?
    var upper: Double?
    var estimateText: String?
    var lowerText: String?
    var upperText: String?
    /// Nil for a row whose numbers are not shared.
    var n: Int?
    var missing: Int?
    /// What was counted; nil where no events are.
    var tally: String?
    /// Nil for a description.
    var verdict: Verdict?
    var moreRuns: Int?
    /// Whether the criterion's verdict is this row's, where every site must hold by itself.
    var decides = false

    /// The rows of a criterion, all runs first where they are judged together.
    static func rows(of criterion: Summary.Criterion, _ wording: Wording) -> [IntervalRow] {
        let scale = CriterionScale(criterion, wording)
        var rows: [IntervalRow] = []
        if criterion.site == nil || criterion.strata.isEmpty {
            var row = IntervalRow(
                name: criterion.site?.text ?? wording.allRuns, estimate: criterion.estimate, lower: criterion.lower,
                upper: criterion.upper, scale: scale, n: criterion.n, missing: criterion.missing,
                verdict: criterion.verdict, moreRuns: criterion.moreRuns)
            row.tally = wording.tally(
                criterion.statistic, events: criterion.events, exposure: criterion.exposure, runs: criterion.n)
            rows.append(row)
        }
        for stratum in criterion.strata {
            var row = IntervalRow(
                name: stratum.site.text, estimate: stratum.estimate, lower: stratum.lower, upper: stratum.upper,
                scale: scale, n: stratum.n, missing: stratum.missing, verdict: stratum.verdict,
                moreRuns: stratum.moreRuns)
            row.tally = wording.tally(
                criterion.statistic, events: stratum.events, exposure: stratum.exposure, runs: stratum.n)
            row.decides = stratum.site == criterion.site
            rows.append(row)
        }
        return rows
    }

    private init(
        name: String, estimate: Double?, lower: Double?, upper: Double?, scale: CriterionScale, n: Int?, missing: Int?,
        verdict: Verdict?, moreRuns: Int?
    ) {
        self.name = name
        self.estimate = estimate
        self.lower = lower
        self.upper = upper
        estimateText = estimate.map(scale.text)
        lowerText = lower.map(scale.text)
        upperText = upper.map(scale.text)
        self.n = n
        self.missing = missing
        self.verdict = verdict
        self.moreRuns = moreRuns
    }
}
