import Aggregation
import Scenarios
import Telemetry

/// What page one says.
extension Wording {
    func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass: pick("Pass", "通过")
        case .fail: pick("Fail", "不通过")
        case .inconclusive: pick("Inconclusive", "尚无定论")
        }
    }

    /// What the word means, for whom it is new.
    func meaning(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass: pick("proven at the stated confidence", "在所述置信度下已证实")
        case .fail: pick("refuted at the stated confidence, or unsafe", "在所述置信度下被否定，或存在安全违例")
        case .inconclusive: pick("neither proven nor refuted by the data there are", "现有数据既不能证实，也不能否定")
        }
    }

    /// The verdict of a criterion that may have none.
    func word(_ verdict: Verdict?) -> String {
        verdict.map { word($0) } ?? pick("Description only", "仅作描述")
    }

    var interim: String { pick("Interim", "中期") }

    var interimNote: String {
        pick(
            "Interim: runs are still open or planned, so this verdict may change. "
                + "It is final at the declared end only.",
            "中期结果：仍有运行未结束或待进行，结论可能改变，须至声明的结束时刻方为最终结论。")
    }

    func setting(_ setting: Setting) -> String {
        switch setting {
        case .real: pick("real-world runs", "真实环境运行")
        case .staged: pick("staged runs", "布置环境运行")
        case .simulated: pick("simulated runs", "仿真运行")
        }
    }

    /// Nil for real runs, which need no warning.
    func settingWarning(_ setting: Setting) -> String? {
        switch setting {
        case .real: nil
        case .staged:
            pick(
                "These runs were staged: a place made for the test. They say nothing yet about use in the real world.",
                "这些运行在为测试布置的环境中进行，尚不能说明真实使用中的表现。")
        case .simulated:
            pick(
                "These runs were simulated, in whole or in part. They say nothing yet about use in the real world.",
                "这些运行全部或部分为仿真，尚不能说明真实使用中的表现。")
        }
    }

    /// Nil when the definition judged is the one that was fixed when the first run started.
    func definitionWarning(_ scenario: Summary.Scenario) -> String? {
        guard scenario.isChangedSinceFirstRun else { return nil }
        return pick(
            "The definition was changed after the first run started: what is judged here is not what was registered. "
                + "Both digests stand at the end of this report.\(changes(scenario, "Changed: "))",
            "场景定义在首次运行开始后被修改：此处所依据的并非当初登记的定义。两个摘要值均列于报告末尾。\(changes(scenario, "修改之处："))")
    }

    /// Each change with what was there before and after it; nothing where they are not known.
    private func changes(_ scenario: Summary.Scenario, _ heading: String) -> String {
        guard !scenario.changes.isEmpty else { return "" }
        return " \(heading)\(shortList(scenario.changes.map(\.clause), most: 12))" + pick(".", "。")
    }

    /// `12 of 14 runs counted, 2 excluded`.
    func runCounts(_ runs: Summary.Runs) -> String {
        guard let total = runs.total, let excluded = runs.excluded else {
            return runs.counted.map {
                pick("\(self.runs($0)) counted; how many there were is not shared", "计入 \(self.runs($0))，总数不公开")
            } ?? pick("how many runs there were is not shared", "运行次数不公开")
        }
        guard total > 0 else { return pick("no runs", "没有运行") }
        guard excluded > 0 else { return pick("\(self.runs(total)), all counted", "\(self.runs(total))，全部计入") }
        return pick(
            "\(self.runs(total)): \(Figure.count(runs.counted)) counted, \(Figure.count(excluded)) excluded",
            "\(self.runs(total))：计入 \(Figure.count(runs.counted)) 次，排除 \(Figure.count(excluded)) 次")
    }

    func period(_ period: Summary.Period) -> String { ends(of: period).joined(separator: " ") }

    /// `2026-11-02 00:00 UTC` and `to 2026-11-20 18:00 UTC`.
    func ends(of period: Summary.Period) -> [String] {
        [Span.minute(period.from), pick("to", "至") + " " + Span.minute(period.to)]
    }
}
