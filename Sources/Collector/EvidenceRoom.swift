package import Aggregation
import Delivery
package import Frames
package import Scenarios
package import Storage
package import Telemetry

/// Puts together what a summary is made of: the runs of a scenario, their aggregates, and the account of every stream.
package struct EvidenceRoom {
    /// Which runs a summary is about.
    package struct Selection: Hashable, Sendable {
        package var from: Timestamp?
        package var to: Timestamp?
        package var site: Identifier?

        package init(from: Timestamp? = nil, to: Timestamp? = nil, site: Identifier? = nil) {
            self.from = from
            self.to = to
            self.site = site
        }

        func includes(_ run: Run) -> Bool {
            guard site == nil || run.site == site, let time = run.start ?? run.stop else { return false }
            return time >= from ?? Timestamp(nanoseconds: .min) && time <= to ?? Timestamp(nanoseconds: .max)
        }
    }

    private let entry: ScenarioLibrary.Entry
    private let streams: [Frames.Stream: StoredStream]

    package init(_ entry: ScenarioLibrary.Entry, streams: [Frames.Stream: StoredStream]) {
        self.entry = entry
        self.streams = streams
    }

    /// The latest time that any stream has reached: what decides whether a run without a stop has timed out.
    package static func horizon(_ streams: [Frames.Stream: StoredStream]) -> Timestamp {
        streams.values.compactMap { $0.times?.upperBound }.max() ?? Timestamp(nanoseconds: .min)
    }

    /// The runs of the scenario, from everything that was recorded about them.
    package static func runs(
        of definition: ScenarioDefinition, in store: some Store, through horizon: Timestamp
    ) throws(StoreError) -> [Run] {
        var ledger = RunLedger(definition)
        for stored in try store.events(named: [definition.runs.startEvent, definition.runs.stopEvent]) {
            guard let marker = definition.runs.marker(stored.event) else { continue }
            _ = ledger.insert(RunMarker(marker, site: stored.site, source: stored.source))
        }
        return ledger.runs(through: horizon)
    }

    /// The summary of the selected runs.
    ///
    /// `aggregates`: of every run that has a window.
    /// Throws `AggregationError`, `StoreError`.
    package func summary(
        of runs: [Run], aggregates: [RunKey: RunAggregate], _ selection: Selection, store: some Store, software: String
    ) throws -> Summary {
        let selected = runs.filter(selection.includes)
        let period = period(of: selected, selection)
        let relevant = relevantStreams(in: period, selection)
        var evidence = Evidence(
            definition: entry.definition, digest: entry.digest,
            registered: try store.registeredDigest(of: entry.definition.id), runs: selected, aggregates: aggregates,
            streams: relevant.map { StreamAccount(stream: $0.key, ledger: $0.value.ledger) }, period: period,
            isInterim: selected.contains { $0.stop == nil && $0.exclusion != nil },
            reproduction: Summary.Reproduction(
                software: software, archive: try archiveDigest(of: relevant, store), definitions: [entry.digest]))
        for run in selected {
            guard let window = run.window, try store.hasExpired(overlapping: window, site: run.site) else { continue }
            evidence.expired.insert(RunKey(run))
        }
        evidence.reproduction.expiredRuns = evidence.expired.count
        return try Summary(evidence)
    }

    private func period(of runs: [Run], _ selection: Selection) -> Summary.Period {
        let times = runs.flatMap { [$0.start, $0.stop].compactMap(\.self) }
        let from = selection.from ?? times.min() ?? selection.to ?? Timestamp(seconds: 0)
        let to = selection.to ?? times.max() ?? from
        return Summary.Period(from: from, to: max(from, to))
    }

    /// The streams of the scenario's sites that have something to say about the period, in canonical order.
    private func relevantStreams(
        in period: Summary.Period, _ selection: Selection
    ) -> [(key: Frames.Stream, value: StoredStream)] {
        let declared = Set(entry.definition.sites.map(\.id))
        return streams.filter { stream, state in
            guard selection.site == nil || stream.site == selection.site,
                declared.isEmpty || declared.contains(stream.site)
            else { return false }
            // A stream without any frame is one of which only a loss was declared: it counts.
            guard let times = state.times else { return true }
            return times.upperBound >= period.from && times.lowerBound <= period.to
        }.sorted { $0.key.canonicalOrder < $1.key.canonicalOrder }
    }

    /// One hash over everything that the summary rests on.
    ///
    /// Each frame carries the hash of the one before, so the last frame of an unbroken range stands for the whole range: a line
    /// `site agent install epoch class first last sha256` for each range of each stream, in canonical order, hashed with SHA-256.
    private func archiveDigest(
        of streams: [(key: Frames.Stream, value: StoredStream)], _ store: some Store
    ) throws(StoreError) -> String {
        var text = ""
        for (stream, state) in streams {
            for range in state.ledger.received.ranges {
                let digest = try store.digest(of: range.upperBound, in: stream)
                text += "\(stream.site) \(stream.agent) \(stream.install) \(stream.epoch) \(stream.priority.name) "
                text += "\(range.lowerBound) \(range.upperBound) \(digest?.description ?? "missing")\n"
            }
        }
        return "sha256:\(FrameDigest(of: Array(text.utf8)))"
    }
}

extension Frames.Stream {
    /// Orders streams the same way everywhere: by site, agent, install, epoch, class.
    package var canonicalOrder: (String, String, UUIDBytes, UInt64, UInt8) {
        (site.text, agent.text, install, epoch, priority.rawValue)
    }
}
