import Frames
import Scenarios
import Telemetry

extension Evidence {
    /// Whether the data are all there, and what of it the definition asks for.
    ///
    /// `coverage`: of all runs.
    func completeness(_ coverage: RunCoverage, _ view: ConsentView) -> Summary.Completeness {
        func sum(_ count: KeyPath<StreamAccount, UInt64>) -> UInt64 {
            streams.reduce(0) { $0.adding($1[keyPath: count]) }
        }
        let counted = counted
        let ofCounted = counted.count == runs.count ? coverage : RunCoverage(self, over: counted, view)
        let coverage = ofCounted.overall
        var result = Summary.Completeness(
            verdict: .complete, accepted: sum(\.accepted), delivered: sum(\.delivered), lost: sum(\.lost),
            pending: sum(\.pending), duplicates: sum(\.duplicates),
            untimed: streams.reduce(0) { $0.adding($1.isTimeKnown ? 0 : $1.delivered) },
            unusable: counted.reduce(0) { $0 + (aggregate(of: $1)?.unusable ?? 0) }, coverage: coverage?.share,
            longestGap: coverage.map { Double($0.longestGap) / 1e9 }, clockError: clockError(of: counted), checks: [],
            streams: streams.sorted { $0.stream.precedes($1.stream) }.map { account in
                Summary.StreamState(account, isExceeded: counted.contains(where: account.mayLackTail(of:)))
            })
        let isMissingFrames = result.streams.contains { !$0.missing.isEmpty || $0.uncountedFrames > 0 }
        result.checks = checks(of: result, isMissingFrames: isMissingFrames, expectsSamples: coverage != nil)
        if result.lacksData || result.pending > 0 || isMissingFrames {
            result.verdict = .incomplete
        } else if result.lost > 0 {
            result.verdict = .declaredLoss
        }
        return result
    }

    private func checks(
        of result: Summary.Completeness, isMissingFrames: Bool, expectsSamples: Bool
    ) -> [Summary.Check] {
        let rules = definition.completeness
        let absent = Double(result.lost) + Double(result.pending)
        let share = result.accepted == 0 ? 0 : absent / Double(result.accepted)
        var checks = [
            Summary.Check(
                id: .loss, value: share, limit: rules.lossAtMost, unit: "1",
                holds: share <= rules.lossAtMost && (rules.lossAtMost > 0 || !isMissingFrames))
        ]
        func check(
            _ id: Summary.Check.ID, _ value: Double?, _ limit: Double, _ unit: String, isNeeded: Bool, _ ok: Bool?
        ) {
            checks.append(Summary.Check(id: id, value: value, limit: limit, unit: unit, holds: ok ?? !isNeeded))
        }
        if let limit = rules.gapAtMost.map({ Double($0) / 1e9 }) {
            check(.gap, result.longestGap, limit, "s", isNeeded: expectsSamples, result.longestGap.map { $0 <= limit })
        }
        if let limit = rules.coverageAtLeast {
            check(.coverage, result.coverage, limit, "1", isNeeded: expectsSamples, result.coverage.map { $0 >= limit })
        }
        if let limit = rules.clockErrorAtMost.map({ Double($0) / 1e9 }) {
            let hasFrames = counted.contains { aggregate(of: $0).map { $0.frames > 0 } ?? false }
            check(
                .clockError, result.clockError, limit, "s", isNeeded: hasFrames, result.clockError.map { $0 <= limit })
        }
        if let markedCheck { checks.append(markedCheck) }
        if result.untimed > 0, asksForTime {
            check(.time, Double(result.untimed), 0, "1", isNeeded: true, false)
        }
        if result.unusable > 0 {
            check(.definitions, Double(result.unusable), 0, "1", isNeeded: true, false)
        }
        if rules.lossAtMost == 0 {
            let crashed = counted.count { run in streams.contains { $0.mayHaveLostTail(of: run) } }
            if crashed > 0 { check(.tail, Double(crashed), 0, "1", isNeeded: true, false) }
        }
        let unheard = counted.count { run in streams.contains { $0.mayLackTail(of: run) } }
        if unheard > 0 { check(.heard, Double(unheard), 0, "1", isNeeded: true, false) }
        let unfolded = counted.count { expired.contains(RunKey($0)) && aggregate(of: $0) == nil }
        if unfolded > 0 { check(.expired, Double(unfolded), 0, "1", isNeeded: true, false) }
        if let redactionCheck { checks.append(redactionCheck) }
        if let consentCheck { checks.append(consentCheck) }
        return checks
    }

    /// Nil when no frame was used, or when the time of one is not known.
    private func clockError(of runs: [Run]) -> Double? {
        var greatest: Int64?
        for aggregate in runs.compactMap(aggregate(of:)) where aggregate.frames > 0 {
            guard let error = aggregate.clockError else { return nil }
            greatest = max(greatest ?? error, error)
        }
        return greatest.map { Double($0) / 1e9 }
    }
}

extension Summary.StreamState {
    fileprivate init(_ account: StreamAccount, isExceeded: Bool) {
        self.init(
            site: account.stream.site, agent: account.stream.agent, install: account.stream.install,
            epoch: account.stream.epoch, priority: account.stream.priority, through: account.through,
            missing: account.missing, declaredLost: account.lost, uncountedFrames: account.uncountedFrames,
            isTimeKnown: account.isTimeKnown, tail: account.tail,
            silentSince: account.silentSince, provenThrough: isExceeded ? account.provenThrough : nil)
    }
}
