import Delivery
import Scenarios

/// The findings in words, each a clause without capital and full stop.
extension Summary.Criterion {
    var clause: Summary.Text {
        let place = site.map { (en: " at \($0)", zh: "（站点 \($0)）") } ?? (en: "", zh: "")
        let over = Summary.Text(en: "\(runs.en)\(place.en)", zh: "\(runs.zh)\(place.zh)")
        let limit = Figure.text(threshold, unit)
        if method == .sprt, verdict == .pass { return accepted(limit, over) }
        switch (verdict, comparator) {
        case (.pass, .atLeast):
            return bounded(lower, "at least", "至少为", (n: "above the required \(limit)", at: "as required"), over)
        case (.pass, .atMost):
            return bounded(upper, "at most", "至多为", (n: "within the allowed \(limit)", at: "as allowed"), over)
        case (.fail, .atLeast):
            return bounded(upper, "at most", "至多为", (n: "below the required \(limit)", at: ""), over)
        case (.fail, .atMost):
            return bounded(lower, "at least", "至少为", (n: "above the allowed \(limit)", at: ""), over)
        case (.inconclusive, _), (nil, _): return open(limit, over)
        }
    }

    /// The bounds beside a sequential test are wider than what it proves.
    private func accepted(_ limit: String, _ over: Summary.Text) -> Summary.Text {
        let verb = comparator == .atLeast ? ("at least", "不低于") : ("at most", "不高于")
        let share = estimate.map { Figure.text($0, unit, apartFrom: threshold) } ?? "?"
        return Summary.Text(
            en:
                "Wald's sequential test accepts that the \(label.en) is \(verb.0) \(limit)\(certainty.en); \(share) was observed over \(over.en)",
            zh: "Wald 序贯检验接受：\(label.zh)\(verb.1) \(limit)\(certainty.zh)；观测值 \(share)，共 \(over.zh)")
    }

    /// What was judged just now has every count.
    private var runs: Summary.Text {
        let n = n ?? 0
        return Summary.Text(en: n == 1 ? "1 run" : "\(n) runs", zh: "\(n) 次运行")
    }

    private var certainty: (en: String, zh: String) {
        guard let confidence else { return ("", "") }
        let level = Figure.percent(confidence)
        return (" with \(level) confidence", "（置信度 \(level)）")
    }

    /// What the confidence of two bounds speaks for.
    private var interval: (en: String, zh: String) {
        guard let confidence else { return ("", "") }
        let level = Figure.percent(confidence)
        return bound == .oneSided
            ? ("each bound with \(level) confidence", "上下界置信度各为 \(level)")
            : ("with \(level) confidence", "置信度 \(level)")
    }

    private func bounded(
        _ bound: Double?, _ en: String, _ zh: String, _ relation: (n: String, at: String), _ over: Summary.Text
    ) -> Summary.Text {
        let number = bound.map { Figure.text($0, unit, apartFrom: threshold) } ?? "?"
        let words = bound == threshold ? relation.at : relation.n
        let required = comparator == .atLeast ? "要求不低于" : "要求不高于"
        return Summary.Text(
            en: "the \(label.en) is \(en) \(number)\(certainty.en), \(words), over \(over.en)",
            zh: "\(label.zh)\(zh) \(number)\(certainty.zh)，\(required) \(Figure.text(threshold, unit))，共 \(over.zh)")
    }

