import Frames
import Scenarios
import Telemetry

/// What is missing of one run, by agent.
struct RunAccount {
    /// What one agent's streams lack.
    struct Absence {
        let agent: Identifier
        var lost: UInt64 = 0
        var missing: UInt64 = 0
        var frames: UInt64 = 0
    }

    let run: Run
    /// Ascending by agent; none that lacks nothing.
    let absences: [Absence]

    /// - Parameters:
    ///   - run: one with a window.
    ///   - streams: with their holes.
    init(_ run: Run, _ streams: [StreamAccount]) {
        self.run = run
        var found: [Identifier: Absence] = [:]
        for account in streams where account.stream.site == run.site {
            for hole in account.holes where hole.touches(run) {
                let agent = account.stream.agent
                var absence = found[agent] ?? Absence(agent: agent)
                absence.lost = absence.lost.adding(hole.lost)
                absence.missing = absence.missing.adding(hole.missing)
                absence.frames = absence.frames.adding(hole.missingFrames)
                found[agent] = absence
            }
        }
        absences = found.values.filter { max($0.lost, $0.missing, $0.frames) > 0 }.sorted { $0.agent < $1.agent }
    }

    var lost: UInt64 { absences.reduce(0) { $0.adding($1.lost) } }
    var missing: UInt64 { absences.reduce(0) { $0.adding($1.missing) } }
    var frames: UInt64 { absences.reduce(0) { $0.adding($1.frames) } }
}

extension UInt64 {
    /// The sum, or the greatest number there is: what a sender claims to be missing is no reason to stop.
    func adding(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

extension StreamAccount {
    /// Whether the agent crashed in the run, so that samples of it may be gone that nobody can count.
    func mayHaveLostTail(of run: Run) -> Bool {
        stream.site == run.site && run.window != nil && unprovenTail?.touches(run) == true
    }

    /// Whether the run goes on beyond what the agent has sent.
    func mayLackTail(of run: Run) -> Bool {
        stream.site == run.site && run.window != nil && openTail?.touches(run) == true
    }
}

extension StreamAccount.Hole {
    /// Whether some of the hole may belong to the run. Of two times that cannot be compared it is not known, and the account of the whole
    /// period speaks for them.
    func touches(_ run: Run) -> Bool {
        if let span = run.bootSpan, let boot, span.boot == boot {
            return span.sinceBoot.lowerBound <= sinceBoot.upperBound && sinceBoot.lowerBound < span.sinceBoot.upperBound
        }
        guard run.isTimeKnown, let window = run.window, let times else { return false }
        return window.lowerBound <= times.upperBound && times.lowerBound < window.upperBound
    }
}

extension Evidence {
    /// The account of each run with a window; see `Summary.RunCompleteness`.
    ///
    /// `coverage`: of all runs.
    func runAccounts(
        _ coverage: RunCoverage, _ view: ConsentView
    ) -> [RunKey: (account: RunAccount, completeness: Summary.RunCompleteness)] {
        var accounts: [RunKey: (RunAccount, Summary.RunCompleteness)] = [:]
        for run in runs where run.window != nil {
            let account = RunAccount(run, streams)
            var completeness = completeness(of: run, account, coverage.byRun[RunKey(run)])
            let held = held(in: run, view)
            completeness.withoutConsent = held > 0 ? Double(held) / 1e9 : nil
            accounts[RunKey(run)] = (account, completeness)
        }
        return accounts
    }

    private func completeness(
        of run: Run, _ account: RunAccount, _ coverage: RunCoverage.Cover?
    ) -> Summary.RunCompleteness {
        let aggregate = aggregate(of: run)
        var result = Summary.RunCompleteness(
            delivered: aggregate?.samples ?? 0, lost: account.lost, missing: account.missing,
            missingFrames: account.frames, coverage: coverage?.share,
            longestGap: coverage.map { Double($0.longestGap) / 1e9 },
            clockError: run.isTimeKnown ? aggregate?.clockError.map { Double($0) / 1e9 } : nil, broken: [])
        let rules = definition.completeness
        let absent = Double(result.lost) + Double(result.missing)
        let share = absent == 0 ? 0 : absent / (absent + Double(result.delivered))
        if share > rules.lossAtMost || rules.lossAtMost == 0 && result.missingFrames > 0 { result.broken.append(.loss) }
        if let limit = rules.gapAtMost, let coverage, coverage.longestGap > limit { result.broken.append(.gap) }
        if let limit = rules.coverageAtLeast, let coverage, coverage.share < limit { result.broken.append(.coverage) }
        if let limit = rules.clockErrorAtMost, aggregate.map({ $0.frames > 0 }) == true || !run.isTimeKnown,
            result.clockError.map({ $0 > Double(limit) / 1e9 }) ?? true
        {
            result.broken.append(.clockError)
        }
        if asksForTime, !run.isTimeKnown { result.broken.append(.time) }
        if rules.lossAtMost == 0, streams.contains(where: { $0.mayHaveLostTail(of: run) }) {
            result.broken.append(.tail)
        }
        if streams.contains(where: { $0.mayLackTail(of: run) }) { result.broken.append(.heard) }
        return result
    }
}

extension Evidence {
    /// Whether the verdict stands on the wall clock: then data of an unknown time cannot bear a pass. Gaps and coverage do not: they are
    /// measured within runs, by the boot clock of the box that marked the run, or not at all.
    var asksForTime: Bool { definition.completeness.clockErrorAtMost != nil || isPeriodAsked }
}
