import Aggregation
import Delivery
import Frames
import Storage
import Telemetry

/// What may be behind the last frame of an agent that has neither ended nor started again.
extension StreamTails {
    /// An open tail, and what a reader must know of it.
    struct OpenTail {
        /// What is not known to be there, from the last proof on.
        var hole: StreamAccount.Hole
        /// When the agent was heard of last, if it ought to have been heard again.
        var silentSince: Timestamp?
        var provenThrough: Timestamp?
    }

    /// Nil for a stream whose tail is not open, or of which nothing came.
    ///
    /// Frames are made in the order of their samples, so a frame proves that what was taken before it was made is in frames up to it. While an
    /// agent goes on, its last frame of any class does so for all its streams, for events and live samples are sent first and what is left
    /// behind is on its way. Of one that is silent each stream stands for itself, as its backlog may never come; only events, which are
    /// synced and sent before anything else, are proven by any frame. It is silent when no frame of it reaches within `longestSilence` of
    /// the latest time that any stream has: by the archive's time and never the collector's own, so that a rebuild judges alike.
    func openTail(of stream: Stream, _ state: StoredStream, _ store: some Store) throws(StoreError) -> OpenTail? {
        guard tail(of: stream, state) == .open else { return nil }
        var (own, heard): (ArchivedFrame?, ArchivedFrame?)
        for sibling in siblings(of: stream) {
            guard let last = try lastFrame(of: sibling, store) else { continue }
            if sibling == stream { own = last }
            if last.clock.sinceBoot >= heard?.clock.sinceBoot ?? .min { heard = last }
        }
        guard let heard else { return expiredTail(of: stream, state) }
        let heardAt = placed(heard.clock.sinceBoot, heard)
        let isSilent = heardAt.map(isSilent(since:)) ?? true
        let standsAlone = isSilent && stream.priority != .event
        guard let proof = standsAlone ? own : heard else { return expiredTail(of: stream, state) }
        let since = proof.clock.sinceBoot
        let provenThrough = placed(since, proof)
        let until = heard.clock.sinceBoot.addingReportingOverflow(Self.longestOutage)
        let hole = StreamAccount.Hole(
            missingFrames: 0, lost: 0, missing: 0, boot: heard.clock.boot,
            sinceBoot: since...max(since, until.overflow ? .max : until.partialValue),
            times: bounds(from: provenThrough, heardAt))
        return OpenTail(hole: hole, silentSince: isSilent ? heardAt : nil, provenThrough: provenThrough)
    }

    /// Of a stream whose last frames have expired: its times are known, and no more.
    private func expiredTail(of stream: Stream, _ state: StoredStream) -> OpenTail? {
        guard let last = state.knownTimes(boots)?.upperBound else { return nil }
        let hole = StreamAccount.Hole(
            missingFrames: 0, lost: 0, missing: 0, boot: nil, sinceBoot: 0...0, times: bounds(from: last, last))
        return OpenTail(hole: hole, silentSince: isSilent(since: last) ? last : nil, provenThrough: last)
    }

    private func bounds(from proven: Timestamp?, _ heard: Timestamp?) -> ClosedRange<Timestamp>? {
        guard let proven, let heard else { return nil }
        return proven...max(proven, heard.advanced(byNanoseconds: Self.longestOutage))
    }

    private func isSilent(since time: Timestamp) -> Bool {
        horizon.nanoseconds(since: time) > Self.longestSilence
    }

    private func placed(_ sinceBoot: Int64, _ frame: ArchivedFrame) -> Timestamp? {
        let clock = boots[frame.clock.boot]
        guard frame.clock.isTimeKnown(by: clock) else { return nil }
        return Timestamp(nanoseconds: sinceBoot).advanced(byNanoseconds: frame.clock.placedOffset(by: clock))
    }
}