    private func open(_ limit: String, _ over: Summary.Text) -> Summary.Text {
        func figure(_ bound: Double) -> String { Figure.text(bound, unit, apartFrom: threshold) }
        let range: Summary.Text
        switch (lower, upper) {
        case (let lower?, let upper?):
            range = Summary.Text(
                en: "lies between \(figure(lower)) and \(figure(upper)) (\(interval.en))",
                zh: "介于 \(figure(lower)) 与 \(figure(upper)) 之间（\(interval.zh)）")
        case (let lower?, nil):
            range = Summary.Text(
                en: "is at least \(figure(lower))\(certainty.en) and has no upper bound yet",
                zh: "至少为 \(figure(lower))\(certainty.zh)，尚无上界")
        case (nil, let upper?):
            range = Summary.Text(
                en: "is at most \(figure(upper))\(certainty.en) and has no lower bound yet",
                zh: "至多为 \(figure(upper))\(certainty.zh)，尚无下界")
        case (nil, nil):
            range = Summary.Text(
                en: "cannot be bounded\(certainty.en)", zh: "尚不能界定\(certainty.zh)")
        }
        let (verb, wording) = comparator == .atLeast ? ("required", "要求的") : ("allowed", "允许的")
        var text = Summary.Text(
            en: "the \(label.en) \(range.en), so the \(verb) \(limit) is undecided after \(over.en)",
            zh: "\(label.zh)\(range.zh)，经 \(over.zh)，\(wording) \(limit) 尚未判定")
        if let missing, missing > 0 {
            text.en += ", of \(missing) more the value is not known"
            text.zh += "，另有 \(missing) 次缺少数值"
        }
        if let obstacle {
            text.en += "; \(obstacle.text.en)"
            text.zh += "；\(obstacle.text.zh)"
        }
        if let moreRuns, moreRuns > 0 {
            text.en += "; \(moreRuns) more \(moreRuns == 1 ? "run" : "runs") like these would decide"
            text.zh += "；按目前情况再有 \(moreRuns) 次运行即可判定"
        }
        return text
    }
}

extension Summary.Obstacle {
    /// What stands in the way, a clause.
    package var text: Summary.Text {
        switch self {
        case .equalValues:
            Summary.Text(
                en: "all values are equal, and equal values do not show how closely they were measured",
                zh: "全部数值相同，无法看出测量的精细程度")
        case .exactValues:
            Summary.Text(
                en: "all values are equal and said to be exact, so they do not show how much runs vary",
                zh: "全部数值相同且声明为精确值，无法看出各次运行间的变化")
        case .fewCycles:
            Summary.Text(
                en: "there are fewer cycles than are asked for, 30 by ISO 9283:1998 unless the definition states a "
                    + "number",
                zh: "循环次数少于要求（除非定义另有规定，ISO 9283:1998 要求 30 次）")
        case .fewRuns:
            Summary.Text(
                en: "a bootstrap of so few runs misses more often than it says", zh: "运行次数过少，自助法的误差超过其声称的水平")
        case .retiredRuns:
            Summary.Text(
                en:
                    "runs past their retention are not among these, and a plan that looks run by run needs its runs from the first on",
                zh: "部分运行已超过保存期限而不在其中，逐次检验的方案须从首次运行算起")
        }
    }
}

extension Summary.Safety {
    var clause: Summary.Text {
        let count = count ?? 0
        let times = count == 1 ? "once" : "\(count) times"
        let since = first.map { (en: ", first at \($0)", zh: "，首次于 \($0)") } ?? (en: "", zh: "")
        return Summary.Text(
            en: "the critical safety rule \(id) (\(condition.en)) was breached: seen \(times)\(since.en)",
            zh: "关键安全规则 \(id)（\(condition.zh)）被违反：共 \(count) 次\(since.zh)")
    }

    var unseenClause: Summary.Text {
        Summary.Text(
            en: "the critical safety rule \(id) cannot be judged, for some runs have no data for it",
            zh: "关键安全规则 \(id) 无法判定：部分运行缺少相应数据")
    }
}

