import Aggregation
import Scenarios

/// Safety rules and what became of them.
extension Wording {
    func severity(_ severity: SafetyRule.Severity) -> String {
        switch severity {
        case .warning: pick("warning", "警告")
        case .major: pick("major", "重大")
        case .critical: pick("critical", "危急")
        }
    }

    func safetyVerdict(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass: pick("Kept", "未违反")
        case .fail: pick("Breached", "已违反")
        case .inconclusive: pick("Cannot be told", "无法判定")
        }
    }

    var safetyIntro: String {
        pick(
            "Over all runs, excluded ones too. A critical breach fails the scenario whatever else holds; “cannot be "
                + "told” means that the data have holes in which a breach could hide.",
            "统计全部运行，包括被排除的运行。出现危急违例即判不通过，其他结果不论；“无法判定”表示数据有缺口，其中可能藏有违例。")
    }

    var noSafetyRules: String {
        pick("The definition has no safety rules.", "场景定义中没有安全规则。")
    }

    func breached(_ rule: Summary.Safety) -> String {
        let first = rule.first.map { Span.minute($0) }
        let times = counted(rule.count, "time", "times", "次")
        return pick(
            "Find out why \(quoted(rule.id)) (\(severity(rule.severity)): \(text(rule.condition))) "
                + "was breached \(times)"
                + (first.map { ", first at \($0)" } ?? "") + "."
                + (rule.severity == .critical ? " No further runs before that is known." : ""),
            "查明\(quoted(rule.id))（\(severity(rule.severity))：\(text(rule.condition))）违例 \(times)的原因"
                + (first.map { "，首次于 \($0)" } ?? "") + "。" + (rule.severity == .critical ? "查明之前不要继续运行。" : ""))
    }
}
