import Aggregation
import Telemetry

/// What the reader should do now, the most urgent first; never empty.
extension Wording {
    func nextSteps(_ summary: Summary) -> [String] {
        guard summary.governance.sharing == nil else { return [askOwner] }
        var steps = summary.safety.filter { $0.verdict == .fail }.sorted { $0.severity > $1.severity }.map(breached)
        steps += summary.completeness.checks.filter { !$0.holds }.map { mend($0, summary.completeness) }
        steps += waiting(summary.completeness)
        steps += summary.criteria.filter { $0.verdict == .fail }.map { missed($0, summary) }
        if summary.runs.total == 0 { steps.append(firstRun(summary.scenario)) }
        steps += summary.criteria.flatMap(undecided)
        if summary.verdict == .inconclusive, let without = summary.governance.consent?.runsWithout, without > 0 {
            steps.append(limitExclusions(without))
        }
        if summary.governance.retiredRuns > 0, summary.verdict != .fail { steps.append(beginLater) }
        if summary.isInterim { steps.append(goOn) }
        if steps.isEmpty { steps.append(keep(summary.verdict)) }
        return steps
    }

    private func mend(_ check: Summary.Check, _ data: Summary.Completeness) -> String {
        let limit = limit(check)
        guard check.value != nil || check.id == .loss || check.id == .definitions else {
            let name = name(of: check.id)
            return pick(
                "Find out why this is not known, and \(limit) is asked: \(name.lowercased()).",
                "查明“\(name)”为何未知（要求\(limit)）。")
        }
        let found = value(check)
        return switch check.id {
        case .loss:
            data.lost > 0
                ? pick(
                    "\(samples(data.lost)) are lost for good. Judge a period without them, or repeat the runs they "
                        + "belong to with a larger spool.",
                    "\(samples(data.lost))已永久丢失。请另选不含它们的时间段，或增大缓存后重做相关运行。")
                : pick("Bring in the samples that have not arrived yet.", "收回尚未到达的样本。")
        case .gap:
            pick(
                "Find out why a sensor was silent for \(found) (\(limit) is allowed).",
                "查明传感器为何中断 \(found)（要求\(limit)）。")
        case .coverage:
            pick(
                "Find out why samples cover only \(found) of the run time (\(limit) is asked).",
                "查明样本为何只覆盖运行时间的 \(found)（要求\(limit)）。")
        case .clockError:
            pick(
                "Synchronise the clocks of the agents: the error is \(found) (\(limit) is allowed).",
                "同步采集端时钟：误差为 \(found)（要求\(limit)）。")
        case .marked:
            pick(
                "Use sensors whose range covers what occurs, calibrate them, and repeat the runs: \(found) of a metric's samples are "
                    + "not vouched for (\(limit) is allowed).",
                "请使用量程足够且在校准有效期内的传感器，并重做相关运行：某指标有 \(found) 的样本不可信（要求\(limit)）。")
        case .time:
            pick(
                "Let the clocks of the agents be synchronised at least once after each start of the machine: \(samples(data.untimed)) "
                    + "cannot be placed in time. They are as soon as a synchronised frame of the same boot arrives.",
                "请确保采集端每次开机后时钟至少同步一次：\(samples(data.untimed))无法确定时间。同一次开机内一旦有已同步的数据帧到达，即可补定。")
        case .definitions:
            pick(
                "Give \(samples(data.unusable)) a meaning: their series was never defined, or its unit does not fit "
                    + "the metric.",
                "补全 \(samples(data.unusable))的定义：其序列未定义，或单位与指标不符。")
        case .expired:
            pick(
                "Judge a period without the \(found) runs whose data expired before they were evaluated, or repeat them; give "
                    + "'archive: retention' and 'size' more.",
                "请另选不含这 \(found) 次运行的时间段，或重做这些运行：其数据在评估前已过期；并增大 archive 的 retention 与 size。")
        case .tail:
            pick(
                "Find out why an agent crashed during \(found) of the runs, and repeat them: what it measured in its last moments "
                    + "may be gone.",
                "查明采集端为何在其中 \(found) 次运行期间崩溃，并重做这些运行：其最后时刻的测量可能已丢失。")
        case .redaction:
            pick(
                "Give the \(found) agents without proof of redaction the rules that the definition demands, in 'pipeline' of their "
                    + "configuration, and repeat the runs; decide what becomes of data that should not have been kept.",
                "为 \(found) 个未证实脱敏的采集端在配置的 pipeline 中加入定义要求的规则，并重做相关运行；并决定如何处置本不应保留的数据。")
        case .consent:
            pick(
                "Give the \(found) agents without proof of consent the rules that the definition demands, in 'pipeline' of their "
                    + "configuration, and repeat the runs; decide what becomes of data that nobody had agreed to.",
                "为 \(found) 个未证实同意规则的采集端在配置的 pipeline 中加入定义要求的规则，并重做相关运行；并决定如何处置未经同意的数据。")
        case .heard:
            pick(
                "Reconnect the agents that have fallen silent: \(found) of the runs go on beyond what they have sent. The verdict is "
                    + "computed again when they are heard.",
                "重新连接无消息的采集端：其中 \(found) 次运行超出其已送达的数据。收到后结论会重新计算。")
        }
    }