extension Summary.Check {
    func clause(_ data: Summary.Completeness) -> Summary.Text {
        let limit = unit == "1" ? Figure.percent(self.limit) : Figure.text(self.limit, unit)
        let shown = value.map { unit == "1" ? Figure.percent($0) : Figure.text($0, unit, apartFrom: self.limit) }
        switch id {
        case .loss:
            let absent = data.lost + data.pending
            let frames = data.streams.reduce(UInt64(0)) { $0 + IntervalSet($1.missing).count }
            return Summary.Text(
                en: "the data are incomplete: \(absent) of \(data.accepted) samples lost or pending, "
                    + "\(frames) frames missing, at most \(limit) allowed",
                zh: "数据不完整：\(data.accepted) 个样本中 \(absent) 个丢失或未到，缺 \(frames) 帧，最多允许 \(limit)")
        case .gap:
            return Summary.Text(
                en: "the data are incomplete: a gap of \(shown ?? "unknown length"), at most \(limit) allowed",
                zh: "数据不完整：最长间断 \(shown ?? "未知")，最多允许 \(limit)")
        case .coverage:
            return Summary.Text(
                en: "the data are incomplete: samples cover \(shown ?? "an unknown share") of the run time, "
                    + "at least \(limit) required",
                zh: "数据不完整：样本覆盖运行时间的 \(shown ?? "未知比例")，至少要求 \(limit)")
        case .clockError:
            return Summary.Text(
                en: "a clock may be wrong by \(shown ?? "an unknown time"), at most \(limit) allowed",
                zh: "时钟误差可达 \(shown ?? "未知")，最多允许 \(limit)")
        case .marked:
            return Summary.Text(
                en:
                    "\(shown ?? "an unknown share") of a metric's samples lie outside their sensor's range or come after "
                    + "its calibration's end, at most \(limit) allowed",
                zh: "某指标有 \(shown ?? "未知比例") 的样本超出传感器量程或在校准失效之后采集，最多允许 \(limit)")
        case .time: return data.untimedClause
        case .definitions:
            return Summary.Text(
                en:
                    "\(data.unusable) samples could not be used, for want of a fitting series definition",
                zh: "\(data.unusable) 个样本因序列未定义或单位不符而无法使用")
        case .expired:
            let runs = value.map { Figure.text($0) } ?? "?"
            return Summary.Text(
                en: "the data of some runs (\(runs)) expired from the archive before they were evaluated",
                zh: "部分运行（\(runs) 次）的数据在评估前已从档案中过期删除")
        case .tail:
            let runs = value.map { Figure.text($0) } ?? "?"
            return Summary.Text(
                en: "an agent crashed during some runs (\(runs)), and up to one sync window of its samples may be gone",
                zh: "采集端在部分运行（\(runs) 次）期间崩溃，其最后一个同步窗口的样本可能丢失")
        case .redaction:
            let agents = value.map { Figure.text($0) } ?? "?"
            return Summary.Text(
                en: "the redaction that the definition demands is not proven for some agents (\(agents))",
                zh: "部分采集端（\(agents) 个）未证实已执行定义要求的脱敏")
        case .consent:
            let agents = value.map { Figure.text($0) } ?? "?"
            return Summary.Text(
                en: "it is not proven for some agents (\(agents)) that they kept under consent only what needs it",
                zh: "部分采集端（\(agents) 个）未证实仅在取得同意时保存相关数据")
        case .heard: return data.silentClause(runs: value.map { Figure.text($0) } ?? "?")
        }
    }
}

extension Summary.Completeness {
    /// Which agents are silent, since when, and what of them is proven: for each agent the stream of which least is.
    func silentClause(runs: String) -> Summary.Text {
        var silent: [Summary.StreamState] = []
        for stream in streams where stream.provenThrough != nil {
            guard let index = silent.firstIndex(where: { $0.site == stream.site && $0.agent == stream.agent }) else {
                silent.append(stream)
                continue
            }
            if let proven = stream.provenThrough, proven < silent[index].provenThrough ?? proven {
                silent[index] = stream
            }
        }
        let named = silent.prefix(3).map { stream in
            let name = "\(stream.site)/\(stream.agent)"
            let proven = stream.provenThrough.map { "\($0)" } ?? "?"
            guard let since = stream.silentSince else {
                return Summary.Text(
                    en: "of \(name) data up to \(proven) are proven", zh: "\(name) 的数据仅证实至 \(proven)")
            }
            return Summary.Text(
                en: "\(name) has been silent since \(since), data up to \(proven) are proven",
                zh: "\(name) 自 \(since) 起无消息，数据仅证实至 \(proven)")
        }
        let more = silent.count - named.count
        let others = Summary.Text(
            en: more > 0 ? "; and \(more) more \(more == 1 ? "agent" : "agents")" : "",
            zh: more > 0 ? "；另有 \(more) 个采集端" : "")
        let agents = Summary.Text(
            en: named.isEmpty ? "" : ": " + named.map(\.en).joined(separator: "; ") + others.en,
            zh: named.isEmpty ? "" : "：" + named.map(\.zh).joined(separator: "；") + others.zh)
        return Summary.Text(
            en: "some runs (\(runs)) go on beyond what their agents have sent" + agents.en,
            zh: "部分运行（\(runs) 次）超出采集端已送达的数据" + agents.zh)
    }

