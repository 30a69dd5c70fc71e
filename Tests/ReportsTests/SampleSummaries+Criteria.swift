import Aggregation
import Scenarios
import Telemetry

extension Summary.Criterion {
    static func successRate(
        _ estimate: Double?, _ lower: Double?, _ upper: Double?, n: Int, _ verdict: Verdict, moreRuns: Int? = 0,
        site: String? = nil, strata: [Summary.Stratum] = []
    ) -> Self {
        Self(
            id: "success-rate", label: Summary.Text(en: "share of success", zh: "成功占比"), statistic: "proportion",
            method: .clopperPearson, estimate: estimate, lower: lower, upper: upper, confidence: 0.95, bound: .oneSided,
            comparator: .atLeast, threshold: 0.95, unit: "1", n: n, missing: 0, verdict: verdict, moreRuns: moreRuns,
            site: site.map(identifier), note: nil, strata: strata)
    }

    static func cycleTime(
        _ estimate: Double?, _ lower: Double?, _ upper: Double?, n: Int, missing: Int = 0, _ verdict: Verdict,
        moreRuns: Int? = 0
    ) -> Self {
        Self(
            id: "cycle-p95", label: Summary.Text(en: "95th percentile of cycle-time", zh: "cycle-time 的第 95 百分位数"),
            statistic: "quantile", method: .orderStatistics, estimate: estimate, lower: lower, upper: upper,
            confidence: 0.95, bound: .oneSided, comparator: .atMost, threshold: 12, unit: "s", n: n, missing: missing,
            verdict: verdict, moreRuns: moreRuns, site: nil, note: nil, strata: [])
    }

    static func force(
        _ estimate: Double?, _ lower: Double?, _ upper: Double?, n: Int, _ verdict: Verdict, moreRuns: Int? = 0
    ) -> Self {
        Self(
            id: "force-mean",
            label: Summary.Text(en: "mean of the largest grip-force of a run", zh: "各次运行 grip-force 最大值的均值"),
            statistic: "mean", method: .studentT, estimate: estimate, lower: lower, upper: upper, confidence: 0.95,
            bound: .twoSided, comparator: .atMost, threshold: 40, unit: "N", n: n, missing: 0, verdict: verdict,
            moreRuns: moreRuns, site: nil, note: nil, strata: [])
    }

    static func described(_ estimate: Double) -> Self {
        Self(
            id: "heat-samples", label: Summary.Text(en: "mean of joint-heat over samples", zh: "joint-heat 样本均值"),
            statistic: "mean", method: .description, estimate: estimate, lower: nil, upper: nil, confidence: nil,
            bound: nil, comparator: .atMost, threshold: 60, unit: "Cel", n: 81_920, missing: 0, verdict: nil,
            moreRuns: nil, site: nil, note: "no confidence: samples are correlated", strata: [])
    }
}

extension Summary.Stratum {
    static func sample(
        _ site: String, _ estimate: Double?, _ lower: Double?, _ upper: Double?, n: Int, _ verdict: Verdict,
        moreRuns: Int? = 0
    ) -> Self {
        Self(
            site: identifier(site), estimate: estimate, lower: lower, upper: upper, n: n, missing: 0, verdict: verdict,
            moreRuns: moreRuns)
    }
}

extension Summary.Safety {
    static func emergencyStop(_ count: Int, first: String? = nil, _ verdict: Verdict) -> Self {
        Self(
            id: "e-stop", severity: .critical,
            condition: Summary.Text(en: "more than 0 events estop.pressed", zh: "estop.pressed 事件多于 0 次"), count: count,
            first: first.map(time), verdict: verdict)
    }

    static func hotJoint(_ count: Int, first: String? = nil, _ verdict: Verdict) -> Self {
        Self(
            id: "hot-joint", severity: .warning,
            condition: Summary.Text(en: "joint-heat above 70 Cel for 5 s", zh: "joint-heat 高于 70 Cel 持续 5 s"),
            count: count,
            first: first.map(time), verdict: verdict)
    }
}

extension Summary.Metric {
    static let cycleTime = Self(
        id: "cycle-time", unit: "s", count: 142, refused: 0, mean: 8.8121, stddev: 0.7302, min: 8.0001, max: 10.394,
        p50: 8.6013, p95: 10.171, p99: 10.38, relativeError: 0)
    static let gripForce = Self(
        id: "grip-force", unit: "N", count: 1_264_003, refused: 12, mean: 24.0218, stddev: 6.1023, min: 0, max: 38.11,
        p50: 24.11, p95: 34.9, p99: 37.2, relativeError: 0.01)
    static let jointHeat = Self(
        id: "joint-heat", unit: "Cel", count: 81_920, refused: 0, mean: 41.20000000000001, stddev: 0.30000000000000004,
        min: 39.9, max: 48.125, p50: 41.2, p95: 44.02, p99: 46.6, relativeError: 0.01)
}
