package import Telemetry

/// One attempt in a scenario, as its markers tell it.
package struct Run: Hashable, Sendable {
    /// What is remarkable about a run; a sound one has none, or tells only that a rule marked it.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// There is a start and no stop after it.
        package static let unfinished = Flags(rawValue: 1)
        package static let stopWithoutStart = Flags(rawValue: 2)
        /// Another run of the scenario at the site overlaps it in time.
        package static let overlapping = Flags(rawValue: 4)
        /// Markers contradict each other: several times for one end, or several values for one fact.
        package static let conflictingMarkers = Flags(rawValue: 8)
        /// It was stopped, but with no outcome or with one that the definition does not have.
        package static let unknownOutcome = Flags(rawValue: 16)
        /// It took, or has taken, longer than the definition's timeout.
        package static let timedOut = Flags(rawValue: 32)
        /// It was run at a site that the definition does not list.
        package static let undeclaredSite = Flags(rawValue: 64)
        /// A marker was recorded by a clock that was not synchronised in its whole boot: of its times the order is known, and the distance
        /// to others of that boot.
        package static let timeUnknown = Flags(rawValue: 128)
        /// A rule over a series began or ended it. Nothing is wrong with that.
        package static let markedByRule = Flags(rawValue: 256)

        /// Names of the set flags, in a fixed order.
        package var names: [String] {
            let known: [(Flags, String)] = [
                (.unfinished, "unfinished"), (.stopWithoutStart, "stop-without-start"), (.overlapping, "overlapping"),
                (.conflictingMarkers, "conflicting-markers"), (.unknownOutcome, "unknown-outcome"),
                (.timedOut, "timed-out"), (.undeclaredSite, "undeclared-site"),
                (.timeUnknown, "time-unknown"), (.markedByRule, "marked-by-rule"),
            ]
            return known.compactMap { contains($0.0) ? $0.1 : nil }
        }
    }

    /// Why a run does not count.
    package enum Exclusion: Hashable, Sendable, CustomStringConvertible {
        /// It ended with the outcome that the definition leaves out.
        case outcome(String)
        /// It has no stop, and no timeout that has passed: it may still be going on.
        case unfinished
        case undeclaredSite
        /// A series that the definition judges by was under no consent in it, or under less than the definition asks for.
        case consent(series: String)

        /// As the ledger of a summary has it.
        package var description: String {
            switch self {
            case .outcome(let outcome): "outcome \(outcome)"
            case .unfinished: "unfinished"
            case .undeclaredSite: "undeclared site"
            case .consent(let series): "no consent: \(series)"
            }
        }
    }

    /// The boot clock by which a run goes whose start and stop one boot recorded: no step of the wall clock reaches it.
    package struct BootSpan: Hashable, Sendable {
        package let boot: BootKey
        /// From the start, included, to the stop, excluded; nanoseconds since the boot.
        package let sinceBoot: Range<Int64>

        package init(boot: BootKey, sinceBoot: Range<Int64>) {
            self.boot = boot
            self.sinceBoot = sinceBoot
        }
    }

    package let id: Identifier
    package let site: Identifier
    package let subject: String?
    /// The earliest start.
    package let start: Timestamp?
    /// The earliest stop that is not before the start; by the boot clock from the start, where one boot recorded both.
    package let stop: Timestamp?
    /// Nil where start and stop were recorded by different clocks, or by a clock that is not known.
    package let bootSpan: BootSpan?
    /// As marked, even where the definition does not know the word; nil when no marker or contradicting ones tell it.
    package let outcome: String?
    package let failureMode: String?
    package let intervention: Bool?
    /// Who recorded its markers, sorted.
    package let sources: [Identifier]
    package internal(set) var flags: Flags
    /// Nil when the run counts.
    package let exclusion: Exclusion?
    /// The clock that recorded the start; nil where there is none, or where its time came with the marker.
    package internal(set) var startClock: RunMarker.Clock? = nil

    /// False for a run with a marker that no synchronised clock recorded: its times are names and no more.
    package var isTimeKnown: Bool { !flags.contains(.timeUnknown) }

    /// Nanoseconds from start to stop; nil when either is missing, or when they cannot be compared: two clocks, and the time of one of them
    /// not known.
    package var duration: Int64? {
        guard let start, let stop, isTimeKnown || bootSpan != nil else { return nil }
        return stop.nanoseconds(since: start)
    }

    /// When its samples were taken: from the start, included, to the stop, excluded. Nil without a duration.
    package var window: Range<Timestamp>? {
        guard let start, let stop, duration != nil else { return nil }
        return start..<stop
    }

    /// Whether it is left out for want of consent.
    package var isWithoutConsent: Bool {
        if case .consent? = exclusion { true } else { false }
    }

    /// Whether it ended with an outcome of the definition.
    package var hasKnownOutcome: Bool { outcome != nil && !flags.contains(.unknownOutcome) }

    /// How far an open run is taken to go while nobody knows its end, nanoseconds: 73 years.
    private static let longest: Int64 = 1 << 61

    /// The same run, left out.
    package func excluded(for reason: Exclusion) -> Run {
        Run(
            id: id, site: site, subject: subject, start: start, stop: stop, bootSpan: bootSpan, outcome: outcome,
            failureMode: failureMode, intervention: intervention, sources: sources, flags: flags, exclusion: reason,
            startClock: startClock)
    }

    /// A run that still goes on, with an end that it will not reach, so that everything since its start is in its window; nil for one that
    /// is over, has timed out, or has no start.
    package var openEnded: Run? {
        guard let start, stop == nil, !flags.contains(.timedOut) else { return nil }
        let span = startClock.map { clock in
            let end = Timestamp(nanoseconds: clock.sinceBoot).advanced(byNanoseconds: Self.longest)
            return BootSpan(boot: clock.boot, sinceBoot: clock.sinceBoot..<end.nanoseconds)
        }
        return Run(
            id: id, site: site, subject: subject, start: start, stop: start.advanced(byNanoseconds: Self.longest),
            bootSpan: span, outcome: outcome, failureMode: failureMode, intervention: intervention, sources: sources,
            flags: flags, exclusion: exclusion, startClock: startClock)
    }
}
