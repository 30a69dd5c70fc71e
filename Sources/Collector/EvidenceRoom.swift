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
        package var subject: String?

        package init(
            from: Timestamp? = nil, to: Timestamp? = nil, site: Identifier? = nil, subject: String? = nil
        ) {
            self.from = from
            self.to = to
            self.site = site
            self.subject = subject
        }

        /// Whether a time lies in it.
        func includes(_ time: Timestamp) -> Bool {
            time >= from ?? Timestamp(nanoseconds: .min) && time <= to ?? Timestamp(nanoseconds: .max)
        }
    }

    private let entry: ScenarioLibrary.Entry
    private let ledgers: StoredLedgers
    private let tails: StreamTails

    package init(_ entry: ScenarioLibrary.Entry, _ ledgers: StoredLedgers) {
        self.entry = entry
        self.ledgers = ledgers
        tails = StreamTails(ledgers)
    }

    /// The runs of the scenario, from everything that was recorded about them.
    package static func runs(
        of definition: ScenarioDefinition, in store: some Store, _ ledgers: StoredLedgers
    ) throws(StoreError) -> [Run] {
        var markers = try RecordedMarkers(definition, store: store, ledgers)
        return markers.ledger(ledgers.boots).runs(through: ledgers.horizon)
    }

    /// Whether a run is one of those that are asked for.
    ///
    /// A run whose time is not known may have been at any time, so it is taken in unless what its box recorded before or after that boot
    /// shows that it was not.
    package func selects(_ run: Run, _ selection: Selection) -> Bool {
        guard selection.site == nil || run.site == selection.site,
            selection.subject == nil || run.subject == selection.subject, let time = run.start ?? run.stop
        else { return false }
        guard !run.isTimeKnown else { return selection.includes(time) }
        guard selection.from != nil || selection.to != nil, let boot = run.bootSpan?.boot else { return true }
        return ledgers.bounds(of: boot).overlaps(selection.bounds)
    }

    /// The selected runs that are told of: all but those that may be kept no longer, in summaries and recordings alike.
    ///
    /// `retired`: how many those are.
    package func runsToTell(of runs: [Run], _ selection: Selection) -> (told: [Run], retired: Int) {
        let all = runs.filter { selects($0, selection) }
        let told = all.filter { !ledgers.isRetired($0, entry.definition.governance) }
        return (told, all.count - told.count)
    }

    /// The summary of the selected runs.
    ///
    /// `aggregates`: of every run that has a window.
    /// Throws `AggregationError`, `StoreError`.
    package func summary(
        of runs: [Run], aggregates: [RunKey: RunAggregate], _ selection: Selection, store: some Store, software: String
    ) throws -> Summary {
        let (selected, retired) = runsToTell(of: runs, selection)
        let period = period(of: selected, selection)
        let relevant = relevantStreams(of: selected, in: period, selection)
        let registered = try store.registeredDigest(of: entry.definition.id)
        var evidence = Evidence(
            definition: entry.definition, digest: entry.digest, registered: registered, runs: selected,
            aggregates: aggregates,
            streams: try relevant.map { try account(of: $0.key, $0.value, store) }, period: period,
            isInterim: selected.contains { $0.stop == nil && $0.exclusion != nil },
            reproduction: Summary.Reproduction(
                software: software, archive: try archiveDigest(of: relevant, store), definitions: [entry.digest]))
        evidence.expired = Set(selected.filter(ledgers.hasExpired(of:)).map { RunKey($0) })
        if let registered, registered != entry.digest, let document = ledgers.documents[registered] {
            evidence.changes = DefinitionChange.between(document, entry.definition.canonicalJSON)
        }
        evidence.reproduction.expiredRuns = evidence.expired.count
        evidence.reproduction.extent = .init(events: ledgers.archivePosition, frames: ledgers.framePosition)
        if selection != Selection() {
            evidence.reproduction.selection = .init(
                from: selection.from, to: selection.to, site: selection.site, subject: selection.subject)
        }
        let sites: Set<Identifier>? = selection.site.map { [$0] }
        evidence.consents = try ConsentRecords.accounts(of: sites, store, ledgers.boots)
        if !evidence.consents.isEmpty || !entry.definition.governance.consent.series.isEmpty {
            evidence.consentRecords = try ConsentRecords.counts(
                of: sites ?? Set(selected.map(\.site)), store, ledgers.boots, in: period)
        }
        if !entry.definition.governance.redactions.isEmpty || !entry.definition.governance.consent.series.isEmpty {
            evidence.starts = try EdgeStarts.all(of: relevant.map(\.key), store)
        }
        evidence.retiredRuns = retired
        evidence.isPeriodAsked = selection.from != nil || selection.to != nil
        return try Summary(evidence)
    }

    /// From the first known time to the last one; only where there is none, by the names of times that are not known.
    private func period(of runs: [Run], _ selection: Selection) -> Summary.Period {
        func times(_ runs: [Run]) -> [Timestamp] { runs.flatMap { [$0.start, $0.stop].compactMap(\.self) } }
        let known = times(runs.filter(\.isTimeKnown))
        let all = known.isEmpty ? times(runs) : known
        let from = selection.from ?? all.min() ?? selection.to ?? Timestamp(seconds: 0)
        let to = selection.to ?? all.max() ?? from
        return Summary.Period(from: from, to: max(from, to))
    }

    /// The streams of the scenario's sites that have something to say about the period, or that recorded one of the runs at a time that is
    /// not known; in canonical order.
    private func relevantStreams(
        of runs: [Run], in period: Summary.Period, _ selection: Selection
    ) -> [(key: Frames.Stream, value: StoredStream)] {
        let declared = Set(entry.definition.sites.map(\.id))
        let boots = Set(runs.filter { !$0.isTimeKnown }.compactMap(\.bootSpan?.boot))
        let isDated = selection.from != nil || selection.to != nil || runs.contains(where: \.isTimeKnown)
        return ledgers.streams.filter { stream, state in
            guard selection.site == nil || stream.site == selection.site,
                declared.isEmpty || declared.contains(stream.site)
            else { return false }
            if let boot = state.boot, boots.contains(boot) { return true }
            if let times = state.knownTimes(ledgers.boots) { return tails.mayReach(period, stream, state, times) }
            // A stream without any frame is one of which only a loss was declared: it counts.
            guard let boot = state.boot, state.unsynchronised != nil else { return true }
            return isDated && ledgers.bounds(of: boot).overlaps(period.from...period.to)
        }.sorted { $0.key.canonicalOrder < $1.key.canonicalOrder }
    }

    private func account(
        of stream: Frames.Stream, _ state: StoredStream, _ store: some Store
    ) throws(StoreError) -> StreamAccount {
        var account = StreamAccount(stream: stream, ledger: state.ledger)
        account.isTimeKnown = !state.hasUnknownTimes(ledgers.boots)
        let holes = StreamHoles(stream, state, ledgers.boots)
        account.holes = try holes.all(store)
        account.tail = tails.tail(of: stream, state)
        if account.tail == .unproven { account.unprovenTail = try tails.behind(stream, state, store) }
        if let open = try tails.openTail(of: stream, state, store) {
            account.openTail = open.hole
            (account.silentSince, account.provenThrough) = (open.silentSince, open.provenThrough)
        }
        return account
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

extension EvidenceRoom.Selection {
    fileprivate var bounds: ClosedRange<Timestamp> {
        let first = from ?? Timestamp(nanoseconds: .min)
        return first...max(first, to ?? Timestamp(nanoseconds: .max))
    }
}

extension Frames.Stream {
    /// Orders streams the same way everywhere: by site, agent, install, epoch, class.
    package var canonicalOrder: (String, String, UUIDBytes, UInt64, UInt8) {
        (site.text, agent.text, install, epoch, priority.rawValue)
    }
}
