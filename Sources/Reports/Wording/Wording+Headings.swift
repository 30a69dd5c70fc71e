/// Headings, and what stands over the columns of tables.
extension Wording {
    var documentKind: String { pick("Evidence summary", "证据摘要") }
    var whatNext: String { pick("What to do next", "下一步") }
    var criteria: String { pick("Criteria", "判据") }
    var safety: String { pick("Safety", "安全") }
    var completeness: String { pick("Completeness of the data", "数据完整性") }
    var data: String { pick("Data", "数据") }
    var metrics: String { pick("Metrics", "指标") }
    var runLedger: String { pick("Runs", "运行记录") }
    var governance: String { pick("Governance", "数据治理") }
    var reproduction: String { pick("Reproduce and verify", "复现与核验") }

    var criterion: String { pick("Criterion", "判据") }
    var requirement: String { pick("Requirement", "要求") }
    var measured: String { pick("Measured", "实测") }
    var boundsColumn: String { pick("Bounds", "置信界") }
    var runsColumn: String { pick("Runs", "运行数") }
    var verdictColumn: String { pick("Verdict", "结论") }
    var allRuns: String { pick("all runs", "全部运行") }
    var site: String { pick("Site", "场地") }

    var rule: String { pick("Rule", "规则") }
    var severity: String { pick("Severity", "级别") }
    var count: String { pick("Count", "次数") }
    var firstTime: String { pick("First (UTC)", "首次（UTC）") }

    var condition: String { pick("Condition", "条件") }
    var checks: String { pick("Conditions on the data", "数据条件") }
    var value: String { pick("Value", "数值") }
    var limit: String { pick("Limit", "限值") }
    var holdsColumn: String { pick("Holds", "是否满足") }
    var sampleFate: String { pick("What became of the samples", "样本去向") }
    var samplesColumn: String { pick("Samples", "样本数") }
    var share: String { pick("Share", "占比") }

    var agent: String { pick("Agent", "采集端") }
    var install: String { pick("Installation", "安装标识") }
    var epoch: String { pick("Epoch", "纪元") }
    var priorityClass: String { pick("Class", "类别") }
    var through: String { pick("Complete through frame", "完整至帧") }
    var missingFrames: String { pick("Missing frames", "缺失帧") }
    var declaredLost: String { pick("Declared lost (samples)", "已声明丢失（样本）") }
    var end: String { pick("Its end", "流的结尾") }

    var metric: String { pick("Metric", "指标") }
    var unit: String { pick("Unit", "单位") }
    var mean: String { pick("Mean", "均值") }
    var standardDeviation: String { pick("Std. dev.", "标准差") }
    var minimum: String { pick("Min.", "最小") }
    var median: String { pick("Median", "中位数") }
    var maximum: String { pick("Max.", "最大") }
    var refused: String { pick("Refused", "拒收") }

    var run: String { pick("Run", "运行") }
    var subject: String { pick("Subject", "被测对象") }
    var start: String { pick("Start (UTC)", "开始（UTC）") }
    var duration: String { pick("Duration", "时长") }
    var outcome: String { pick("Outcome", "结果") }
    var failureMode: String { pick("Failure mode", "失效模式") }
    var intervention: String { pick("Intervention", "人工干预") }
    var runData: String { pick("Data of the run", "运行数据") }
    var remarks: String { pick("Remarks", "备注") }

    var scenario: String { pick("Scenario", "场景") }
    var version: String { pick("Version", "版本") }
    var period: String { pick("Period", "时间段") }
    var software: String { pick("Software", "软件") }
    var archive: String { pick("Archive", "档案") }
    var expiredRuns: String { pick("Runs that cannot be computed again: data expired", "无法重新计算的运行（数据已过期）") }
    var definition: String { pick("Definition", "场景定义") }
    var registeredDefinition: String { pick("Definition at the first run", "首次运行时的定义") }
    var definitionsInForce: String { pick("Definitions in force", "有效定义") }
    var schema: String { pick("Schema", "模式") }
}
