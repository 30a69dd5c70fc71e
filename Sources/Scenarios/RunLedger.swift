package import Telemetry

/// The runs of one scenario, folded from their markers.
///
/// The runs are a function of the *set* of markers: neither the order in which they arrive nor how often or by whom
/// they were recorded changes them, but for `Run/sources`. Nothing is guessed: markers that contradict each other are
/// flagged, and the earliest start with the earliest stop after it is kept.
package struct RunLedger: Sendable {
    /// A run is named by its site and id: two sites may give the same id.
    private struct Key: Hashable {
        let site: Identifier
        let id: Identifier
    }

    /// Runs whose times can be compared.
    private struct Track: Hashable {
        let site: Identifier
        /// Nil for known times.
        let boot: BootKey?
    }

    private let scenario: Identifier
    private let rules: RunRules
    private let sites: Set<Identifier>
    private var markers: [Key: Set<RunMarker>] = [:]

    /// An empty ledger.
    package init(_ definition: ScenarioDefinition) {
        scenario = definition.id
        rules = definition.runs
        sites = Set(definition.sites.map(\.id))
    }

    /// Adds a marker.
    ///
    /// - Returns: false when it is known already or belongs to another scenario, so that the runs stay what they are.
    @discardableResult
    package mutating func insert(_ marker: RunMarker) -> Bool {
        guard marker.event.scenario == scenario else { return false }
        return markers[Key(site: marker.site, id: marker.event.run), default: []].insert(marker).inserted
    }

    /// The runs that the markers tell of.
    ///
    /// - Parameter horizon: the latest time of which the caller knows; it decides whether an open run has timed out.
    /// - Returns: all runs, sorted by their start (or stop, where there is no start), site and id.
    package func runs(through horizon: Horizon) -> [Run] {
        var runs = markers.map { key, markers in run(key, markers, horizon) }
        runs.sort { a, b in (a.begin, a.site, a.id) < (b.begin, b.site, b.id) }
        flagOverlaps(in: &runs)
        return runs
    }

    private func run(_ key: Key, _ markers: Set<RunMarker>, _ horizon: Horizon) -> Run {
        let ends = RunEnds(markers)
        let (start, stop) = (ends.start, ends.stop)
        let keptStops = ends.stops.map(\.event)
        let kept = ends.starts.map(\.event) + keptStops

        let subject = Agreement(kept.map(\.subject))
        let outcome = Agreement(keptStops.map(\.outcome))
        let failureMode = Agreement(keptStops.map(\.failureMode))
        let intervention = Agreement(keptStops.map(\.intervention))

        var flags: Run.Flags = []
        if stop == nil { flags.insert(.unfinished) }
        if start == nil { flags.insert(.stopWithoutStart) }
        if ends.isContradicted || subject.isBroken || outcome.isBroken || failureMode.isBroken || intervention.isBroken
        {
            flags.insert(.conflictingMarkers)
        }
        let isKnown = outcome.value.map(rules.outcomes.contains) ?? false
        if stop != nil, !isKnown { flags.insert(.unknownOutcome) }
        if !ends.isTimeKnown { flags.insert(.timeUnknown) }
        if let timeout = rules.timeout, let start, let end = stop ?? ends.latest(horizon),
            stop == nil || ends.isComparable, end.nanoseconds(since: start) > timeout
        {
            flags.insert(.timedOut)
        }
        if !sites.isEmpty, !sites.contains(key.site) { flags.insert(.undeclaredSite) }
        if (ends.starts + ends.stops).contains(where: \.isByRule) { flags.insert(.markedByRule) }
        return Run(
            id: key.id, site: key.site, subject: subject.value, start: start, stop: stop,
            bootSpan: ends.bootSpan, outcome: outcome.value,
            failureMode: failureMode.value, intervention: intervention.value,
            sources: Set(markers.map(\.source)).sorted(), flags: flags,
            exclusion: exclusion(outcome: outcome.value, flags), startClock: ends.startClock)
    }

    private func exclusion(outcome: String?, _ flags: Run.Flags) -> Run.Exclusion? {
        if flags.contains(.undeclaredSite) { return .undeclaredSite }
        if let outcome, outcome == rules.exclusion?.outcome { return .outcome(outcome) }
        return flags.contains(.unfinished) && !flags.contains(.timedOut) ? .unfinished : nil
    }

    /// The runs that the markers tell of, when nothing is known of the clocks that recorded them.
    package func runs(through time: Timestamp) -> [Run] { runs(through: Horizon(time)) }

    /// Flags every run that shares time with another one at its site. Runs are sorted by their begin.
    ///
    /// It is enough to look at the run that ends last so far: a third that both overlap was flagged against it before.
    /// A run without a stop takes the time until its timeout, or only its first nanosecond when there is none: it has
    /// no samples, so it takes none from those that follow.
    private func flagOverlaps(in runs: inout [Run]) {
        var latest: [Track: (index: Int, end: Timestamp)] = [:]
        for index in runs.indices {
            let run = runs[index]
            // Times that are not known say nothing of runs that another clock recorded.
            let track = Track(site: run.site, boot: run.isTimeKnown ? nil : run.bootSpan?.boot)
            let end = max(
                run.stop ?? run.begin.advanced(byNanoseconds: rules.timeout ?? 0), run.begin.advanced(byNanoseconds: 1))
            if let earlier = latest[track], run.begin < earlier.end {
                runs[index].flags.insert(.overlapping)
                runs[earlier.index].flags.insert(.overlapping)
                if earlier.end >= end { continue }
            }
            latest[track] = (index, end)
        }
    }
}

extension Run {
    /// Where it stands in time; a run has a start or a stop, for it has a marker.
    fileprivate var begin: Timestamp { start ?? stop ?? Timestamp(nanoseconds: .min) }
}

/// What several markers say of one fact: silence agrees with everything.
private struct Agreement<Value: Hashable> {
    /// Nil when nobody says it, or they contradict each other.
    let value: Value?
    let isBroken: Bool

    init(_ statements: [Value?]) {
        let distinct = Set(statements.compactMap(\.self))
        value = distinct.count == 1 ? distinct.first : nil
        isBroken = distinct.count > 1
    }
}
