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

    private(set) var islands: [Island] = []
    /// The longest time between neighbours within an island; where parts interleave it may be too long, never above
    /// `reach`.
    private(set) var longestStep: Int64 = 0
    let reach: Int64

    /// - Parameters:
    ///   - times: ascending.
    ///   - every: the expected interval, nanoseconds, above 0.
    init(_ times: some Collection<Int64>, every: Int64) {
        let (half, sum) = (every / 2, every.addingReportingOverflow(every / 2))
        reach = sum.overflow ? .max - half : sum.partialValue
        for time in times { append(Island(first: time, last: time)) }
    }

    /// - Parameter island: starts no earlier than the last one does.
    @inline(__always)
    private mutating func append(_ island: Island) {
        guard let last = islands.last?.last else {
            islands.append(island)
            return
        }
        let (step, overflow) = island.first.subtractingReportingOverflow(last)
        guard !overflow, step <= reach else {
            islands.append(island)
            return
        }
        islands[islands.count - 1].last = max(last, island.last)
        longestStep = max(longestStep, step)
    }

    /// How much of a window the samples cover, and how long the series was silent at most, nanoseconds.
    ///
    /// A sample after which the next one is late speaks for one expected interval. The edges of the window count as
    /// neighbours: what begins late or ends early was silent until then or from then on.
    func cover(from start: Int64, to stop: Int64, every: Int64) -> (covered: Int64, longestGap: Int64) {
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

extension Presence: Mergeable {
    mutating func merge(_ later: Presence) {
        longestStep = max(longestStep, later.longestStep)
        if let last = islands.last, let next = later.islands.first, next.first >= last.first {
            for island in later.islands { append(island) }
            return
        }
        let all = (islands + later.islands).sorted { ($0.first, $0.last) < ($1.first, $1.last) }
        islands.removeAll(keepingCapacity: true)
        for island in all { append(island) }
    }
}
