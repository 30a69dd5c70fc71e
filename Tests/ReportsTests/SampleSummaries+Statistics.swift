import Aggregation
import Scenarios
import Telemetry

extension Summary {
    /// A criterion of every statistic and method, and safety rules of every kind.
    static var ofEveryStatistic: Summary {
        var summary = template(
            .fail,
            en: "The pose repeatability (RP) of x, y, z is at least 0.0502 mm with 95 % confidence, above the allowed "
                + "0.05 mm, over 60 runs; other safety rules were breached: fault-burn.",
            zh: "x, y, z 的位姿重复性 RP至少为 0.0502 mm（置信度 95 %），要求不高于 0.05 mm，共 60 次运行；其他安全规则被违反：fault-burn。")
        summary.scenario.setting = .staged
        summary.record(
            (1...62).map { number in
                switch number {
                case 9: .sample(number, outcome: "false-alarm", failureMode: "chair", slow: 1.2)
                case 30, 31: .sample(number, outcome: "invalid", excluded: "outcome invalid")
                default: .sample(number)
                }
            }, outcomes: ["success", "failure", "false-alarm", "invalid"])
        summary.criteria = proportions + overValues + overTime + poses
        summary.safety = [
            .emergencyStop(0, .pass),
            Safety(
                id: "fault-burn", severity: .major,
                condition: Text(
                    en: "fault in at most 1 % of runs, used up no faster than 14.4 times over 1 h and 5 min or "
                        + "6 times over 6 h and 30 min",
                    zh: "fault 至多出现在 1 % 的运行中，消耗速度不超过1 h 与 5 min 内 14.4 倍或6 h 与 30 min 内 6 倍"),
                count: 1, first: time("2026-11-03T14:20:00Z"), verdict: .fail),
        ]
        summary.metrics = [
            .cycleTime.tracedDurations(summary.ledger), .gripForce.traced(summary.ledger, parts: 2, limits: [.force]),
        ]
        return summary
    }

    private static var proportions: [Criterion] {
        [
            .sample(
                "precision", "success rate among runs that end success, false-alarm",
                "结果为 success, false-alarm 的运行中 success 的比率", "proportion", .wilson, (0.983333, 0.926, 0.9963), "1",
                .atLeast, 0.9, .pass),
            .sample(
                "sensitivity", "share of fall.detected among fall.detected and fall.missed",
                "fall.detected 占 fall.detected 与 fall.missed 的比率", "proportion", .clusteredClopperPearson,
                (0.958333, 0.8171, 0.9979), "1", .atLeast, 0.9, .inconclusive, moreRuns: 51, events: 24),
            .sample(
                "sequential", "success rate", "success 比率", "proportion", .sprt, (0.983333, 0.9014, 0.9987), "1",
                .atLeast, 0.9, .pass),
            .sample(
                "peeking", "failure rate", "failure 比率", "proportion", .confidenceSequence, (0, 0, 0.0871), "1",
                .atMost,
                0.2, .pass),
        ]
    }

    private static var overValues: [Criterion] {
        var coarse = Criterion.sample(
            "coarse", "mean of the greatest grip-force of a run", "每次运行 grip-force 最大值 的平均值", "mean", .studentT,
            (30.0167, 29.493, 30.5404), "N", .atMost, 30.4, .inconclusive, moreRuns: nil)
        coarse.resolution = 1
        var equal = Criterion.sample(
            "equal", "mean of the last fill of a run", "每次运行 fill 末值 的平均值", "mean", .studentT, (12, nil, nil), "mL",
            .atMost, 12.5, .inconclusive, moreRuns: nil)
        equal.obstacle = .equalValues
        return [
            coarse, equal,
            .sample(
                "boot", "mean of cycle-time", "cycle-time 的平均值", "mean", .bca, (8.8121, 8.64, 9.003), "s", .atMost, 12,
                .pass),
            .sample(
                "bound", "limit at or below which 95 % of all runs lie in cycle-time", "cycle-time 中 95 % 的运行不高于的界限",
                "tolerance", .noncentralT, (10.01, 9.71, 10.4), "s", .atMost, 12, .pass),
            .sample(
                "fit", "distance from 10 mm that 99 % of all runs keep in the last gap of a run",
                "每次运行 gap 末值 中 99 % 的运行与 10 mm 的偏差", "tolerance", .noncentralT, (0.4411, nil, 0.49997), "mm",
                .atMost, 0.5, .pass),
        ]
    }

