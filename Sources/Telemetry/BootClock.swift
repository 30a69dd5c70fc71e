/// One start of one machine, as one installation saw it. Within a boot the boot clock only runs forward, whatever happens to the
/// wall clock.
package struct BootKey: Hashable, Sendable, Comparable {
    package let site: Identifier
    package let agent: Identifier
    package let install: UUIDBytes
    /// The kernel's id of the boot.
    package let boot: UUIDBytes
    /// The agent's start, where the kernel has no id (`boot` is zero): no start spans two boots. 0 otherwise.
    package let epoch: UInt64

    package init(site: Identifier, agent: Identifier, install: UUIDBytes, boot: UUIDBytes, epoch: UInt64) {
        self.site = site
        self.agent = agent
        self.install = install
        self.boot = boot
        self.epoch = boot == UUIDBytes(high: 0, low: 0) ? epoch : 0
    }

    package static func < (a: BootKey, b: BootKey) -> Bool {
        (a.site, a.agent, a.install, a.boot, a.epoch) < (b.site, b.agent, b.install, b.boot, b.epoch)
    }
}

extension ClockReading {
    /// Nanoseconds from the boot clock to the wall clock: when the wall clock says that the machine was started. A step of the wall
    /// clock changes it, and nothing else does; slewing moves both clocks.
    package var offset: Int64 { wall.nanoseconds(since: Timestamp(nanoseconds: sinceBoot)) }
}

/// What the frames of one boot tell of its clock, and where in time it puts them.
///
/// A join-semilattice: the record of a set of readings is the same in whatever order, and however often, they are noted.
package struct BootClock: Hashable, Sendable {
    /// One reading, as far as it matters.
    package struct Mark: Hashable, Sendable, Comparable {
        /// Nanoseconds since the boot.
        package let sinceBoot: Int64
        /// `ClockReading.offset`.
        package let offset: Int64
        /// The kernel's bound on the clock's error, nanoseconds.
        package let error: Int64

        package init(sinceBoot: Int64, offset: Int64, error: Int64) {
            self.sinceBoot = sinceBoot
            self.offset = offset
            self.error = error
        }

        /// By the boot clock; the rest only makes the order total.
        package static func < (a: Mark, b: Mark) -> Bool {
            (a.sinceBoot, a.offset, a.error) < (b.sinceBoot, b.offset, b.error)
        }
    }

    /// The earliest reading.
    package private(set) var first: Mark
    /// The earliest reading of a synchronised clock; nil when there was none.
    package private(set) var anchor: Mark?
    /// The offsets of all synchronised readings.
    package private(set) var synchronised: ClosedRange<Int64>?

    package init(_ reading: ClockReading) {
        first = Mark(reading)
        note(reading)
    }

    /// A record as it was stored.
    package init(first: Mark, anchor: Mark?, synchronised: ClosedRange<Int64>?) {
        self.first = first
        self.anchor = anchor
        self.synchronised = synchronised
    }

    package mutating func note(_ reading: ClockReading) {
        let mark = Mark(reading)
        first = min(first, mark)
        guard reading.state.isSynchronised else { return }
        anchor = min(anchor ?? mark, mark)
        let known = synchronised ?? mark.offset...mark.offset
        synchronised = min(known.lowerBound, mark.offset)...max(known.upperBound, mark.offset)
    }

    /// Of a boot that there was and of whose clock no reading is known: joined with any other it is that other.
    package static let unread = BootClock(
        first: Mark(sinceBoot: .max, offset: .max, error: .max), anchor: nil, synchronised: nil)

    /// Takes in what is known of the same boot from elsewhere.
    package mutating func join(_ other: BootClock) {
        first = min(first, other.first)
        if let mark = other.anchor { anchor = min(anchor ?? mark, mark) }
        guard let more = other.synchronised else { return }
        let known = synchronised ?? more
        synchronised = min(known.lowerBound, more.lowerBound)...max(known.upperBound, more.upperBound)
    }

    /// Whether all readings that were kept are of one clock, synchronised and never set.
    package var isSteady: Bool { synchronised == first.offset...first.offset && anchor == first }

    /// Whether the clock was synchronised at any time in the boot; if not, order and durations are known, and the time is not.
    package var isTimeKnown: Bool { anchor != nil }

    /// The offset by which what was recorded under an unsynchronised clock is placed: that of the first synchronised reading; without
    /// one, that of the first reading, under which times are names and no more.
    package var unsynchronisedOffset: Int64 { anchor?.offset ?? first.offset }

    /// Where a frame belongs that was encoded at `reading`.
    package func placement(of reading: ClockReading) -> Placement {
        if reading.state.isSynchronised {
            return Placement(correction: 0, isTimeKnown: true, error: reading.state.maximumError)
        }
        let correction = Timestamp(nanoseconds: unsynchronisedOffset)
            .nanoseconds(since: Timestamp(nanoseconds: reading.offset))
        guard let anchor else { return Placement(correction: correction, isTimeKnown: false, error: nil) }
        return Placement(
            correction: correction, isTimeKnown: true,
            error: anchor.error(after: Timestamp(nanoseconds: reading.sinceBoot)))
    }
}

/// Where the times of one frame belong.
package struct Placement: Hashable, Sendable {
    /// Nanoseconds to add to each time that the frame recorded.
    package let correction: Int64
    /// False for a boot whose clock was never synchronised.
    package let isTimeKnown: Bool
    /// The bound on the error of a corrected time, nanoseconds; nil when the time is not known.
    package let error: Int64?

    package init(correction: Int64, isTimeKnown: Bool, error: Int64?) {
        self.correction = correction
        self.isTimeKnown = isTimeKnown
        self.error = error
    }

    /// As the frame's own clock says, for a frame of which no other of its boot is known.
    package init(asRecordedAt reading: ClockReading) {
        self.init(
            correction: 0, isTimeKnown: reading.state.isSynchronised,
            error: reading.state.isSynchronised ? reading.state.maximumError : nil)
    }
}

extension BootClock.Mark {
    fileprivate init(_ reading: ClockReading) {
        self.init(sinceBoot: reading.sinceBoot, offset: reading.offset, error: reading.state.maximumError)
    }

    /// The bound at another moment of the boot: it grows by 500 µs in a second, the greatest error of a clock's rate that Linux allows for
    /// (`MAXFREQ`), by which the kernel itself lets `maxerror` grow.
    fileprivate func error(after time: Timestamp) -> Int64 {
        let distance = time.nanoseconds(since: Timestamp(nanoseconds: sinceBoot)).magnitude
        return Timestamp(nanoseconds: error).advanced(byNanoseconds: Int64(clamping: distance / 2000)).nanoseconds
    }
}
