package import Frames
package import Scenarios
package import Telemetry

/// What of a run that goes on breaks its definition's rules on completeness, as far as it came.
package struct RunShortfall: Hashable, Sendable {
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        /// A greater share is declared lost than may be.
        case loss = "loss-at-most"
        /// Frames stay away that the definition does not allow to be lost.
        case hole = "open-hole"
        /// The times of samples are less certain than they must be.
        case clockError = "clock-error-at-most"
    }

    /// What an agent has to do with it.
    package struct Part: Hashable, Sendable {
        package let agent: Identifier
        /// Frames that are neither there nor declared lost.
        package var frames: UInt64 = 0
        /// Samples in them, or lost.
        package var samples: UInt64 = 0
    }

    package let rule: Rule
    /// Nil while nobody can say: a hole of which parts still come, or of an agent that is away.
    package let isBroken: Bool?
    /// When it began, by the time of the data.
    package let since: Timestamp
    /// Of 1, or seconds; nil where the time is not known.
    package let value: Double?
    /// Likewise.
    package let limit: Double
    /// Ascending by agent.
    package let parts: [Part]
}

extension RunWatch {
    /// What is found by each of the definition's rules, whether broken or not.
    ///
    /// `definition`: that of the run. `streams`: those of the run's site that have holes, at least. `isStuck`: whether the holes of a stream
    /// stay as they are although its agent is there; nil while nobody can say.
    package func shortfalls(
        _ definition: ScenarioDefinition, _ streams: [StreamAccount], isStuck: (Frames.Stream) -> Bool?
    ) -> [RunShortfall] {
        guard let start = run.start else { return [] }
        let rules = definition.completeness
        let account = RunAccount(run, streams)
        let holes = streams.filter { $0.stream.site == run.site }.flatMap { stream in
            stream.holes.filter { $0.touches(run) }.map { (stream.stream, $0) }
        }
        func latest(_ isMeant: (StreamAccount.Hole) -> Bool) -> Timestamp {
            holes.filter { isMeant($0.1) }.compactMap { $0.1.beginning(in: run) }.max().map { max($0, start) } ?? start
        }
        func share(_ samples: UInt64) -> Double {
            samples == 0 ? 0 : Double(samples) / (Double(account.lost) + Double(account.missing) + Double(delivered))
        }
        let lost = share(account.lost)
        var found = [
            RunShortfall(
                rule: .loss, isBroken: lost > rules.lossAtMost, since: latest { $0.lost > 0 }, value: lost,
                limit: rules.lossAtMost,
                parts: account.absences.filter { $0.lost > 0 }.map { .init(agent: $0.agent, samples: $0.lost) })
        ]
        let absent = share(account.lost.adding(account.missing))
        let isMissing = account.frames > 0 && (absent > rules.lossAtMost || rules.lossAtMost == 0)
        let open = Set(holes.filter { $0.1.missingFrames > 0 }.map(\.0))
        found.append(
            RunShortfall(
                rule: .hole, isBroken: isMissing ? open.contains { isStuck($0) == true } ? true : nil : false,
                since: latest { $0.missingFrames > 0 }, value: absent, limit: rules.lossAtMost,
                parts: account.absences.filter { $0.frames > 0 }.map {
                    .init(agent: $0.agent, frames: $0.frames, samples: $0.missing)
                }))
        if let limit = rules.clockErrorAtMost { found.append(clockShortfall(limit, start)) }
        return found
    }

    private func clockShortfall(_ limit: Int64, _ start: Timestamp) -> RunShortfall {
        let beyond = clocks.filter { $0.value.since != nil }
        let isTimeKnown = beyond.allSatisfy(\.value.isTimeKnown)
        let since = beyond.compactMap(\.value.since).min()
        return RunShortfall(
            rule: .clockError, isBroken: !beyond.isEmpty, since: since.map(Timestamp.init(nanoseconds:)) ?? start,
            value: isTimeKnown && !clocks.isEmpty ? Double(clocks.values.map(\.greatestError).max() ?? 0) / 1e9 : nil,
            limit: Double(limit) / 1e9, parts: beyond.keys.sorted().map { .init(agent: $0) })
    }
}

extension StreamAccount.Hole {
    /// When it began; where its time is not known, by the run's, which was marked in the same boot.
    fileprivate func beginning(in run: Run) -> Timestamp? {
        if let times { return times.lowerBound }
        guard let span = run.bootSpan, span.boot == boot else { return nil }
        return run.start?.advanced(byNanoseconds: sinceBoot.lowerBound &- span.sinceBoot.lowerBound)
    }
}

/// How well the times are known of what one agent has recorded of a run.
struct ClockWatch: Hashable, Sendable {
    /// Nanoseconds, of the frames whose time is known.
    private(set) var greatestError: Int64 = 0
    private(set) var isTimeKnown = true
    /// When the earliest frame was made that is known less well than it must be, nanoseconds; nil for none.
    private(set) var since: Int64?

    /// Takes in a frame that was made at `time`; `error`: nil where its time is not known.
    mutating func note(_ error: Int64?, at time: Int64, limit: Int64) {
        greatestError = max(greatestError, error ?? 0)
        isTimeKnown = isTimeKnown && error != nil
        if error.map({ $0 > limit }) ?? true { since = min(since ?? time, time) }
    }
}