    /// Whose clocks were never right, and how much hangs on it.
    var untimedClause: Summary.Text {
        var agents: [String] = []
        for stream in streams where !stream.isTimeKnown {
            let name = "\(stream.site)/\(stream.agent)"
            if !agents.contains(name) { agents.append(name) }
        }
        let more = agents.count - 3
        let names = agents.prefix(3)
        return Summary.Text(
            en:
                "the time of \(untimed) \(untimed == 1 ? "sample" : "samples") is not known, only the order: the clock of "
                + names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "") + " was never synchronised",
            zh: "\(untimed) 个样本只知先后、不知时间：\(names.joined(separator: "、"))"
                + (more > 0 ? "等 \(agents.count) 个采集端" : "") + "的时钟从未同步")
    }
}

extension [RunAccount] {
    /// `run r17: 120 samples of box-01 missing`; the first three runs.
    var clause: Summary.Text {
        let isOneSite = Set(map(\.run.site)).count == 1
        let named = prefix(3).map { account in
            let place = isOneSite ? "" : " (\(account.run.site))"
            return Summary.Text(
                en: "run \(account.run.id)\(place): " + account.absences.map(\.text.en).joined(separator: ", "),
                zh: "运行 \(account.run.id)\(place)：" + account.absences.map(\.text.zh).joined(separator: "，"))
        }
        let more = count - named.count
        return Summary.Text(
            en: named.map(\.en).joined(separator: "; ")
                + (more > 0 ? "; and \(more) more \(more == 1 ? "run" : "runs")" : ""),
            zh: named.map(\.zh).joined(separator: "；") + (more > 0 ? "；另有 \(more) 次运行" : ""))
    }
}

extension RunAccount.Absence {
    fileprivate var text: Summary.Text {
        var parts: [Summary.Text] = []
        func add(_ count: UInt64, _ singular: String, _ plural: String, _ zh: String) {
            guard count > 0 else { return }
            parts.append(Summary.Text(en: "\(count) \(count == 1 ? singular : plural)", zh: zh))
        }
        add(missing, "sample of \(agent) missing", "samples of \(agent) missing", "\(agent) 缺 \(missing) 个样本")
        add(lost, "sample of \(agent) lost", "samples of \(agent) lost", "\(agent) 丢失 \(lost) 个样本")
        if parts.isEmpty {
            add(frames, "frame of \(agent) missing", "frames of \(agent) missing", "\(agent) 缺 \(frames) 帧")
        }
        return Summary.Text(en: parts.map(\.en).joined(separator: ", "), zh: parts.map(\.zh).joined(separator: "，"))
    }
}

extension Findings.Exclusions {
    var clause: Summary.Text {
        guard let outcome else {
            return Summary.Text(
                en:
                    "\(count) of \(total) runs were left out for want of consent, and the definition states no limit for it: "
                    + "say in 'runs: exclude' with 'at-most' how many may be",
                zh: "\(total) 次运行中有 \(count) 次因未取得同意被排除，而场景定义未规定上限：请在 runs: exclude 中以 at-most 声明")
        }
        let reason =
            unconsented > 0
            ? Summary.Text(en: "as \(outcome) or for want of consent", zh: "因 \(outcome) 或未取得同意")
            : Summary.Text(en: "as \(outcome)", zh: "因 \(outcome) ")
        return Summary.Text(
            en: "\(count) of \(total) runs were left out \(reason.en), more than the \(Figure.percent(limit)) allowed",
            zh: "\(total) 次运行中有 \(count) 次\(reason.zh)被排除，超过允许的 \(Figure.percent(limit))")
    }
}
