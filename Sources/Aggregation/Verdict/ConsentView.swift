import Scenarios
import Telemetry

/// When nothing was kept of what the definition judges by, because nobody had consented: run by run, by what boxes put on record.
struct ConsentView {
    private struct Known {
        let agent: Identifier
        let subjects: Set<String>
        let stretch: ConsentAccount.Stretch
    }

    private let accounts: [Identifier: [(account: ConsentAccount, subjects: Set<String>)]]
    /// By run, for those of which something is known.
    private var stretches: [RunKey: [Known]] = [:]

    init(_ evidence: Evidence) { self.init(evidence.consents, of: evidence.runs) }

    /// `consents`: as ``Evidence/consents`` has them.
    init(_ consents: [ConsentAccount], of runs: [Run]) {
        accounts = Dictionary(grouping: consents, by: \.boot.site).mapValues { all in all.map { ($0, $0.subjects) } }
        guard !accounts.isEmpty else { return }
        for run in runs {
            guard let window = run.nanoseconds, let own = accounts[run.site] else { continue }
            let known = own.flatMap { account, subjects in
                account.stretches(in: window) { run.place($0, of: account.boot) }.map {
                    Known(agent: account.boot.agent, subjects: subjects, stretch: $0)
                }
            }
            if !known.isEmpty { stretches[RunKey(run)] = known }
        }
    }

    var isEmpty: Bool { stretches.isEmpty }

    /// When one series was held back in a run.
    func held(_ source: SeriesSource, in run: RunKey) -> TimeRanges {
        TimeRanges(
            (stretches[run] ?? []).filter { $0.agent == source.agent }.flatMap { known in
                known.stretch.rules.compactMap { rule -> Range<Int64>? in
                    guard rule.pattern.matches(source.name), let subject = source.subject(rule.giver),
                        !known.stretch.granted.contains(subject)
                    else { return nil }
                    // Of a name that was never on record nobody can tell whether it is a subject's.
                    if case .tag = rule.giver, !known.subjects.contains(subject) { return nil }
                    return known.stretch.times
                }
            })
    }

    /// When a metric's series, or some of them, were held back in a run.
    ///
    /// Where tags name the subjects, it is the run's own subject that matters, if boxes know it; else those who had consented in some part of
    /// the run; where nobody had, the whole of it was held back. Who never consents is on no record: for the archive they are not there.
    func held(_ metric: Metric, in run: Run) -> TimeRanges {
        guard case .series(let selector) = metric.source else { return TimeRanges() }
        return held(selector.name, in: run) { key, subject in
            selector.tags.allSatisfy { pattern in
                guard pattern.key == key else { return true }
                switch pattern.demand {
                case .present: return true
                case .absent: return false
                case .value(let value): return value == subject
                }
            }
        }
    }

    /// When an event was held back in a run.
    func held(event: String, in run: Run) -> TimeRanges { held(event, in: run) { _, _ in true } }

    /// Whether none of these events was held back in any part of the run, so that their number is known.
    func allows(_ events: [String], in run: Run) -> Bool {
        isEmpty || events.allSatisfy { held(event: $0, in: run).isEmpty }
    }

    private func held(_ name: String, in run: Run, takesPart: (_ key: String, _ subject: String) -> Bool) -> TimeRanges
    {
        guard let known = stretches[RunKey(run)] else { return TimeRanges() }
        var ranges: [Range<Int64>] = []
        let byAgent = Dictionary(grouping: known, by: \.agent)
        for agent in byAgent.values {
            for giver in Set(agent.flatMap { $0.stretch.rules.filter { $0.pattern.matches(name) }.map(\.giver) }) {
                let ruled = agent.filter { known in
                    known.stretch.rules.contains { $0.giver == giver && $0.pattern.matches(name) }
                }
                let subjects: Set<String>
                switch giver {
                case .subject(let subject): subjects = [subject]
                case .tag(let key):
                    let all = ruled.reduce(into: Set<String>()) { $0.formUnion($1.subjects) }
                    let own = run.subject.flatMap { all.contains($0) ? $0 : nil }
                    let present =
                        own.map { [$0] }
                        ?? ruled.reduce(into: Set<String>()) { $0.formUnion($1.stretch.granted) }
                    subjects = present.filter { takesPart(key, $0) }
                }
                for part in ruled.map(\.stretch)
                where subjects.isEmpty || subjects.contains(where: { !part.granted.contains($0) }) {
                    ranges.append(part.times)
                }
            }
        }
        return TimeRanges(ranges)
    }
}

extension SeriesSource {
    /// The name of the series without its tags.
    fileprivate var name: Substring { key.prefix { $0 != "," } }

    /// Whose consent it needs; nil for a series without the tag.
    fileprivate func subject(_ giver: ConsentGiver) -> String? {
        switch giver {
        case .subject(let subject): subject
        case .tag(let tag):
            key.split(separator: ",").dropFirst().first { $0.hasPrefix(tag + "=") }.map {
                String($0.dropFirst(tag.count + 1))
            }
        }
    }
}

extension Run {
    /// Its window; nil for a run without one, or longer than 64 bits can count.
    var nanoseconds: Range<Int64>? {
        guard let window, window.upperBound.nanoseconds(since: window.lowerBound) < .max else { return nil }
        return window.lowerBound.nanoseconds..<window.upperBound.nanoseconds
    }

    /// When something of a boot was, by the clock of the run, nanoseconds; nil when the two cannot be compared.
    fileprivate func place(_ entry: ConsentAccount.Entry, of boot: BootKey) -> Int64? {
        if let bootSpan, bootSpan.boot == boot, let start {
            let (sum, overflow) = start.nanoseconds.addingReportingOverflow(
                entry.sinceBoot.subtractingReportingOverflow(bootSpan.sinceBoot.lowerBound).partialValue)
            return overflow ? nil : sum
        }
        return isTimeKnown ? entry.wall?.nanoseconds : nil
    }
}
