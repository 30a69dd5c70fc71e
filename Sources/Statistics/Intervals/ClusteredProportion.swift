#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Successes among trials that come in clusters, those of one cluster being more alike than those of several: falls of one
/// night, grasps of one shift. Clusters are independent of each other; nothing is assumed of the trials within one.
///
/// The share is Σ xᵢ / Σ mᵢ over k clusters of mᵢ trials, a ratio. Its variance by linearisation is
/// v = k / (k − 1) Σ (xᵢ − p̂ mᵢ)² / (Σ mᵢ)² (Cochran, "Sampling Techniques", 6.4), which is D times that of as many independent
/// trials; D is the design effect. The trials are worth Σ mᵢ / D independent ones (Rao & Scott, Biometrics 48 (1992)), and
/// less by (t(Σ mᵢ − 1) / t(k − 1))² for D being an estimate from k clusters; with so many the interval is that of
/// ``Proportion/Method`` (Korn & Graubard, Survey Methodology 24 (1998), the way of the U.S. National Center for Health
/// Statistics). D is never taken to be below 1.
///
/// However many trials there are, no bound goes beyond what k flawless clusters prove: what shows in whole clusters, one in so
/// many, shows in none of k with the probability that the bound may miss. Where all trials are alike D cannot be
/// estimated, and this is all that is known; so a failure never raises a lower bound above that of no failure.
package struct ClusteredProportion: Hashable, Sendable {
    package let successes: Int
    package let trials: Int
    /// k, those without trials left out.
    package let clusters: Int
    /// Σ (xᵢ − p̂ mᵢ)².
    private let scatter: Double
    /// Whether no cluster has more than one trial, so that they are independent.
    private let areSingle: Bool

    /// - Parameter clusters: successes and trials of each.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless 0 ≤ successes ≤ trials in each.
    package init(_ clusters: [(successes: Int, trials: Int)]) throws(StatisticsError) {
        var (successes, trials, count, most) = (0, 0, 0, 0)
        for cluster in clusters {
            _ = try Proportion(successes: cluster.successes, trials: cluster.trials)
            successes += cluster.successes
            trials += cluster.trials
            count += cluster.trials > 0 ? 1 : 0
            most = max(most, cluster.trials)
        }
        let share = trials == 0 ? 0 : Double(successes) / Double(trials)
        self.successes = successes
        self.trials = trials
        self.clusters = count
        scatter = clusters.reduce(0) { sum, cluster in
            let distance = Double(cluster.successes) - share * Double(cluster.trials)
            return sum + distance * distance
        }
        areSingle = most <= 1
    }

    /// Σ xᵢ / Σ mᵢ; nil without trials.
    package var estimate: Double? { trials == 0 ? nil : Double(successes) / Double(trials) }

    /// D, how many times the variance is that of as many independent trials, 1 or more; nil where all trials are alike or there is but
    /// one cluster, which tell nothing of it.
    package var designEffect: Double? {
        if areSingle { return 1 }
        guard clusters > 1, successes > 0, successes < trials, let share = estimate else { return nil }
        let (k, m) = (Double(clusters), Double(trials))
        return max(k / (k - 1) * scatter / (m * share * (1 - share)), 1)
    }

    /// The bounds on the share. Without trials they are 0 and 1.
    package func bounds(_ method: Proportion.Method = .clopperPearson, at confidence: Confidence) -> Bounds {
        let (lower, upper) = ends(method, clusters: clusters, tail: confidence.tail)
        return Bounds(estimate: estimate, lower: lower, upper: upper, at: confidence)
    }

    /// How many further clusters like those seen decide a requirement: as many trials each, the same share and the same design effect.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do, or without trials.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold outside 0…1 or a negative limit.
    package func moreClusters(
        for requirement: Requirement, _ method: Proportion.Method = .clopperPearson, at confidence: Confidence,
        limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        try requireProbability(requirement.threshold, "threshold")
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if bounds(method, at: confidence).decision(on: requirement) != .undecided { return 0 }
        guard trials > 0, limit > 0, estimate != requirement.threshold else { return nil }
        return firstCount(in: 1...limit) { further in
            let (lower, upper) = ends(method, clusters: clusters + further, tail: confidence.tail)
            return Bounds(estimate: estimate, lower: lower, upper: upper, at: confidence).decision(on: requirement)
                != .undecided
        }
    }

    /// The bounds with so many clusters like those seen.
    private func ends(
        _ method: Proportion.Method, clusters count: Int, tail: Double
    ) -> (lower: Double, upper: Double) {
        guard let share = estimate else { return (0, 1) }
        let m = Double(trials) * Double(count) / Double(clusters)
        let worth = designEffect.map { m / $0 * adjustment(trials: m, clusters: count, tail: tail) } ?? Double(count)
        let (lower, upper) = method.ends(successes: share * worth, failures: (1 - share) * worth, tail: tail)
        let flawless = method.ends(successes: Double(count), failures: 0, tail: tail).lower
        return (min(lower, flawless), max(upper, 1 - flawless))
    }

    /// (t(Σ mᵢ − 1) / t(k − 1))², at most 1.
    private func adjustment(trials: Double, clusters: Int, tail: Double) -> Double {
        guard !areSingle, clusters > 1, trials > Double(clusters), tail < 0.5 else { return 1 }
        func t(_ degrees: Double) -> Double {
            StudentTDistribution(unchecked: degrees).quantile(TailTarget(upper: tail))
        }
        let ratio = t(trials - 1) / t(Double(clusters) - 1)
        return ratio * ratio
    }
}
