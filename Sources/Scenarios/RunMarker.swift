package import Telemetry

/// A marker of a run, as someone recorded it.
package struct RunMarker: Hashable, Sendable {
    /// The recorder's boot clock at the event.
    package struct Clock: Hashable, Sendable {
        package let boot: BootKey
        /// Nanoseconds since the boot.
        package let sinceBoot: Int64
        /// False for a boot whose clock was never synchronised: the event's time is then a name that keeps the order within the boot.
        package let isTimeKnown: Bool

        package init(boot: BootKey, sinceBoot: Int64, isTimeKnown: Bool) {
            self.boot = boot
            self.sinceBoot = sinceBoot
            self.isTimeKnown = isTimeKnown
        }
    }

    /// Its time is corrected for the state of the recorder's clock.
    package let event: RunEvent
    package let site: Identifier
    /// The agent that recorded it, or `collector`.
    package let source: Identifier
    /// Nil where the time is not the recorder's, but came with the marker.
    package let clock: Clock?
    /// Nobody recorded it: a rule over a series found it in the samples of `source`.
    package let isByRule: Bool

    package init(
        _ event: RunEvent, site: Identifier, source: Identifier, clock: Clock? = nil, isByRule: Bool = false
    ) {
        self.event = event
        self.site = site
        self.source = source
        self.clock = clock
        self.isByRule = isByRule
    }

    var isTimeKnown: Bool { clock?.isTimeKnown ?? true }
}

/// Both ends of a run, chosen from its markers.
///
/// Times can be compared when they are known, or when one boot recorded them. Markers of a known time come first; where there is none, the
/// boot with the least key is taken, so that the choice is a function of the set.
struct RunEnds {
    private(set) var starts: [RunMarker] = []
    private(set) var stops: [RunMarker] = []
    private(set) var start: Timestamp?
    private(set) var stop: Timestamp?
    private(set) var bootSpan: Run.BootSpan?
    /// Of the start; of several, that of the boot with the least key.
    private(set) var startClock: RunMarker.Clock?
    /// Several starts or several stops, at different times.
    private(set) var isContradicted = false

    /// Of the kept markers.
    var isTimeKnown: Bool { (starts + stops).allSatisfy(\.isTimeKnown) }

    /// Whether the distance of both ends is known.
    var isComparable: Bool { bootSpan != nil || isTimeKnown }

    /// How far the clock of the start reaches.
    func latest(_ horizon: Horizon) -> Timestamp? {
        guard let clock = starts.compactMap(\.clock).first(where: { !$0.isTimeKnown }) else { return horizon.time }
        return horizon.unknown[clock.boot]
    }

    init(_ markers: Set<RunMarker>) {
        let allStarts = markers.filter { $0.event.phase == .start }
        let allStops = markers.filter { $0.event.phase == .stop }
        let comparableStarts = Self.preferred(allStarts)
        start = comparableStarts.map(\.event.timestamp).min()
        starts = comparableStarts.filter { $0.event.timestamp == start }

        // A stop that the boot of the start recorded too is told from the start by the boot clock.
        let clock = starts.compactMap(\.clock).min { ($0.boot, $0.sinceBoot) < ($1.boot, $1.sinceBoot) }
        startClock = clock
        func time(_ marker: RunMarker) -> Timestamp {
            guard let clock, let start, let other = marker.clock, other.boot == clock.boot else {
                return marker.event.timestamp
            }
            let distance = Timestamp(nanoseconds: other.sinceBoot)
                .nanoseconds(since: Timestamp(nanoseconds: clock.sinceBoot))
            return start.advanced(byNanoseconds: distance)
        }
        let comparableStops = stopsComparable(allStops, with: clock)
        stop = comparableStops.map(time).filter { start == nil || $0 >= start ?? $0 }.min()
        stops = comparableStops.filter { time($0) == stop }
        isContradicted =
            Set(allStarts.map(\.event.timestamp)).count > 1 || Set(allStops.map(time)).count > 1
            || stop == nil && !allStops.isEmpty
        guard let clock, let start, let stop, stops.contains(where: { $0.clock?.boot == clock.boot }) else { return }
        let end = Timestamp(nanoseconds: clock.sinceBoot).advanced(byNanoseconds: stop.nanoseconds(since: start))
        bootSpan = Run.BootSpan(boot: clock.boot, sinceBoot: clock.sinceBoot..<end.nanoseconds)
    }

    /// Stops that can be told to be after the start; if there are none, all that can be compared with each other.
    private func stopsComparable(_ stops: Set<RunMarker>, with clock: RunMarker.Clock?) -> Set<RunMarker> {
        guard let clock else { return Self.preferred(stops) }
        let comparable = stops.filter { clock.isTimeKnown && $0.isTimeKnown || $0.clock?.boot == clock.boot }
        return comparable.isEmpty ? Self.preferred(stops) : comparable
    }

    private static func preferred(_ markers: Set<RunMarker>) -> Set<RunMarker> {
        let known = markers.filter(\.isTimeKnown)
        guard known.isEmpty, let boot = markers.compactMap({ $0.clock?.boot }).min() else { return known }
        return markers.filter { $0.clock?.boot == boot }
    }
}
