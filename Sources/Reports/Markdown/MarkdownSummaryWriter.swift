package import Aggregation
import Scenarios

/// GitHub-flavoured Markdown, for issues, pull requests and wikis: the verdict first, then what it rests on.
package struct MarkdownSummaryWriter: SummaryWriter {
    package static let format = ReportFormat.md

    let wording: Wording

    package init(language: ReportLanguage) {
        wording = Wording(language: language)
    }

    package func write(_ summary: Summary, to output: inout some TextOutputStream) {
        let sections = [
            opening(summary), nextSteps(summary), criteria(summary.criteria), safety(summary.safety),
            completeness(summary.completeness), runs(summary), governance(summary.governance),
            reproduction(summary),
        ]
        output.write(sections.joined(separator: "\n"))
    }

    func escaped(_ text: String) -> String { MarkdownText.escaped(text) }

    /// A verdict as a sign and a word.
    func mark(_ verdict: Verdict?, _ word: String) -> String {
        switch verdict {
        case .pass: "✔ \(word)"
        case .fail: "✘ \(word)"
        case .inconclusive: "◇ \(word)"
        case nil: word
        }
    }

    private func opening(_ summary: Summary) -> String {
        let scenario = summary.scenario
        var text = "# \(escaped(scenario.title(in: wording.language.tag)))\n\n"
        text += "**\(mark(summary.verdict, wording.word(summary.verdict)))**"
        if summary.isInterim { text += " (\(wording.interim))" }
        text += wording.pick(": ", "：") + escaped(wording.text(summary.reason)) + "\n\n"
        let warnings = [
            summary.isInterim ? wording.interimNote : nil, wording.settingWarning(scenario.setting),
            wording.definitionWarning(scenario), wording.sharingNote(summary.governance),
        ]
        for warning in warnings { if let warning { text += "> \(escaped(warning))\n\n" } }
        text += "\(wording.documentKind) · \(MarkdownText.code("\(scenario.id) \(scenario.version)")) · "
        text += "\(wording.setting(scenario.setting)) · \(escaped(wording.period(summary.period))) · "
        return text + escaped(wording.runCounts(summary.runs)) + "\n"
    }

    private func nextSteps(_ summary: Summary) -> String {
        var text = "## \(wording.whatNext)\n\n"
        for (index, step) in wording.nextSteps(summary).enumerated() { text += "\(index + 1). \(escaped(step))\n" }
        return text
    }

    private func governance(_ rules: Summary.Governance) -> String {
        var text = "## \(wording.governance)\n\n"
        for row in wording.governance(rules) {
            text += "- \(escaped(row.name))\(wording.colon)\(escaped(row.value))\n"
        }
        return text
    }

    private func reproduction(_ summary: Summary) -> String {
        var text = "## \(wording.reproduction)\n\n"
        for row in wording.reproduction(summary) {
            text += "- \(escaped(row.name))\(wording.colon)\(MarkdownText.code(row.value))\n"
        }
        text += "\n\(escaped(wording.verifyIntro))\n\n"
        text += "```\n\(wording.verifyCommand)\n```\n\n"
        return text + escaped(wording.sourceNote) + "\n"
    }
}
