import Aggregation
import Scenarios

/// What is asked, how it was estimated, what was found.
extension Wording {
    /// `at least 95 %`.
    func requirement(_ comparator: Comparator, _ threshold: String) -> String {
        switch comparator {
        case .atLeast: pick("at least \(threshold)", "不低于" + spaced(threshold))
        case .atMost: pick("at most \(threshold)", "不高于" + spaced(threshold))
        }
    }

    /// Chinese puts a space before a number, and none before a word.
    private func spaced(_ quantity: String) -> String { quantity.hasPrefix("每") ? quantity : " " + quantity }

    /// `share of success: at least 95 %`.
    func requirement(_ criterion: Summary.Criterion) -> String {
        let scale = CriterionScale(criterion, self)
        return text(criterion.label) + colon + requirement(criterion.comparator, scale.threshold)
    }

    func confidence(_ criterion: Summary.Criterion) -> String? {
        guard let confidence = criterion.confidence, let bound = criterion.bound else { return nil }
        let level = Figure.percent(confidence)
        return switch bound {
        case .oneSided: pick("each bound at \(level) confidence", "单侧置信度各 \(level)")
        case .twoSided: pick("both bounds together at \(level) confidence", "双侧置信度 \(level)")
        }
    }

    func method(_ method: Summary.Method) -> String {
        switch method {
        case .clopperPearson: pick("Clopper–Pearson", "Clopper–Pearson 法")
        case .wilson: pick("Wilson", "Wilson 法")
        case .clusteredClopperPearson:
            pick(
                "Clopper–Pearson, events of one run being alike (Korn & Graubard)",
                "Clopper–Pearson 法（计入同一次运行中事件的相似性，Korn–Graubard）")
        case .clusteredWilson:
            pick(
                "Wilson, events of one run being alike (Rao & Scott)",
                "Wilson 法（计入同一次运行中事件的相似性，Rao–Scott）")
        case .orderStatistics: pick("order statistics", "次序统计量")
        case .studentT: pick("Student’s t", "学生 t 分布")
        case .bca: pick("BCa bootstrap", "BCa 自助法")
        case .noncentralT: pick("noncentral t, values taken to be normal", "非中心 t 分布（假定数值服从正态分布）")
        case .garwood: pick("Garwood, events taken to be Poisson", "Garwood 法（假定事件服从泊松分布）")
        case .chiSquared: pick("chi-squared, time-truncated", "χ² 分布（定时截尾）")
        case .alternatingRenewal: pick("F, alternating renewal", "F 分布（交替更新过程）")
        case .iso9283: pick("ISO 9283, positions taken to be normal", "ISO 9283（假定位置服从正态分布）")
        case .sprt:
            pick(
                "Wald’s sequential test, valid at any look; bounds of a confidence sequence",
                "Wald 序贯检验（任何时刻查看均有效），界限为置信序列")
        case .confidenceSequence: pick("confidence sequence, valid at any look", "置信序列（任何时刻查看均有效）")
        case .description: pick("description, no confidence: samples are correlated", "描述性统计，无置信度：样本相关")
        }
    }

    /// `Clopper–Pearson, each bound at 95 % confidence`.
    func methodAndConfidence(_ criterion: Summary.Criterion) -> String {
        [method(criterion.method), confidence(criterion)].compactMap { $0 }.joined(separator: pick(", ", "，"))
    }

    /// What a reader must know of a criterion's numbers besides; empty where there is nothing.
    func remarks(_ criterion: Summary.Criterion) -> [String] {
        var remarks: [String] = []
        if let resolution = criterion.resolution {
            let step = CriterionScale(criterion, self).text(resolution)
            remarks.append(
                pick(
                    "values come in steps of \(step); the bounds allow for half a step", "数值以 \(step) 为步长，界限已计入半个步长"))
        }
        if let obstacle = criterion.obstacle {
            remarks.append(text(obstacle.text))
        } else if let note = criterion.note, criterion.method != .description {
            remarks.append(note)
        }
        return remarks
    }

