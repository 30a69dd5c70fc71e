package import Delivery
package import Frames
package import Scenarios
package import Telemetry

/// What a collector knows of one stream at the end of the period.
package struct StreamAccount: Hashable, Sendable {
    package var stream: Stream
    /// All frames up to this number are in the archive.
    package var through: UInt64
    /// Frames neither in the archive nor declared lost.
    package var missing: [ClosedRange<UInt64>]
    /// Samples: accepted = delivered + lost + pending.
    package var accepted: UInt64
    package var delivered: UInt64
    package var lost: UInt64
    package var pending: UInt64
    /// Frames that came again.
    package var duplicates: UInt64
    /// Whether the time of all that was delivered is known; not for a boot whose clock was never synchronised.
    package var isTimeKnown = true
    /// Frames that are not in the archive, declared or not, each unbroken row of them with its bounds in time.
    package var holes: [Hole] = []
    /// Frames declared lost of which nobody knows how many samples they held.
    package var uncountedFrames: UInt64
    package var tail: Summary.StreamTail = .open
    /// What may be gone behind an unproven tail, with its bounds in time.
    package var unprovenTail: Hole?
    /// What an agent may have taken in and not sent, behind an open tail, with its bounds in time.
    package var openTail: Hole?
    /// See `Summary.StreamState`.
    package var silentSince: Timestamp?
    package var provenThrough: Timestamp?

    /// A row of frames that are not in the archive.
    package struct Hole: Hashable, Sendable {
        /// Frames that are not declared lost.
        package var missingFrames: UInt64
        /// Samples that are declared lost.
        package var lost: UInt64
        /// Samples that are not.
        package var missing: UInt64
        /// Nil for a stream of which no frame ever came.
        package var boot: BootKey?
        /// When the samples were taken, by that boot's clock, nanoseconds.
        package var sinceBoot: ClosedRange<Int64>
        /// The same by the wall clock; nil when the time is not known.
        package var times: ClosedRange<Timestamp>?

        package init(
            missingFrames: UInt64, lost: UInt64, missing: UInt64, boot: BootKey?, sinceBoot: ClosedRange<Int64>,
            times: ClosedRange<Timestamp>?
        ) {
            self.missingFrames = missingFrames
            self.lost = lost
            self.missing = missing
            self.boot = boot
            self.sinceBoot = sinceBoot
            self.times = times
        }
    }

    package init(
        stream: Stream, through: UInt64, missing: [ClosedRange<UInt64>], accepted: UInt64, delivered: UInt64,
        lost: UInt64,
        pending: UInt64, duplicates: UInt64, uncountedFrames: UInt64 = 0
    ) {
        self.uncountedFrames = uncountedFrames
        self.stream = stream
        self.through = through
        self.missing = missing
        self.accepted = accepted
        self.delivered = delivered
        self.lost = lost
        self.pending = pending
        self.duplicates = duplicates
    }

    /// The account that a stream's ledger gives.
    package init(stream: Stream, ledger: StreamLedger) {
        self.init(
            stream: stream, through: ledger.through, missing: ledger.missing, accepted: ledger.acceptedCount,
            delivered: ledger.deliveredCount, lost: ledger.lostCount, pending: ledger.missingCount,
            duplicates: ledger.duplicates, uncountedFrames: ledger.uncountedFrames)
    }
}

/// All that a summary is made of.
package struct Evidence: Sendable {
    package var definition: ScenarioDefinition
    /// Of the definition, `sha256:…`.
    package var digest: String
    /// The digest that was in force when the first run started; nil before it.
    package var registered: String?
    /// What the definition says otherwise than the registered one; empty where that is not known.
    package var changes: [DefinitionChange] = []
    /// As ``RunLedger`` gives them.
    package var runs: [Run] { didSet { counted = runs.filter { $0.exclusion == nil } } }
    /// Those that are not excluded: kept, since they are asked for often and are many.
    private(set) var counted: [Run]
    /// Of every run that has a window, made under this definition.
    package var aggregates: [RunKey: RunAggregate]
    /// Every stream that may hold data of the runs.
    package var streams: [StreamAccount]
    package var period: Summary.Period
    /// Whether the period was asked for, instead of being that of the runs.
    package var isPeriodAsked = false
    /// Whether more runs are planned; a run that is still open makes the summary interim by itself.
    package var isInterim: Bool
    package var reproduction: Summary.Reproduction
    /// The starts of agents that may hold data of the runs; asked for only where the definition demands redaction or consent.
    package var starts: [EdgeStart] = []
    /// What boxes put on record of consent, boot by boot; empty where none has a rule of it.
    package var consents: [ConsentAccount] = []
    /// Runs that are not among these, since their data may be kept no longer.
    package var retiredRuns = 0
    package var consentRecords = ConsentCounts()
    /// Runs of whose frames some have expired from the archive: their aggregates, if there are any, cannot be made again.
    package var expired: Set<RunKey> = []

    package init(
        definition: ScenarioDefinition, digest: String, registered: String?, runs: [Run],
        aggregates: [RunKey: RunAggregate], streams: [StreamAccount], period: Summary.Period, isInterim: Bool,
        reproduction: Summary.Reproduction
    ) {
        self.definition = definition
        self.digest = digest
        self.registered = registered
        self.runs = runs
        counted = runs.filter { $0.exclusion == nil }
        self.aggregates = aggregates
        self.streams = streams
        self.period = period
        self.isInterim = isInterim
        self.reproduction = reproduction
    }
}

extension Evidence {
    func aggregate(of run: Run) -> RunAggregate? { aggregates[RunKey(run)] }
}
