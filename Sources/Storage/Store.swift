package import Aggregation
package import Delivery
package import Frames
package import Scenarios
package import Telemetry

/// What a collector derives from its archive and keeps at hand, so that it need not read the archive again at every question.
///
/// Nearly everything in a store can be made anew from the archive; what cannot are counts of duplicates, and what was
/// folded of runs, or found by rules in frames, that have expired. What is asked of runs (`places(of:)`, `series(of:)`) and `save(_:)` may come
/// from several threads at once; all other calls come from one. A store is written by one collector and may be read by other programs at the
/// same time.
package protocol Store: Sendable {
    /// Where the archive has been read to, and what is known of every stream.
    func load() throws(StoreError) -> StoredLedgers

    /// Takes in what a stretch of the archive says, all or nothing.
    ///
    /// Takes away the aggregates that were folded without it, as `StoredIntake/stale` names them; but those of runs of whose frames some
    /// have expired stay: no other can be made. So an aggregate in a store is always that of all its frames, also when the collector dies
    /// before it has folded them.
    func commit(_ intake: StoredIntake) throws(StoreError)

    /// Frames that may have samples or events of `run`, in canonical order: by stream, then by sequence. Those of the boot that marked it, by
    /// its boot clock; others of its site by the wall clock, as far as both times are known.
    func frames(of run: Run) throws(StoreError) -> [ArchivedFrame]

    /// Where the frames of `frames(of:)` are, in the order in which they lie in the archive.
    func places(of run: Run) throws(StoreError) -> RunFrames

    /// The frame with this number, if it is in the archive.
    func frame(_ sequence: UInt64, of stream: Stream) throws(StoreError) -> ArchivedFrame?

    /// The first frame from this number on that is in the archive.
    func frame(from sequence: UInt64, of stream: Stream) throws(StoreError) -> ArchivedFrame?

    /// The digest of the frame with this number, if it is in the archive, or was the last of a row that has expired.
    func digest(of sequence: UInt64, in stream: Stream) throws(StoreError) -> FrameDigest?

    /// The series that one start of an agent has defined, in streams of whatever class: those of `stream`'s site, agent, install and epoch.
    func series(of stream: Stream) throws(StoreError) -> [SeriesID: Series]

    /// Every event whose name is one of `names`, with its site and who recorded it.
    func events(named names: [String]) throws(StoreError) -> [StoredEvent]

    /// The aggregates of a scenario's runs that were folded under the definition with this digest.
    func aggregates(scenario: Identifier, digest: String) throws(StoreError) -> [RunKey: StoredAggregate]

    /// Replaces the aggregates of runs, all or none.
    func save(_ folded: [FoldedRun]) throws(StoreError)

    /// Removes the aggregates of runs of a scenario, under whichever definition, and overwrites their bytes; all or none.
    ///
    /// - Returns: the runs that had any, in the order given.
    @discardableResult
    func removeAggregates(of runs: [RunKey], scenario: Identifier) throws(StoreError) -> [RunKey]

    /// Removes the aggregates of runs that are none any more.
    func remove(_ runs: [RunKey], scenario: Identifier, digest: String) throws(StoreError)

    /// What the rules over series of this name found in frames.
    func ruleParts(of rules: String) throws(StoreError) -> [StoredRulePart]

    /// Replaces parts of what rules found, all or none; one without bytes is removed.
    func save(_ parts: [StoredRulePart], of rules: String) throws(StoreError)

    /// The digest that a scenario's definition had when its first run started; nil before.
    func registeredDigest(of scenario: Identifier) throws(StoreError) -> String?

    /// What was told of alerts, in no order.
    func alerts() throws(StoreError) -> [StoredAlert]

    /// Replaces what was told of causes, all or none; one without a state is removed.
    func save(_ alerts: [StoredAlert]) throws(StoreError)

    /// What the collector knew of agents, in no order.
    func agents() throws(StoreError) -> [StoredAgent]

    /// Replaces what is known of agents, all or none; one without a state is removed.
    func save(_ agents: [StoredAgent]) throws(StoreError)

    /// What agents have declared lost, a row for each stream and reason, in no order.
    func losses() throws(StoreError) -> [StoredLoss]

    /// Empties the store.
    ///
    /// `keepingAggregates`: leaves them, what rules found, registrations, what was told of alerts and what was known of agents, until `removeReproducibleAggregates` tells which of
    /// them an archive with expired frames cannot give again. The clocks of boots stay with them, as what was folded by a boot clock names its boot.
    func clear(keepingAggregates: Bool) throws(StoreError)

    /// Removes the aggregates of all runs of whose frames none have expired, and what rules found in frames that are all there.
    func removeReproducibleAggregates() throws(StoreError)
}

extension Store {
    package func places(of run: Run) throws(StoreError) -> RunFrames { RunFrames(try frames(of: run)) }

    /// Replaces the aggregate of one run.
    package func save(
        _ aggregate: StoredAggregate, of run: RunKey, scenario: Identifier, digest: String
    ) throws(StoreError) {
        try save([FoldedRun(aggregate, of: run, scenario: scenario, digest: digest)])
    }
}

/// What a store knows at the start.
package struct StoredLedgers: Sendable {
    package var streams: [Stream: StoredStream] = [:]
    package var boots: [BootKey: BootClock] = [:]
    package var expired = ExpiredTimes()
    /// The digest of each scenario's definition when its first run started.
    package var registrations: [Identifier: String] = [:]
    /// Canonical JSON of these definitions, by digest; of one that an earlier version registered there is none.
    package var documents: [String: [UInt8]] = [:]
    /// The latest time on which two clocks agreed, the collector's and an agent's, as the archive has it on record; nil for none.
    package var agreedTime: Timestamp?
    /// The install of the archive that the store follows; nil for an empty store.
    package var archive: UUIDBytes?
    /// The positions in the archive up to which everything is in the store, of events and of other frames; 0 for none.
    package var archivePosition: UInt64 = 0
    package var framePosition: UInt64 = 0
    /// An earlier version of this program made the store: until it is cleared and filled again, nothing but `load` may be asked of it.
    package var isOutdated = false

    package init() {}
}

