import JSON
import Scenarios
import Statistics
import Telemetry

/// A candidate beside a baseline: two subjects, two versions, two sites.
///
/// Pure: a function of two summaries, of which it needs the numbers of the criteria and the values in the ledgers.
package struct SummaryComparison: Hashable, Sendable {
    /// What a reader must know before the numbers.
    package enum Caution: String, Hashable, Sendable, CaseIterable {
        /// The two were judged by different definitions.
        case definitions
        /// The setting is not the same: nothing may be concluded from one about the other.
        case settings
        /// One of them has broken completeness.
        case incomplete
        /// One of them is interim.
        case interim
        /// Several sites are added up, which may hide a difference or feign one.
        case sites
        /// They have runs in common.
        case commonRuns = "common-runs"
    }

    package let scenario: String
    package let confidence: Double
    package let cautions: [Caution]
    /// Those that both have, in the order of the baseline.
    package let criteria: [CriterionComparison]
    /// Ids that only one of them has.
    package let unmatched: [String]

    /// Compares two summaries of one scenario.
    ///
    /// - Parameters:
    ///   - baseline: what is compared with.
    ///   - candidate: what is compared.
    ///   - confidence: with which both bounds of each interval hold together; each criterion by itself.
    /// - Throws: ``AggregationError/Code/incomparable`` for different scenarios, ``AggregationError/Code/invalidStatistic`` for a
    ///   confidence that is none.
    package init(
        baseline: Summary, candidate: Summary, confidence: Double = 0.95
    ) throws(AggregationError) {
        guard baseline.scenario.id == candidate.scenario.id else {
            throw AggregationError(
                .incomparable, "'\(candidate.scenario.id)' is another scenario than '\(baseline.scenario.id)'",
                at: "scenario.id")
        }
        scenario = baseline.scenario.id.text
        self.confidence = confidence
        cautions = Self.cautions(baseline, candidate)
        var compared: [CriterionComparison] = []
        for criterion in baseline.criteria {
            guard let other = candidate.criteria.first(where: { $0.id == criterion.id }),
                other.statistic == criterion.statistic, other.unit == criterion.unit
            else { continue }
            let pair = CriterionPair(
                baseline: criterion, candidate: other, baselineValues: baseline.values(of: criterion.id),
                candidateValues: candidate.values(of: criterion.id))
            do throws(StatisticsError) {
                compared.append(try pair.compare(at: Confidence(confidence, .twoSided)))
            } catch {
                throw AggregationError(.invalidStatistic, "\(error)", at: "criterion \(criterion.id)")
            }
        }
        criteria = compared
        let matched = Set(compared.map(\.id))
        unmatched = Set((baseline.criteria + candidate.criteria).map(\.id)).subtracting(matched).sorted()
    }

    /// Whether the candidate is shown to be worse in any criterion.
    package var isWorse: Bool { criteria.contains { $0.finding == .worse } }

    private static func cautions(_ baseline: Summary, _ candidate: Summary) -> [Caution] {
        var cautions: [Caution] = []
        if baseline.scenario.digest != candidate.scenario.digest { cautions.append(.definitions) }
        if baseline.scenario.setting != candidate.scenario.setting { cautions.append(.settings) }
        if [baseline, candidate].contains(where: { $0.completeness.verdict == .incomplete }) {
            cautions.append(.incomplete)
        }
        if baseline.isInterim || candidate.isInterim { cautions.append(.interim) }
        if [baseline, candidate].contains(where: { Set($0.ledger.map(\.site)).count > 1 }) { cautions.append(.sites) }
        let keys = [baseline, candidate].map { summary in
            Set(
                summary.ledger.filter { $0.excluded == nil }
                    .map { "\($0.site) \($0.run) \($0.start?.description ?? "")" })
        }
        if !keys[0].isDisjoint(with: keys[1]) { cautions.append(.commonRuns) }
        return cautions
    }
}