    private func waiting(_ data: Summary.Completeness) -> [String] {
        let agents = data.streams.filter { !$0.missing.isEmpty }.map { "\($0.site)/\($0.agent)" }
        let names = shortList(agents.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
        guard data.pending > 0 || !agents.isEmpty else { return [] }
        let what = data.pending > 0 ? samples(data.pending) : pick("frames", "数据帧")
        return [
            pick(
                "Reconnect \(agents.isEmpty ? "the agents" : names): \(what) wait there. "
                    + "The verdict is computed again when they arrive.",
                "重新连接\(agents.isEmpty ? "采集端" : " \(names)")：仍有\(what)待传。到达后结论会重新计算。")
        ]
    }

    private func missed(_ criterion: Summary.Criterion, _ summary: Summary) -> String {
        let scale = CriterionScale(criterion, self)
        let found = criterion.estimate.map(scale.text) ?? noValue
        let place = criterion.site.map { pick(" at \($0)", "（\($0)）") } ?? ""
        let wanted = requirement(criterion.comparator, scale.threshold)
        let modes = FailureModes(summary.ledger, site: criterion.site)
        let named = modes.counts.prefix(3).map { "\($0.mode) (\(Figure.count($0.count)))" }
        return pick(
            "Improve \(quoted(criterion.id)): \(text(criterion.label)) is \(found)\(place) and must be "
                + "\(wanted)."
                + (named.isEmpty ? "" : " Most frequent failure modes: \(named.joined(separator: ", "))."),
            "改进\(quoted(criterion.id))：\(text(criterion.label))为 \(found)\(place)，须\(wanted)。"
                + (named.isEmpty ? "" : "最常见的失效模式：\(named.joined(separator: "、"))。"))
    }

    private func undecided(_ criterion: Summary.Criterion) -> [String] {
        let sites = criterion.strata.filter { $0.verdict == .inconclusive }
        guard criterion.verdict == .inconclusive else { return [] }
        if criterion.obstacle == .retiredRuns { return [] }
        if criterion.obstacle == .equalValues { return [stateResolution(criterion.id)] }
        if criterion.obstacle == .exactValues { return [questionExactness(criterion.id)] }
        if criterion.n == 0, sites.isEmpty { return criterion.moreRuns.map { [needed($0, criterion.id)] } ?? [] }
        guard criterion.site != nil, !sites.isEmpty else {
            return [undecided(criterion.id, criterion.moreRuns, at: nil)]
        }
        return sites.map { undecided(criterion.id, $0.moreRuns, at: $0.site.text) }
    }

    private func stateResolution(_ id: String) -> String {
        pick(
            "Say in the metric of \(quoted(id)) in which steps its sensor measures (for example 'resolution: 0.5 N'), or use a "
                + "finer one: all values are equal, so nobody can tell how far from the truth they may be.",
            "请在\(quoted(id))的指标中声明传感器的步长（例如 resolution: 0.5 N），或改用更精细的传感器：全部数值相同，无法得知其与真值可能相差多少。")
    }

    private func questionExactness(_ id: String) -> String {
        pick(
            "Judge \(quoted(id)) by a quantile, which needs no spread, if its values are exact, as counts are; if a sensor rounds them, say in its "
                + "metric in which steps, instead of 'resolution: 0': all values are equal, so nobody can tell how much runs vary.",
            "若\(quoted(id))的数值确为精确值（如计数），请改用无需离散程度的分位数判据；若由传感器取整，请在其指标中以实际步长代替 resolution: 0：全部数值相同，无法得知各次运行间的变化。")
    }

    private func needed(_ count: Int, _ id: String) -> String {
        pick(
            "Plan for about \(runs(count)): \(quoted(id)) cannot be decided with fewer, however well they go.",
            "计划约 \(Figure.count(count)) 次运行：再少则无论表现多好都无法判定\(quoted(id))。")
    }

    private func undecided(_ id: String, _ moreRuns: Int?, at site: String?) -> String {
        switch moreRuns {
        case let more? where more > 0:
            let place = site.map { pick(" at \($0)", "在 \($0) ") } ?? ""
            return pick(
                "Carry out about \(runs(more)) more\(place): that would decide \(quoted(id)) if they go like those "
                    + "so far.",
                "\(place)约再运行 \(Figure.count(more)) 次：若表现与此前相同，即可判定\(quoted(id))。")
        case .some:
            return pick("\(quoted(id)) has runs enough; its data are what is missing.", "\(quoted(id))的运行次数已足够，所缺的是数据。")
        case nil:
            let place = site.map { pick(" at \($0)", "（\($0)）") } ?? ""
            return pick(
                "\(quoted(id))\(place): how many more runs would decide it cannot be told from what was observed. "
                    + "Run more and look again.",
                "\(quoted(id))\(place)：由现有观测无法推算还需运行多少次，请继续运行后再看。")
        }
    }

    private func firstRun(_ scenario: Summary.Scenario) -> String {
        pick(
            "Start the first run: fieldproof run start \(scenario.id) --site SITE.",
            "开始首次运行：fieldproof run start \(scenario.id) --site SITE。")
    }

    private func limitExclusions(_ count: Int) -> String {
        pick(
            "Look at the \(runs(count)) left out for want of consent: a pass takes no more of them than 'runs: exclude' with 'at-most' allows in the "
                + "definition, and none where it is not stated.",
            "核查因未取得同意而排除的 \(Figure.count(count)) 次运行：其占比不得超过场景定义 runs: exclude 中 at-most 规定的上限；未声明时一次也不允许。")
    }

    private var beginLater: String {
        pick(
            "Ask for a period that begins after the runs past their retention (--from). Sign verdicts that are to be shown for longer while "
                + "their data are there.",
            "请用 --from 选择始于超期运行之后的时间段。需长期出示的结论，请在数据仍在时签署。")
    }

    private var askOwner: String {
        pick(
            "What to do next is in the owner's own summary, with the numbers that are left out here.",
            "后续步骤及此处未公开的数字见所有者自有的摘要。")
    }

    private var goOn: String {
        pick("Go on to the declared end; only then is the verdict final.", "继续至声明的结束时刻，届时结论方为最终结论。")
    }

    private func keep(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass:
            pick(
                "Nothing more is needed for this verdict. Keep the archive and the definition with it, so that others "
                    + "can verify it.",
                "该结论无需补充。请将档案与场景定义一并保存，以便他人核验。")
        case .fail: pick("Change what failed, then start a new period.", "改进未达标之处，然后开始新的时间段。")
        case .inconclusive: pick("Run more, then look again.", "继续运行后再看。")
        }
    }
}
