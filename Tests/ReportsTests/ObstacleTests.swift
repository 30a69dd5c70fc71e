import Aggregation
import Testing

@testable import Reports

@Suite("Why a criterion is open where its bounds do not tell")
struct ObstacleTests {
    @Test("is said in the reader's language in every form, with the step that bounds allow for")
    func texts() {
        let summary = Summary.ofEveryStatistic
        for format in [ReportFormat.html, .md, .junit] {
            let english = Report.text(summary, format: format, language: .english)
            // Whoever reads JUnit is a program.
            let chinese = format == .junit ? nil : Report.text(summary, format: format, language: .chinese)
            for obstacle in [Summary.Obstacle.equalValues, .fewCycles] {
                #expect(english.contains(obstacle.text.en), "\(format)")
                #expect(chinese?.contains(obstacle.text.zh) ?? true, "\(format)")
            }
            #expect(english.contains("; the bounds allow for half a step"), "\(format)")
            #expect(chinese?.contains("为步长，界限已计入半个步长") ?? true, "\(format)")
        }
    }

    @Test("tells what to do")
    func nextSteps() {
        let english = Wording(language: .english).nextSteps(.ofEveryStatistic)
        #expect(english.contains { $0.hasPrefix("Say in the metric of") && $0.contains("resolution: 0.5 N") })
        #expect(Wording(language: .chinese).nextSteps(.ofEveryStatistic).contains { $0.contains("resolution: 0.5 N") })
    }

    @Test("of values that are said to be exact advises no step of 0")
    func exact() throws {
        var summary = Summary.ofEveryStatistic
        let index = try #require(summary.criteria.firstIndex { $0.obstacle == .equalValues })
        summary.criteria[index].obstacle = .exactValues
        let steps = Wording(language: .english).nextSteps(summary)
        #expect(steps.contains { $0.hasPrefix("Judge “equal” by a quantile") }, "\(steps)")
        #expect(!steps.contains { $0.contains("Say in the metric of") })
        #expect(Wording(language: .chinese).nextSteps(summary).contains { $0.contains("分位数") })
    }

    @Test("of runs past their retention tells to begin later, and not to run more")
    func retired() throws {
        var summary = Summary.ofEveryStatistic
        summary.verdict = .inconclusive
        summary.governance.retiredRuns = 3
        for index in summary.criteria.indices { summary.criteria[index].obstacle = .retiredRuns }
        let steps = Wording(language: .english).nextSteps(summary)
        #expect(steps.contains { $0.contains("--from") })
        #expect(!steps.contains { $0.contains("Run more") || $0.contains("Carry out") })
        #expect(Wording(language: .chinese).nextSteps(summary).contains { $0.contains("--from") })
    }

    @Test("is read back as it was written")
    func stored() throws {
        let summary = Summary.ofEveryStatistic
        let read = try Summary(json: summary.json)
        #expect(read.criteria.map(\.obstacle) == summary.criteria.map(\.obstacle))
        #expect(read.criteria.map(\.resolution) == summary.criteria.map(\.resolution))
    }
}