/// What a stretch of the archive adds to a store.
package struct StoredIntake: Sendable {
    package var frames: [ArchivedFrame] = []
    package var definitions: [(stream: Stream, definition: SeriesDefinition)] = []
    package var events: [StoredEvent] = []
    /// What agents declare lost, of which the store may know some.
    package var losses: [StoredLoss] = []
    /// The streams that changed, as they are now.
    package var streams: [Stream: StoredStream] = [:]
    /// The boots of these frames, and of those that have expired, as their clocks are known now.
    package var boots: [BootKey: BootClock] = [:]
    /// What was folded of these is no longer true.
    package var stale: [StaleStretch] = []
    /// The install of the archive.
    package var archive: UUIDBytes
    package var archivePosition: UInt64 = 0
    package var framePosition: UInt64 = 0
    /// What the archive has let go of. All that this stretch adds was there before.
    package var expired: [ExpiredFrames] = []
    /// Digests of definitions, by scenario, in the place of any that the store has.
    package var registrations: [Identifier: String] = [:]
    /// Canonical JSON of definitions, by digest.
    package var documents: [String: [UInt8]] = [:]
    /// The latest time on which two clocks agreed, in the place of any that the store has; nil leaves that.
    package var agreedTime: Timestamp?

    package init(of archive: UUIDBytes) { self.archive = archive }

    package var isEmpty: Bool {
        frames.isEmpty && streams.isEmpty && expired.isEmpty && registrations.isEmpty && documents.isEmpty
            && agreedTime == nil
    }
}

/// A run's aggregate, and the run as it was when it was folded.
package struct StoredAggregate: Hashable, Sendable {
    /// The stretch of time that was folded; a run whose markers have moved since must be folded again.
    package var stretch: FoldedStretch
    package var bytes: [UInt8]

    package init(_ stretch: FoldedStretch, bytes: [UInt8]) {
        self.stretch = stretch
        self.bytes = bytes
    }
}

/// The aggregate of one run, with what it was folded for.
package struct FoldedRun: Sendable {
    package var aggregate: StoredAggregate
    package var run: RunKey
    package var scenario: Identifier
    /// Of the definition.
    package var digest: String

    package init(_ aggregate: StoredAggregate, of run: RunKey, scenario: Identifier, digest: String) {
        self.aggregate = aggregate
        self.run = run
        self.scenario = scenario
        self.digest = digest
    }
}

/// What rules over series found in some frames of a stream.
package struct StoredRulePart: Hashable, Sendable {
    package var stream: Stream
    package var node: RuleTree.Node
    /// In a form that module `Aggregation` specifies; nil for nothing.
    package var bytes: [UInt8]?

    package init(_ stream: Stream, _ node: RuleTree.Node, bytes: [UInt8]?) {
        self.stream = stream
        self.node = node
        self.bytes = bytes
    }
}

/// What was told of one cause of alerts.
package struct StoredAlert: Hashable, Sendable {
    package var scenario: Identifier
    /// Names the cause among those of its scenario.
    package var cause: String
    /// In a form that only the collector reads; nil for nothing.
    package var state: String?

    package init(_ scenario: Identifier, cause: String, state: String?) {
        self.scenario = scenario
        self.cause = cause
        self.state = state
    }
}

/// What a collector knows of an agent that its archive does not: what it heard, and when.
package struct StoredAgent: Hashable, Sendable {
    package var site: Identifier
    package var agent: Identifier
    /// In a form that only the collector reads; nil for nothing.
    package var state: String?

    package init(site: Identifier, agent: Identifier, state: String?) {
        self.site = site
        self.agent = agent
        self.state = state
    }
}

/// What an agent has declared lost of one stream, for one reason.
package struct StoredLoss: Hashable, Sendable {
    package var stream: Stream
    package var reason: LossReason
    package var frames: IntervalSet
    /// The numbers of samples, where the agent knew them.
    package var samples: IntervalSet

    package init(_ stream: Stream, _ reason: LossReason, frames: IntervalSet, samples: IntervalSet) {
        self.stream = stream
        self.reason = reason
        self.frames = frames
        self.samples = samples
    }
}

/// What of a run decides which frames belong to it.
package struct FoldedStretch: Hashable, Sendable {
    package let window: Range<Timestamp>
    package let bootSpan: Run.BootSpan?
    /// Whether the window is more than a name, so that what other boots recorded within it belongs to the run.
    package let isTimeKnown: Bool

    package init(window: Range<Timestamp>, bootSpan: Run.BootSpan?, isTimeKnown: Bool = true) {
        self.window = window
        self.bootSpan = bootSpan
        self.isTimeKnown = isTimeKnown
    }

    /// Whether what was folded of this is what there is of `other`, of whose frames some have expired: the same, or the same stretch of the boot
    /// clock, of which more is known now than its name.
    package func stands(for other: FoldedStretch) -> Bool {
        self == other || bootSpan != nil && bootSpan == other.bootSpan
    }

    /// Nil for a run without a window.
    package init?(_ run: Run) {
        guard let window = run.window else { return nil }
        self.init(window: window, bootSpan: run.bootSpan, isTimeKnown: run.isTimeKnown)
    }
}
