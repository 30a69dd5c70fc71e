import Scenarios
import Statistics

/// Trials that succeed or fail, in the order in which their runs began.
struct Trials {
    let sequence: [Bool]
    let runs: Int
    /// Runs of which it is not known what they gave.
    let missing: Int
    /// How events within runs go together, of which a run without data may hold any number; nil where runs are the trials.
    let events: Events?

    /// Of one run.
    typealias OfRun = (successes: Int, trials: Int)

    enum Events {
        /// The definition takes all of them for independent.
        case independent
        /// Those of one run may be alike: by run, how many there were.
        case alikeWithinRuns([OfRun])
    }

    private var areEvents: Bool { events != nil }

    func estimate(
        _ method: Scenarios.Criterion.ProportionMethod, _ question: Question
    ) throws(StatisticsError) -> Estimate {
        let share = try Proportion(successes: sequence.count { $0 }, trials: sequence.count)
        switch method {
        case .clopperPearson, .wilson:
            let interval: Proportion.Method = method == .wilson ? .wilson : .clopperPearson
            if case .alikeWithinRuns(let counts)? = events { return try clustered(counts, interval, question) }
            return try estimate(share.bounds(interval, at: question.confidence), question) {
                () throws(StatisticsError) in
                try share.moreRuns(for: question.requirement, interval, at: question.confidence)
            }
        case .anytime:
            let sequence = ConfidenceSequence(share)
            return try estimate(sequence.bounds(at: question.confidence), question) { () throws(StatisticsError) in
                try sequence.moreRuns(for: question.requirement, at: question.confidence)
            }
        case .sprt(let expect, let power):
            return try sequential(share, expect: expect, power: power, question)
        }
    }

    /// Runs are independent, and what it takes is told in runs like those that had events.
    private func clustered(
        _ counts: [OfRun], _ method: Proportion.Method, _ question: Question
    ) throws(StatisticsError) -> Estimate {
        let share = try ClusteredProportion(counts)
        let bounds = share.bounds(method, at: question.confidence)
        var estimate = try Estimate(
            isWhole ? bounds : bounds.unknown(question.confidence), n: known, missing: missing,
            requirement: question.requirement
        ) { () throws(StatisticsError) in
            guard isWhole, share.clusters > 0 else { return nil }
            return try share.moreClusters(for: question.requirement, method, at: question.confidence)
                .map { perRun($0, seen: share.clusters, in: runs) }
        }
        estimate.events = sequence.count
        return estimate
    }

    private func estimate(
        _ bounds: Bounds, _ question: Question, moreTrials: () throws(StatisticsError) -> Int?
    ) throws(StatisticsError) -> Estimate {
        var estimate = try Estimate(
            isWhole ? bounds : bounds.unknown(question.confidence), n: known, missing: missing,
            requirement: question.requirement
        ) { () throws(StatisticsError) in isWhole ? inRuns(try moreTrials()) : nil }
        if areEvents { estimate.events = sequence.count }
        return estimate
    }

    /// Wald's test decides; the bounds beside it hold at every look too, and are there to be read.
    private func sequential(
        _ share: Proportion, expect: Double, power: Double, _ question: Question
    ) throws(StatisticsError) -> Estimate {
        var course = SequentialTest.Course(
            try SequentialTest(
                acceptable: expect, unacceptable: question.requirement.threshold,
                falseAcceptance: 1 - question.confidence.level, falseRejection: 1 - power))
        for trial in sequence { course.record(success: trial) }
        let bounds = ConfidenceSequence(share).bounds(at: question.confidence)
        // Turned down is not refuted: a share between the limit and what was expected is too.
        let decision: Decision =
            switch course.decision {
            case .met: .met
            case .refuted, .undecided: bounds.decision(on: question.requirement) == .refuted ? .refuted : .undecided
            }
        var estimate = Estimate(
            bounds, n: known, missing: missing, decision: decision,
            moreRuns: course.decision == .undecided ? inRuns(try course.moreRuns()) : nil)
        let level = Figure.percent(1 - question.confidence.level)
        switch course.decision {
        case .met:
            estimate.note =
                "Wald's test accepted it after run \(course.decidedAfter ?? known); a share beyond the limit is accepted with a "
                + "probability of at most \(level)"
        case .refuted:
            estimate.note =
                "Wald's test turned it down after run \(course.decidedAfter ?? known): it is not as good as the expected "
                + "\(Figure.percent(expect)), and no further run makes it pass"
        case .undecided: estimate.note = nil
        }
        return estimate
    }

    private var isWhole: Bool { !areEvents || missing == 0 }
    private var known: Int { areEvents ? runs - missing : sequence.count }

    /// Trials as runs that bring them.
    private func inRuns(_ trials: Int?) -> Int? {
        guard let trials, sequence.count != runs else { return trials }
        return sequence.isEmpty ? nil : perRun(trials, seen: sequence.count, in: runs)
    }
}
