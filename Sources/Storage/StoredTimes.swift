package import Delivery
package import Frames
package import Scenarios
package import Telemetry

/// The clock under which something was recorded, as far as it matters for where it belongs.
package struct RecordedClock: Hashable, Sendable {
    package let boot: BootKey
    /// The boot clock, nanoseconds.
    package let sinceBoot: Int64
    /// From the boot clock to the wall clock, nanoseconds.
    package let offset: Int64
    package let isSynchronised: Bool

    package init(boot: BootKey, sinceBoot: Int64, offset: Int64, isSynchronised: Bool) {
        self.boot = boot
        self.sinceBoot = sinceBoot
        self.offset = offset
        self.isSynchronised = isSynchronised
    }

    /// That of a frame.
    package init(_ header: FrameHeader) {
        self.init(
            boot: header.boot, sinceBoot: header.clock.sinceBoot, offset: header.clock.offset,
            isSynchronised: header.clock.state.isSynchronised)
    }

    /// The offset by which times since the boot become times; see `BootClock`.
    package func placedOffset(by clock: BootClock?) -> Int64 {
        isSynchronised ? offset : clock?.unsynchronisedOffset ?? offset
    }

    package func isTimeKnown(by clock: BootClock?) -> Bool { isSynchronised || clock?.isTimeKnown == true }

    /// Nanoseconds from the boot to a time that was recorded under this clock.
    package func elapsed(at time: Timestamp) -> Int64 {
        time.nanoseconds(since: Timestamp(nanoseconds: offset))
    }
}

/// One frame in the archive: where it is, what it holds and what stretch of time it covers.
package struct ArchivedFrame: Hashable, Sendable {
    package var stream: Stream
    package var sequence: UInt64
    /// Segment and offset in the archive log.
    package var segment: UInt64
    package var offset: UInt32
    package var clock: RecordedClock
    /// The earliest and the latest time of a sample or event, nanoseconds since the boot by the frame's clock: true for ever, whatever is
    /// learned of that clock. Nil for a frame of neither.
    package var times: ClosedRange<Int64>?
    package var digest: FrameDigest

    package init(
        stream: Stream, sequence: UInt64, segment: UInt64, offset: UInt32, clock: RecordedClock,
        times: ClosedRange<Int64>?, digest: FrameDigest
    ) {
        self.stream = stream
        self.sequence = sequence
        self.segment = segment
        self.offset = offset
        self.clock = clock
        self.times = times
        self.digest = digest
    }

    /// Where its samples belong; nil when that is not known.
    package func placedTimes(by clock: BootClock?) -> ClosedRange<Timestamp>? {
        guard self.clock.isTimeKnown(by: clock) else { return nil }
        return times?.placed(self.clock.placedOffset(by: clock))
    }
}

/// What is known of one stream.
package struct StoredStream: Hashable, Sendable {
    package var ledger: StreamLedger
    /// In which its frames were made: a stream is of one start of an agent, and no start spans two boots. Nil for a stream of which
    /// only losses are known.
    package var boot: BootKey?
    /// The earliest and the latest time of its samples and events in frames of a synchronised clock.
    package var times: ClosedRange<Timestamp>?
    /// The same for the other frames, nanoseconds since the boot.
    package var unsynchronised: ClosedRange<Int64>?

    package init(
        ledger: StreamLedger = StreamLedger(), boot: BootKey? = nil, times: ClosedRange<Timestamp>? = nil,
        unsynchronised: ClosedRange<Int64>? = nil
    ) {
        self.ledger = ledger
        self.boot = boot
        self.times = times
        self.unsynchronised = unsynchronised
    }

    /// Takes in frames that have expired.
    package mutating func widen(to frames: ExpiredFrames) {
        boot = frames.bootKey
        guard let first = frames.times.first, let last = frames.times.last else { return }
        let others = first.hull(last)
        switch frames.recording {
        case .synchronised(let offset): widen(to: others.placed(offset))
        case .placed: widen(to: others.placed(0))
        case .unsynchronised: unsynchronised = unsynchronised.map { $0.hull(others) } ?? others
        }
    }

    private mutating func widen(to others: ClosedRange<Timestamp>) { times = times.map { $0.hull(others) } ?? others }

    package mutating func widen(to frame: ArchivedFrame) {
        boot = frame.clock.boot
        guard let others = frame.times else { return }
        if frame.clock.isSynchronised {
            widen(to: others.placed(frame.clock.offset))
        } else {
            unsynchronised = unsynchronised.map { $0.hull(others) } ?? others
        }
    }

    /// Where its samples belong, as far as that is known.
    package func knownTimes(_ boots: [BootKey: BootClock]) -> ClosedRange<Timestamp>? {
        guard let unsynchronised, let clock = boot.flatMap({ boots[$0] }), clock.isTimeKnown else { return times }
        let placed = unsynchronised.placed(clock.unsynchronisedOffset)
        return times.map { $0.hull(placed) } ?? placed
    }

    /// Whether it has samples of which nobody knows the time.
    package func hasUnknownTimes(_ boots: [BootKey: BootClock]) -> Bool {
        guard unsynchronised != nil, let boot else { return false }
        return boots[boot]?.isTimeKnown != true
    }
}

/// A stretch of a site's time of which more is known than before.
package struct StaleStretch: Hashable, Sendable {
    package let site: Identifier
    /// Nil where it is not known.
    package let times: ClosedRange<Timestamp>?
    package let boot: BootKey
    /// Nanoseconds since that boot.
    package let sinceBoot: ClosedRange<Int64>

    package init(site: Identifier, times: ClosedRange<Timestamp>?, boot: BootKey, sinceBoot: ClosedRange<Int64>) {
        self.site = site
        self.times = times
        self.boot = boot
        self.sinceBoot = sinceBoot
    }

    /// Whether what was folded for a run may no longer be true.
    package func touches(_ run: Run) -> Bool {
        guard run.site == site, let folded = FoldedStretch(run) else { return false }
        if let span = folded.bootSpan, span.boot == boot { return span.sinceBoot.touches(sinceBoot) }
        guard folded.isTimeKnown, let times else { return false }
        return folded.window.touches(times)
    }
}

extension ClosedRange where Bound == Int64 {
    /// Times since a boot as times.
    package func placed(_ offset: Int64) -> ClosedRange<Timestamp> {
        Timestamp(nanoseconds: lowerBound).advanced(
            byNanoseconds: offset)...Timestamp(nanoseconds: upperBound)
            .advanced(byNanoseconds: offset)
    }
}

extension Range {
    /// Whether any of `others` may be in it.
    package func touches(_ others: ClosedRange<Bound>) -> Bool {
        lowerBound <= others.upperBound && others.lowerBound < upperBound
    }
}

extension ClosedRange {
    /// The least range that holds both.
    package func hull(_ other: ClosedRange) -> ClosedRange {
        Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
    }
}

/// An event as the archive has it.
package struct StoredEvent: Hashable, Sendable {
    package var site: Identifier
    /// The agent that recorded it.
    package var source: Identifier
    /// As it was recorded.
    package var event: Event
    package var clock: RecordedClock

    package init(site: Identifier, source: Identifier, event: Event, clock: RecordedClock) {
        self.site = site
        self.source = source
        self.event = event
        self.clock = clock
    }
}
