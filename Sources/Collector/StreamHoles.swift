import Aggregation
import Delivery
import Frames
import Storage
import Telemetry

/// The holes of one stream, and when what is in them was taken.
///
/// Frames of a class are made in the order of their samples, so what a hole held was taken after the last sample of the frame before it, and
/// before the frame after it was made. A hole at the beginning of a stream begins with the boot, and one at its end has no end. Where the
/// frames next to it have expired, the first one that has not bounds it.
struct StreamHoles {
    private let stream: Stream
    private let state: StoredStream
    private let boots: [BootKey: BootClock]

    init(_ stream: Stream, _ state: StoredStream, _ boots: [BootKey: BootClock]) {
        self.stream = stream
        self.state = state
        self.boots = boots
    }

    func all(_ store: some Store) throws(StoreError) -> [StreamAccount.Hole] {
        var holes: [StreamAccount.Hole] = []
        for span in spans {
            let (first, last) = (span.sequences.lowerBound, span.sequences.upperBound)
            let before = try first > 1 ? store.frame(first - 1, of: stream) : nil
            let after = try state.ledger.has(last + 1) ? store.frame(from: last + 1, of: stream) : nil
            holes.append(hole(span, before, after))
        }
        return holes
    }

    /// Those that the ledger knows, and what was declared lost behind the last frame.
    private var spans: [FrameSpan] {
        let ledger = state.ledger
        let holes = ledger.holes
        let last = max(
            ledger.received.greatest ?? 0, holes.last?.sequences.upperBound ?? 0,
            ledger.hasProvenEnd ? ledger.end?.frames ?? 0 : 0)
        guard let declared = ledger.declaredFrames.greatest, declared > last else { return holes }
        let next = ledger.archived.spans.last?.nextOrdinal ?? 1
        let end = max(next, (ledger.declaredSamples.greatest ?? 0) + 1)
        return holes + [FrameSpan(sequences: (last + 1)...declared, firstOrdinal: next, nextOrdinal: end)]
    }

    private func hole(_ span: FrameSpan, _ before: ArchivedFrame?, _ after: ArchivedFrame?) -> StreamAccount.Hole {
        let ledger = state.ledger
        let missingFrames = IntervalSet([span.sequences]).subtracting(ledger.declaredFrames).count
        var missing: UInt64 = 0
        // Where all frames are declared, so are all samples, known to the agent or not.
        if span.count > 0, missingFrames > 0 {
            missing =
                IntervalSet([span.firstOrdinal...(span.nextOrdinal - 1)]).subtracting(ledger.declaredSamples).count
        }
        let begin = before.map { min($0.times?.upperBound ?? $0.clock.sinceBoot, $0.clock.sinceBoot) } ?? 0
        let end = max(begin, after?.clock.sinceBoot ?? .max)
        return StreamAccount.Hole(
            missingFrames: missingFrames, lost: span.count - missing, missing: missing,
            boot: (before ?? after)?.clock.boot ?? state.boot, sinceBoot: begin...end,
            times: times(from: begin, before, to: end, after))
    }

    private func times(
        from begin: Int64, _ before: ArchivedFrame?, to end: Int64, _ after: ArchivedFrame?
    ) -> ClosedRange<Timestamp>? {
        let clock = (before ?? after).flatMap { boots[$0.clock.boot] }
        guard let edge = before ?? after, edge.clock.isTimeKnown(by: clock) else { return nil }
        func placed(_ time: Int64, _ frame: ArchivedFrame) -> Timestamp {
            Timestamp(nanoseconds: time).advanced(byNanoseconds: frame.clock.placedOffset(by: clock))
        }
        let from = placed(begin, edge)
        let to = after.map { placed(end, $0) } ?? Timestamp(nanoseconds: .max)
        // The wall clock was set back between the two.
        return min(from, to)...max(from, to)
    }
}
