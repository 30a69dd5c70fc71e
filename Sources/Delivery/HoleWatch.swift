/// When a collector asks for the frames that a stream lacks.
///
/// A frame that is lost on the way is sent again without being asked for, so a hole is given time, and again whenever it has become
/// smaller: a backlog that drains beside live frames is one large hole that fills. What stays open is asked for, with growing
/// pauses, and no more when nobody answers until the agent is heard of again.
package struct HoleWatch<Stream: Hashable & Sendable>: Sendable {
    package struct Timing: Hashable, Sendable {
        /// Nanoseconds that a hole must stay as it is before it is asked for; doubles with each time that it is.
        package var patience: Int64 = 20_000_000_000
        package var longest: Int64 = 600_000_000_000
        /// How often a hole is asked for without any change.
        package var attempts = 8

        package init() {}
    }

    private struct Hole: Sendable {
        var missing: [ClosedRange<UInt64>]
        var askAt: Int64
        var attempts = 0
    }

    private let timing: Timing
    private var holes: [Stream: Hole] = [:]

    package init(timing: Timing = Timing()) { self.timing = timing }

    /// What a stream lacks now; nothing when it is whole.
    package mutating func note(_ stream: Stream, lacks missing: [ClosedRange<UInt64>], at now: Int64) {
        guard !missing.isEmpty else {
            holes[stream] = nil
            return
        }
        if holes[stream]?.missing == missing { return }
        holes[stream] = Hole(missing: missing, askAt: now + timing.patience)
    }

    /// An agent is here that may answer for these streams.
    package mutating func heard(ofStreams isOurs: (Stream) -> Bool, at now: Int64) {
        for stream in holes.keys where isOurs(stream) {
            holes[stream]?.attempts = 0
            holes[stream]?.askAt = now + timing.patience
        }
    }

    /// What is to be asked for now; each request has as many ranges as a message may.
    package mutating func due(at now: Int64) -> [(stream: Stream, ranges: [ClosedRange<UInt64>])] {
        var requests: [(Stream, [ClosedRange<UInt64>])] = []
        for (stream, hole) in holes where hole.askAt <= now {
            requests.append((stream, Array(hole.missing.prefix(Acknowledgement.rangeLimit))))
            let attempts = hole.attempts + 1
            holes[stream]?.attempts = attempts
            let pause = min(timing.longest, timing.patience << Int64(min(attempts, 16)))
            holes[stream]?.askAt = attempts < timing.attempts ? now + pause : .max
        }
        return requests
    }

    /// The earliest time at which something is due; nil while nothing is.
    package var dueAt: Int64? { holes.values.lazy.map(\.askAt).filter { $0 < .max }.min() }
}
