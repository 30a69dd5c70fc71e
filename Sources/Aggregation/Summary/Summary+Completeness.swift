package import Telemetry

extension Summary {
    /// Whether the data are all there, to the sample.
    package struct Completeness: Hashable, Sendable {
        package enum State: String, Hashable, Sendable, CaseIterable {
            /// Nothing is lost, nothing pending, and every check holds.
            case complete
            /// All samples are accounted for, some of them as lost, and every check holds.
            case declaredLoss = "declared-loss"
            /// Something is not accounted for, or a check fails.
            case incomplete
        }

        package var verdict: State
        /// Samples accepted at the edge = delivered + lost + pending.
        package var accepted: UInt64
        package var delivered: UInt64
        /// Declared lost by the agent.
        package var lost: UInt64
        package var pending: UInt64
        /// Frames that arrived again.
        package var duplicates: UInt64
        /// Samples that were delivered and whose time is not known: the clock was not synchronised in their whole boot.
        package var untimed: UInt64
        /// Samples within runs whose series was never defined, or whose unit does not fit the metric's.
        package var unusable: UInt64
        /// The share of run time that samples cover, of the worst metric; nil when no metric says how often it is
        /// expected.
        package var coverage: Double?
        /// Seconds; nil when no metric says how often it is expected.
        package var longestGap: Double?
        /// The greatest bound on the error of the times of the counted runs' samples, seconds; nil without frames, or when the time of one
        /// is not known.
        package var clockError: Double?
        package var checks: [Check]
        package var streams: [StreamState]
        /// False where its numbers are not shared with the summary's readers; they are 0 then, and null in JSON.
        package var isShared = true

        package init(
            verdict: State, accepted: UInt64, delivered: UInt64, lost: UInt64, pending: UInt64, duplicates: UInt64,
            untimed: UInt64, unusable: UInt64, coverage: Double?, longestGap: Double?, clockError: Double?,
            checks: [Check],
            streams: [StreamState]
        ) {
            self.verdict = verdict
            self.accepted = accepted
            self.delivered = delivered
            self.lost = lost
            self.pending = pending
            self.duplicates = duplicates
            self.untimed = untimed
            self.unusable = unusable
            self.coverage = coverage
            self.longestGap = longestGap
            self.clockError = clockError
            self.checks = checks
            self.streams = streams
        }

        /// Whether the scenario may not pass on these data.
        package var isBroken: Bool { checks.contains { !$0.holds } }

        /// Whether what the checks find is that something is missing, not that there is too much.
        package var lacksData: Bool {
            checks.contains { !$0.holds && ![.marked, .redaction, .consent].contains($0.id) }
        }
    }

    /// One condition on completeness.
    package struct Check: Hashable, Sendable {
        package enum ID: String, Hashable, Sendable, CaseIterable {
            /// Lost and pending samples per accepted one; with a limit of 0 no frame may be missing either.
            case loss = "loss-at-most"
            case gap = "gap-at-most"
            case coverage = "coverage-at-least"
            case clockError = "clock-error-at-most"
            /// The share of a metric's samples that lie outside their sensor's range or come after its calibration's end, of the worst metric.
            case marked = "marked-at-most"
            /// Samples whose time is not known, where the definition bounds the clock error or a period was asked for.
            case time = "time-known"
            /// Samples that could not be used for want of a fitting definition.
            case definitions
            /// Runs whose frames expired from the archive before they were folded.
            case expired
            /// Runs within which an agent crashed, where no loss is allowed: what it had taken in within its last sync window may be gone.
            case tail = "tail-proven"
            /// Runs that go on beyond what an agent has sent that may have more: nothing shows that it has not.
            case heard = "agents-heard"
            /// Agents without a record of redaction that the definition demands, or with data that should have been dropped.
            case redaction = "redaction-applied"
            /// Agents with series that the definition wants under consent, and without a record that they were.
            case consent = "consent-applied"
        }

        package var id: ID
        /// Nil when it is not known.
        package var value: Double?
        package var limit: Double
        /// UCUM code: `1` or `s`.
        package var unit: String
        package var holds: Bool

        package init(id: ID, value: Double?, limit: Double, unit: String, holds: Bool) {
            self.id = id
            self.value = value
            self.limit = limit
            self.unit = unit
            self.holds = holds
        }
    }

