/// When a series that is expected every so often was there.
///
/// Samples no further apart than `reach`, one and a half times the expected interval, form one island: the jitter
/// of a sensor makes no hole, one sample left out does. Islands of any parts of the samples unite to the islands of
/// all.
struct Presence: Hashable, Sendable {
    /// From the first sample of an island to its last, nanoseconds.
    struct Island: Hashable, Sendable {
        var first: Int64
        var last: Int64
    }

    /// Nearly every series has one island in nearly every frame, and that one takes no memory of its own.
    private var head: Island?
    private var others: [Island] = []
    /// The longest time between neighbours within an island; where parts interleave it may be too long, never above
    /// `reach`.
    private(set) var longestStep: Int64 = 0
    let reach: Int64

    /// Ascending.
    var islands: [Island] { head.map { [$0] + others } ?? [] }

    /// - Parameters:
    ///   - times: ascending.
    ///   - every: the expected interval, nanoseconds, above 0.
    init(_ times: [Int64], every: Int64) {
        let (half, sum) = (every / 2, every.addingReportingOverflow(every / 2))
        reach = sum.overflow ? .max - half : sum.partialValue
        if let whole = Presence.island(of: times, reach: reach) {
            (head, longestStep) = whole
        } else {
            for time in times { append(Island(first: time, last: time)) }
        }
    }

    /// The only island that the times make, and its longest step; nil where they make more, or none.
    private static func island(of times: [Int64], reach: Int64) -> (Island, longestStep: Int64)? {
        guard var last = times.first else { return nil }
        let first = last
        var longest: Int64 = 0
        for time in times {
            let (step, overflow) = time.subtractingReportingOverflow(last)
            guard !overflow, step <= reach else { return nil }
            longest = max(longest, step)
            last = time
        }
        return (Island(first: first, last: last), longest)
    }

    /// - Parameter island: starts no earlier than the last one does.
    @inline(__always)
    private mutating func append(_ island: Island) {
        guard let last = others.last?.last ?? head?.last else {
            head = island
            return
        }
        let (step, overflow) = island.first.subtractingReportingOverflow(last)
        guard !overflow, step <= reach else {
            others.append(island)
            return
        }
        longestStep = max(longestStep, step)
        if others.isEmpty {
            head?.last = max(last, island.last)
        } else {
            others[others.count - 1].last = max(last, island.last)
        }
    }

    /// How much of a window the samples cover, and how long the series was silent at most, nanoseconds.
    ///
    /// A sample after which the next one is late speaks for one expected interval. The edges of the window count as
    /// neighbours: what begins late or ends early was silent until then or from then on.
    func cover(from start: Int64, to stop: Int64, every: Int64) -> (covered: Int64, longestGap: Int64) {
        let islands = islands
        guard let first = islands.first, let last = islands.last else { return (0, stop - start) }
        var covered: Int64 = 0
        var longest = longestStep
        func bridge(_ step: Int64, silence: Int64) {
            covered += step <= reach ? step : silence
            longest = max(longest, step)
        }
        bridge(first.first - start, silence: 0)
        for (island, next) in zip(islands, islands.dropFirst()) { bridge(next.first - island.last, silence: every) }
        bridge(stop - last.last, silence: every)
        for island in islands { covered += island.last - island.first }
        return (covered, longest)
    }
}

extension Presence {
    /// A time within a window in which the series was silent for longer than jitter explains, nanoseconds.
    struct Gap: Hashable, Sendable {
        /// The last sample before it, or the window's begin.
        let from: Int64
        /// From here on nothing speaks for the time until `to`.
        let silent: Int64
        let to: Int64
    }

    /// Gaps that are told one by one.
    static let mostGaps = 64

    /// The longest gaps in a window, in the order of time.
    func gaps(from start: Int64, to stop: Int64, every: Int64) -> [Gap] {
        let islands = islands
        guard let first = islands.first, let last = islands.last else { return [] }
        var gaps: [Gap] = []
        func add(_ from: Int64, _ to: Int64, silence: Int64) {
            if to - from > reach { gaps.append(Gap(from: from, silent: from + silence, to: to)) }
        }
        add(start, first.first, silence: 0)
        for (island, next) in zip(islands, islands.dropFirst()) { add(island.last, next.first, silence: every) }
        add(last.last, stop, silence: every)
        guard gaps.count > Self.mostGaps else { return gaps }
        gaps.sort { ($0.from - $0.to, $0.from) < ($1.from - $1.to, $1.from) }
        return gaps.prefix(Self.mostGaps).sorted { $0.from < $1.from }
    }
}

extension Presence: Mergeable {
    mutating func merge(_ later: Presence) {
        longestStep = max(longestStep, later.longestStep)
        guard let next = later.head else { return }
        if let last = others.last ?? head, next.first < last.first {
            let all = (islands + later.islands).sorted { ($0.first, $0.last) < ($1.first, $1.last) }
            head = nil
            others.removeAll(keepingCapacity: true)
            for island in all { append(island) }
        } else {
            append(next)
            for island in later.others { append(island) }
        }
    }
}
