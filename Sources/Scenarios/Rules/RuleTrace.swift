package import Telemetry

/// Where something that a box recorded is in time.
package struct RecordedInstant: Hashable, Sendable {
    /// Nanoseconds since the boot.
    package let sinceBoot: Int64
    /// As the box's wall clock had it: whatever is learned of that clock later, this stays.
    package let recorded: Timestamp
    /// Where it belongs by what is known of the boot's clock.
    package let time: Timestamp
    package let isTimeKnown: Bool

    package init(sinceBoot: Int64, recorded: Timestamp, time: Timestamp, isTimeKnown: Bool) {
        self.sinceBoot = sinceBoot
        self.recorded = recorded
        self.time = time
        self.isTimeKnown = isTimeKnown
    }
}

/// What the rules of a definition found in the series of one subject, as one boot recorded them.
package struct RuleTrace: Sendable {
    /// A moment at which a condition began to hold for as long as it must.
    package struct Onset: Hashable, Sendable {
        package let instant: RecordedInstant
        /// The series begins with it in this boot: it may have held before.
        package let isFirst: Bool

        package init(_ instant: RecordedInstant, isFirst: Bool) {
            self.instant = instant
            self.isFirst = isFirst
        }
    }

    /// Samples in a row that state one outcome.
    package struct Statement: Hashable, Sendable {
        /// Its place among the definition's outcomes; nil for a word that is none.
        package let outcome: Int?
        package let first: RecordedInstant
        package let last: RecordedInstant

        package init(outcome: Int?, first: RecordedInstant, last: RecordedInstant) {
            self.outcome = outcome
            self.first = first
            self.last = last
        }
    }

    /// What one series says.
    package struct Source: Sendable {
        /// Name and tags of the series.
        package let key: String
        package var starts: [Onset] = []
        /// By stop of the definition.
        package var stops: [[Onset]] = []
        /// Whether the boot ended while the condition of the start held, and had for as long as it must; then of each stop.
        package var isHolding: [Bool] = []
        /// In the order of time.
        package var statements: [Statement] = []

        package init(key: String) { self.key = key }
    }

    package let boot: BootKey
    package let subject: SubjectKey
    /// When the first sample was taken.
    package let begin: RecordedInstant
    package var sources: [Source]

    package init(boot: BootKey, subject: SubjectKey, begin: RecordedInstant, sources: [Source]) {
        self.boot = boot
        self.subject = subject
        self.begin = begin
        self.sources = sources
    }
}
