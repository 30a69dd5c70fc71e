import Scenarios
import Statistics

extension CriterionPlanning {
    func proportion(
        _ trials: Scenarios.Criterion.Trials, _ method: Scenarios.Criterion.ProportionMethod, _ question: Question
    ) throws(StatisticsError) -> Answer {
        var answer: Answer
        switch method {
        case .clopperPearson, .wilson: answer = try fixed(method == .wilson ? .wilson : .clopperPearson, question)
        case .anytime: answer = try anytime(question)
        case .sprt(let expect, let power): answer = try sequential(expect: expect, power: power, question)
        }
        guard case .events(let hit, let miss, let areIndependent) = trials else { return answer }
        guard areIndependent else { return inRuns(answer) }
        answer.note = Summary.Text(
            en: "these are trials, events \(hit) or \(miss); how many runs bring them nobody can tell beforehand",
            zh: "此处为试验次数（事件 \(hit) 或 \(miss)），需要多少次运行无法预先得知")
        answer.fewest?.runs = nil
        answer.powered?.runs = nil
        return answer
    }

    /// Where the events of one run may be alike, so many flawless runs with one event at least are what it takes at best, however many
    /// events they bring; how much more, only their alikeness shows.
    private func inRuns(_ answer: Answer) -> Answer {
        Answer(
            fewest: answer.fewest.map {
                CriterionPlan.Need(
                    runs: $0.runs, exposure: nil,
                    assumption: Summary.Text(
                        en: "each with one event at least, and none against it", zh: "每次至少有一个事件，且无一不利"))
            },
            note: Summary.Text(
                en:
                    "events of one run may be alike, so runs count, not events; how many more it takes depends on how alike "
                    + "they are: plan again after some runs",
                zh: "同一次运行中的事件可能彼此相似，因此按运行计而非按事件计；还需多少次取决于其相似程度，运行数次后请重新规划"))
    }

    private var flawless: Summary.Text { Summary.Text(en: "without a miss", zh: "无一失败") }

    /// The true share of hits that is assumed: what was said, else halfway from the threshold to perfection.
    private var assumedShare: Double {
        let threshold = criterion.threshold.value
        return truth ?? (criterion.comparator == .atLeast ? (1 + threshold) / 2 : threshold / 2)
    }

    private func assumption(_ share: Double) -> Summary.Text {
        let text = figure(share)
        return Summary.Text(en: "if the true share is \(text)", zh: "若真实比率为 \(text)")
    }

    private func fixed(_ method: Proportion.Method, _ question: Question) throws(StatisticsError) -> Answer {
        var answer = Answer()
        var allowances: [CriterionPlan.Allowance] = []
        var start = 1
        for misses in 0...5 {
            guard let runs = try firstRuns(allowing: misses, method, question, from: start) else { break }
            allowances.append(CriterionPlan.Allowance(misses: misses, runs: runs))
            start = runs
        }
        answer.allowances = allowances
        answer.fewest = runs(allowances.first?.runs, flawless)
        if method == .clopperPearson {
            let powered = try Proportion.runs(
                meeting: question.requirement, ifRateIs: assumedShare, power: powerAtEachPlace,
                at: question.confidence)
            answer.powered = runs(powered, assumption(assumedShare))
        }
        return answer
    }

    /// The fewest runs that prove the share with so many misses among them.
    private func firstRuns(
        allowing misses: Int, _ method: Proportion.Method, _ question: Question, from start: Int
    ) throws(StatisticsError) -> Int? {
        func proves(_ runs: Int) throws(StatisticsError) -> Bool {
            guard runs > misses else { return false }
            let hits = criterion.comparator == .atLeast ? runs - misses : misses
            return try Proportion(successes: hits, trials: runs).bounds(method, at: question.confidence)
                .decision(on: question.requirement) == .met
        }
        var high = max(start, misses + 1)
        while try !proves(high) {
            guard high < 1_000_000 else { return nil }
            high *= 2
        }
        var low = high / 2
        while high - low > 1 {
            let middle = (low + high) / 2
            if try proves(middle) { high = middle } else { low = middle }
        }
        return high
    }

    private func anytime(_ question: Question) throws(StatisticsError) -> Answer {
        let sequence = ConfidenceSequence(try Proportion(successes: 0, trials: 0))
        let fewest = try sequence.moreRuns(for: question.requirement, at: question.confidence)
        return Answer(
            fewest: runs(fewest, flawless),
            note: Summary.Text(en: "may be looked at after every run", zh: "每次运行后均可查看"))
    }

    private func sequential(
        expect: Double, power: Double, _ question: Question
    ) throws(StatisticsError) -> Answer {
        let test = try SequentialTest(
            acceptable: expect, unacceptable: question.requirement.threshold,
            falseAcceptance: 1 - question.confidence.level, falseRejection: 1 - power)
        let truth = truth ?? expect
        let course = try test.characteristic(at: truth)
        let mean = Int(course.expectedRuns.rounded(.up))
        let chance = Figure.percent((course.met * 1000).rounded() / 1000)
        guard course.undecided < 1e-3 else {
            return Answer(
                fewest: runs(try SequentialTest.Course(test).moreRuns(), flawless),
                note: Summary.Text(
                    en: "limit and expectation are so close that 10000 runs need not decide",
                    zh: "阈值与预期过于接近，一万次运行也未必能判定"))
        }
        return Answer(
            fewest: runs(try SequentialTest.Course(test).moreRuns(), flawless),
            powered: runs(
                mean,
                Summary.Text(
                    en: "on average, \(assumption(truth).en); it passes with a probability of \(chance)",
                    zh: "平均值，\(assumption(truth).zh)；通过概率为 \(chance)")),
            note: Summary.Text(en: "may be looked at after every run", zh: "每次运行后均可查看"))
    }

    func quantile(_ q: Double, _ question: Question) throws(StatisticsError) -> Answer {
        // An upper bound on the q quantile, or a lower one on it, is an order statistic that must exist.
        let share = criterion.comparator == .atMost ? q : 1 - q
        let fewest = try Proportion.flawlessRuns(proving: share, at: question.confidence)
        let side = criterion.comparator == .atMost ? ("below", "低于") : ("above", "高于")
        let limit = figure(criterion.threshold.value)
        let better = truth ?? (1 + share) / 2
        let powered = try Proportion.runs(
            meeting: .atLeast(share), ifRateIs: better, power: powerAtEachPlace, at: question.confidence)
        let part = Figure.percent(better)
        return Answer(
            fewest: runs(
                fewest, Summary.Text(en: "every value \(side.0) \(limit)", zh: "全部数值\(side.1) \(limit)")),
            powered: runs(
                powered,
                Summary.Text(
                    en: "if \(part) of all values lie \(side.0) \(limit)", zh: "若 \(part) 的数值\(side.1) \(limit)")))
    }
}
