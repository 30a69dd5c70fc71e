import Telemetry

/// What rules found of one subject at one site.
struct SubjectCourse: Sendable {
    let subject: SubjectKey
    let agents: Set<Identifier>
    /// By boot, in the order of its clock.
    private var onsets: [BootKey: [Occasion]] = [:]
    /// By boot, of each series that tells some, in the order of its clock.
    private var statements: [BootKey: [[RuleTrace.Statement]]] = [:]
    private var knownBoots: Set<BootKey> = []

    init(_ subject: SubjectKey, _ traces: [RuleTrace]) {
        self.subject = subject
        agents = Set(traces.map(\.boot.agent))
        // A series goes on over a restart of its box: what it begins with there is no beginning if it held before.
        var held: [SeriesName: [Bool]] = [:]
        for trace in traces.sorted(by: Self.precedes) {
            let boot = trace.boot
            let isKnown = trace.begin.isTimeKnown
            if isKnown { knownBoots.insert(boot) }
            var occasions: [Occasion] = []
            for source in trace.sources {
                let name = SeriesName(agent: boot.agent, key: source.key)
                let before = isKnown ? held[name] ?? [] : []
                for (place, all) in ([source.starts] + source.stops).enumerated() {
                    let kind = place == 0 ? Occasion.Kind.start : .stop(place - 1)
                    for onset in all where !(onset.isFirst && place < before.count && before[place]) {
                        occasions.append(Occasion(kind: kind, boot: boot, instant: onset.instant))
                    }
                }
                if isKnown { held[name] = source.isHolding }
                if !source.statements.isEmpty {
                    statements[boot, default: []].append(
                        source.statements.sorted { $0.first.sinceBoot < $1.first.sinceBoot })
                }
            }
            onsets[boot, default: []] += occasions
        }
        for boot in onsets.keys { onsets[boot]?.sort(by: Occasion.precedes) }
    }

    private struct SeriesName: Hashable {
        let agent: Identifier
        let key: String
    }

    /// Boots in the order of time, as far as it is known; then by their names.
    private static func precedes(_ a: RuleTrace, _ b: RuleTrace) -> Bool {
        a.begin.time != b.begin.time ? a.begin.time < b.begin.time : a.boot < b.boot
    }

    /// Every onset of the start.
    var starts: [Occasion] { onsets.values.flatMap { $0.filter { $0.kind == .start } } }

    /// Occasions that can be compared with each other, in order: all of known times together, and each boot whose time is not known by itself.
    ///
    /// `events`: what is joined in, at its place.
    func tracks(with events: [Occasion]) -> [[Occasion]] {
        var byBoot = onsets
        for event in events {
            if let boot = event.boot { byBoot[boot, default: []].append(event) }
        }
        var known: [[Occasion]] = []
        var alone: [[Occasion]] = []
        let published = events.filter { $0.boot == nil }
        if !published.isEmpty { known.append(published.sorted(by: Occasion.precedes)) }
        for boot in byBoot.keys.sorted() {
            let occasions = (byBoot[boot] ?? []).sorted(by: Occasion.precedes)
            if knownBoots.contains(boot) || occasions.contains(where: \.instant.isTimeKnown) {
                known.append(occasions)
            } else {
                alone.append(occasions)
            }
        }
        return [Self.joined(known)] + alone
    }

    /// Several orders as one that keeps each of them: next comes what has the least time of all that are first.
    ///
    /// Not a sort by time, since a wall clock that was set back within a boot must not turn the order of that boot round.
    private static func joined(_ orders: [[Occasion]]) -> [Occasion] {
        guard orders.count > 1 else { return orders.first ?? [] }
        var rest = orders.map { $0[...] }
        var joined: [Occasion] = []
        while let next = rest.indices.filter({ !rest[$0].isEmpty }).min(by: { Self.isDue(rest[$0], before: rest[$1]) })
        {
            joined.append(rest[next].removeFirst())
        }
        return joined
    }

    private static func isDue(_ a: ArraySlice<Occasion>, before b: ArraySlice<Occasion>) -> Bool {
        guard let one = a.first, let other = b.first else { return false }
        return (one.instant.time, one.kind.rank) < (other.instant.time, other.kind.rank)
    }

    /// The outcome that the series stated last between two occasions.
    ///
    /// - Parameters:
    ///   - start: of the run.
    ///   - stop: of the run.
    ///   - next: the start of the run after it, which ends what may be said of this one.
    ///   - grace: how long after the stop it may still say so, nanoseconds.
    /// - Returns: the place of the outcome; nil for a word that is none, nil for the whole when nothing was said.
    func lastStatement(from start: Occasion, to stop: Occasion, before next: Occasion?, grace: Int64) -> Int?? {
        var latest: (outcome: Int?, time: Int64)?
        for boot in statements.keys.sorted() {
            func occasion(_ instant: RecordedInstant) -> Occasion {
                Occasion(kind: .start, boot: boot, instant: instant)
            }
            for series in statements[boot] ?? [] {
                // The last that may be of the run; those before it are older.
                let place = series.firstPlace { statement in
                    let first = occasion(statement.first)
                    guard let after = first.distance(since: stop), after <= grace else { return true }
                    return next.map { first.distance(since: $0) ?? 0 >= 0 } ?? false
                }
                guard place > 0 else { continue }
                let statement = series[place - 1]
                guard let since = occasion(statement.last).distance(since: start), since >= 0,
                    let after = occasion(statement.first).distance(since: stop), after >= latest?.time ?? .min
                else { continue }
                latest = (statement.outcome, after)
            }
        }
        return latest.map(\.outcome)
    }
}

extension [RuleTrace.Statement] {
    /// The first place from which on all are late, where none before is.
    fileprivate func firstPlace(_ isLate: (RuleTrace.Statement) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if isLate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