    /// What is known of the end of a stream.
    package enum StreamTail: String, Hashable, Sendable, CaseIterable {
        /// It may go on.
        case open
        /// Its agent has said where it ends.
        case proven
        /// It ended without a word, in a crash or with a new installation: at most one sync window is missing behind it.
        case unproven
    }

    /// How far one stream is accounted for.
    package struct StreamState: Hashable, Sendable {
        package var site: Identifier
        package var agent: Identifier
        package var install: UUIDBytes
        package var epoch: UInt64
        package var priority: PriorityClass
        /// All frames up to this number are there.
        package var through: UInt64
        /// Frames neither there nor declared lost.
        package var missing: [ClosedRange<UInt64>]
        /// Samples.
        package var declaredLost: UInt64
        /// Frames declared lost of which nobody knows how many samples they held.
        package var uncountedFrames: UInt64
        /// False when the clock was not synchronised in the whole boot.
        package var isTimeKnown: Bool
        package var tail: StreamTail
        /// The last word of an agent that ought to have been heard again; nil for one that goes on, has ended, or whose time is not known.
        package var silentSince: Timestamp?
        /// Up to when the stream is known to be whole, where a run goes on beyond that.
        package var provenThrough: Timestamp?

        package init(
            site: Identifier, agent: Identifier, install: UUIDBytes, epoch: UInt64, priority: PriorityClass,
            through: UInt64, missing: [ClosedRange<UInt64>], declaredLost: UInt64, uncountedFrames: UInt64 = 0,
            isTimeKnown: Bool = true, tail: StreamTail = .open, silentSince: Timestamp? = nil,
            provenThrough: Timestamp? = nil
        ) {
            self.site = site
            self.agent = agent
            self.install = install
            self.epoch = epoch
            self.priority = priority
            self.through = through
            self.missing = missing
            self.declaredLost = declaredLost
            self.uncountedFrames = uncountedFrames
            self.isTimeKnown = isTimeKnown
            self.tail = tail
            self.silentSince = silentSince
            self.provenThrough = provenThrough
        }
    }

    /// Whether the data of one run are all there.
    package struct RunCompleteness: Hashable, Sendable {
        /// Samples and events in the run's window, of all agents of its site.
        package var delivered: UInt64
        /// Samples declared lost, in holes of the streams that touch the run: at most so many are the run's.
        package var lost: UInt64
        /// Samples that are neither there nor declared lost, in such holes.
        package var missing: UInt64
        /// Frames that are neither there nor declared lost, in such holes; some hold no samples.
        package var missingFrames: UInt64
        /// The share of the run that samples cover, of the worst metric; nil when no metric says how often it is expected.
        package var coverage: Double?
        /// Seconds; nil when no metric says how often it is expected.
        package var longestGap: Double?
        /// Seconds; nil without frames, or when the time of one is not known.
        package var clockError: Double?
        /// The rules that the run does not keep, taken by itself. They explain; the verdict goes by the checks over all.
        package var broken: [Check.ID]
        /// For how long something was held back, since nobody had consented, seconds; nil for not at all.
        package var withoutConsent: Double?

        package init(
            delivered: UInt64, lost: UInt64, missing: UInt64, missingFrames: UInt64, coverage: Double?,
            longestGap: Double?, clockError: Double?, broken: [Check.ID]
        ) {
            self.delivered = delivered
            self.lost = lost
            self.missing = missing
            self.missingFrames = missingFrames
            self.coverage = coverage
            self.longestGap = longestGap
            self.clockError = clockError
            self.broken = broken
        }
    }
}