    var notShared: String { pick("not shared", "不公开") }
    var noValue: String { pick("no value yet", "尚无数值") }
    var noLowerBound: String { pick("no lower bound", "无下界") }
    var noUpperBound: String { pick("no upper bound", "无上界") }

    /// `93.1 % to 98.8 %`; words where a bound cannot be stated; nil where neither can.
    func bounds(_ lower: String?, _ upper: String?) -> String? {
        switch (lower, upper) {
        case (let lower?, let upper?): pick("\(lower) to \(upper)", "\(lower) 至" + spaced(upper))
        case (let lower?, nil): pick("\(lower) or more", "\(lower) 以上")
        case (nil, let upper?): pick("\(upper) or less", "\(upper) 以下")
        case (nil, nil): nil
        }
    }

    /// Counted runs of which nothing is known for a criterion; nil where there are none.
    func withoutValue(_ missing: Int?) -> String? {
        guard let missing, missing > 0 else { return nil }
        return pick("\(Figure.count(missing)) without a value", "\(Figure.count(missing)) 次无数值")
    }

    /// What is left to do for a verdict, nil where there is nothing to say.
    ///
    /// `n`: the values behind it; nil where its numbers are not shared.
    func remaining(_ verdict: Verdict?, _ moreRuns: Int?, n: Int?) -> String? {
        guard verdict == .inconclusive, n != nil else { return nil }
        guard let moreRuns else { return pick("number of runs to decide: cannot be told", "所需运行数：无法给出") }
        guard moreRuns > 0 else { return nil }
        return pick("about \(runs(moreRuns)) more", "约需再运行 \(Figure.count(moreRuns)) 次")
    }

    /// `3 events in 412 h over 60 runs`: what an estimate was counted from; nil where it counts no events.
    func tally(_ statistic: String, events: Int?, exposure: Double?, runs: Int?) -> String? {
        guard let events, let runs else { return nil }
        let isOutage = statistic == "availability"
        let what =
            isOutage
            ? counted(events, "outage", "outages", "次停机") : counted(events, "event", "events", "次事件")
        guard let exposure else {
            return pick("\(what) in \(self.runs(runs))", "\(self.runs(runs))中 \(what)")
        }
        let time = Span.hours(seconds: exposure)
        return pick("\(what) in \(time) over \(self.runs(runs))", "\(self.runs(runs))共 \(time)，\(what)")
    }

    /// How many values are behind an estimate: runs, which the column is about, or samples, which it says.
    func values(_ n: Int?, of method: Summary.Method) -> String {
        guard let n else { return Figure.missing }
        return method == .description ? samples(UInt64(n)) : Figure.count(n)
    }

    var decides: String { pick("decides", "决定项") }

    var criteriaIntro: String {
        pick(
            "The bar runs from the lower to the upper bound, the mark on it is the estimate, and the vertical line is "
                + "the threshold; the shaded side is the good one. A criterion passes when its whole bar lies on the "
                + "shaded side, fails when its whole bar lies on the other side, and is inconclusive when the bar "
                + "crosses the line.",
            "横条从置信下界到置信上界，条上的标记为估计值，竖线为阈值，阴影一侧为达标侧。整条位于阴影侧为通过，"
                + "整条位于另一侧为不通过，横跨竖线则尚无定论。")
    }

    /// What a screen reader says of one interval.
    func interval(_ name: String, _ row: IntervalRow) -> String {
        guard row.n != nil else { return pick("\(name): not shared.", "\(name)：不公开。") }
        guard let estimate = row.estimateText else { return pick("\(name): no value yet.", "\(name)：尚无数值。") }
        let bounds = bounds(row.lowerText, row.upperText)
        return pick(
            "\(name): estimate \(estimate)" + (bounds.map { ", bounds \($0)" } ?? "")
                + ", \(word(row.verdict).lowercased()).",
            "\(name)：估计值 \(estimate)" + (bounds.map { "，置信界 \($0)" } ?? "") + "，\(word(row.verdict))。")
    }
}