    private static var overTime: [Criterion] {
        var alarms = Criterion.sample(
            "alarms", "rate of alarm.false", "alarm.false 的发生率", "rate", .garwood, (0.1748, 0.0306, 0.452), "/d",
            .atMost, 0.25, .inconclusive, moreRuns: 112, events: 3, exposure: 412 * 3600)
        alarms.strata = [
            Stratum(
                site: identifier("deqing"), estimate: 0.0874, lower: 0.0022, upper: 0.487, n: 40, missing: 0, events: 1,
                exposure: 274.6 * 3600, verdict: .inconclusive, moreRuns: 88),
            Stratum(
                site: identifier("huzhou"), estimate: 0.3493, lower: 0.0621, upper: 1.101, n: 20, missing: 2, events: 2,
                exposure: 137.4 * 3600, verdict: .inconclusive, moreRuns: nil),
        ]
        return [
            alarms,
            .sample(
                "mtbf", "mean time between fault events", "fault 的平均间隔时间", "mtbf", .chiSquared, (412, 105.9, 3910),
                "h", .atLeast, 100, .pass, events: 1, exposure: 412 * 3600),
            .sample(
                "up", "availability, down from fault to repaired", "可用度（fault 至 repaired 为停机）", "availability",
                .alternatingRenewal, (0.99931, 0.9907, 0.99998), "1", .atLeast, 0.99, .pass, events: 2,
                exposure: 412 * 3600),
            .sample(
                "quiet", "rate of fault", "fault 的发生率", "rate", .garwood, (0, 0, 0.00728), "/h", .atMost, 0.01, .pass,
                events: 0, exposure: 2400),
        ]
    }

    private static var poses: [Criterion] {
        var few = Criterion.sample(
            "few", "pose repeatability (RP) of u", "u 的位姿重复性 RP", "iso9283-rp", .iso9283, (0.0402, 0.03, 0.0612),
            "mm", .atMost, 0.05, .inconclusive, moreRuns: 6)
        few.n = 24
        few.obstacle = .fewCycles
        return [
            few,
            .sample(
                "accuracy", "pose accuracy (AP) of x, y, z", "x, y, z 的位姿准确度 AP", "iso9283-ap", .iso9283,
                (0.061, 0.048, 0.0744), "mm", .atMost, 0.1, .pass),
            .sample(
                "repeatability", "pose repeatability (RP) of x, y, z", "x, y, z 的位姿重复性 RP", "iso9283-rp", .iso9283,
                (0.0631, 0.0502, 0.071), "mm", .atMost, 0.05, .fail, bound: .twoSided),
        ]
    }
}

extension Summary.Criterion {
    /// Over the 60 counted runs, each bound at 95 % unless told otherwise.
    fileprivate static func sample(
        _ id: String, _ en: String, _ zh: String, _ statistic: String, _ method: Summary.Method,
        _ numbers: (estimate: Double?, lower: Double?, upper: Double?), _ unit: String, _ comparator: Comparator,
        _ threshold: Double, _ verdict: Verdict, bound: Summary.Bound = .oneSided, moreRuns: Int? = 0,
        events: Int? = nil, exposure: Double? = nil
    ) -> Self {
        Self(
            id: id, label: Summary.Text(en: en, zh: zh), statistic: statistic, method: method,
            estimate: numbers.estimate, lower: numbers.lower, upper: numbers.upper, confidence: 0.95, bound: bound,
            comparator: comparator, threshold: threshold, unit: unit, n: 60, missing: 0, events: events,
            exposure: exposure, verdict: verdict, moreRuns: moreRuns, site: nil, note: nil, strata: [])
    }
}
