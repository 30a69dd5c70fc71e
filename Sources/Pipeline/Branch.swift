package import Telemetry

/// One way that samples of a series take: what the series is called at its end, and what is done to them on it.
package struct Branch: Sendable {
    /// The series as the rules leave it.
    package internal(set) var series: Series
    /// Every name that it has borne, the first is that of the input: a rule that hides one of them hides the branch.
    package internal(set) var names: [String]
    /// The number of the rule whose ring the samples go to, in the order of the rules; nil for those that go on.
    package internal(set) var capture: Int?
    var stages: [Stage] = []

    init(_ series: Series) {
        self.series = series
        names = [series.name]
    }

    /// Whether samples come out as they went in.
    package var isEmpty: Bool { stages.isEmpty }

    /// Whether samples may wait on it for those that follow.
    package var holds: Bool { stages.contains { $0.holds } }

    /// Takes a sample, and leaves in `buffer` what comes out at once: nothing, itself, or others before it.
    ///
    /// - Parameters:
    ///   - sample: of the series as the input knows it.
    ///   - priority: its class; rules may be for one class only.
    ///   - buffer: emptied first.
    ///   - spare: memory to work in.
    ///   - tally: counts what was let go on purpose.
    package mutating func push(
        _ sample: Sample, class priority: PriorityClass, _ buffer: inout [Sample], _ spare: inout [Sample],
        _ tally: inout ShapingTally
    ) {
        buffer.removeAll(keepingCapacity: true)
        spare.removeAll(keepingCapacity: true)
        buffer.append(sample)
        for index in stages.indices where stages[index].priority.map({ $0 == priority }) ?? true {
            stages[index].apply(to: &buffer, &spare, &tally)
            if buffer.isEmpty { return }
        }
    }

    /// Leaves in `buffer` what waited: all, or what ended before `time`.
    package mutating func flush(
        before time: Timestamp?, _ buffer: inout [Sample], _ spare: inout [Sample], _ tally: inout ShapingTally
    ) {
        buffer.removeAll(keepingCapacity: true)
        spare.removeAll(keepingCapacity: true)
        for index in stages.indices {
            // What comes from the stage before goes through this one first: it is older than what it holds only by being told later.
            if !buffer.isEmpty { stages[index].apply(to: &buffer, &spare, &tally) }
            stages[index].flush(before: time, into: &buffer)
        }
    }
}
