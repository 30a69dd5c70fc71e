/// What a collector has of one stream, and what it knows to be missing: to the frame and to the sample.
///
/// Frames count their samples from the start of the stream (the ordinal), so a hole between two frames says exactly how many
/// samples it held, and
///
///     accepted = delivered + declared lost + missing
///
/// holds at every moment, whatever the order or the number of times in which frames arrive.
package struct StreamLedger: Hashable, Sendable {
    /// The frames in the archive.
    package private(set) var archived = FrameSpans()
    /// Sequence numbers that the agent has declared lost.
    package private(set) var declaredFrames = IntervalSet()
    /// Ordinals that the agent has declared lost. Where it knew only the frames, their neighbours tell which samples they held.
    package private(set) var declaredSamples = IntervalSet()
    /// Sequence numbers of those whose samples the agent did not know.
    package private(set) var uncounted = IntervalSet()
    /// Frames that arrived again after they were in the archive.
    package private(set) var duplicates: UInt64 = 0
    /// How much the stream holds, once its agent has said that it ends here; nil before.
    package private(set) var end: End?

    /// What a stream that has ended holds.
    package struct End: Hashable, Sendable {
        package var frames: UInt64
        package var samples: UInt64

        package init(frames: UInt64, samples: UInt64) {
            self.frames = frames
            self.samples = samples
        }
    }

    package init() {}

    /// A ledger as it was stored.
    package init(
        archived: FrameSpans, declaredFrames: IntervalSet, declaredSamples: IntervalSet, uncounted: IntervalSet,
        duplicates: UInt64, end: End?
    ) {
        self.uncounted = uncounted
        self.archived = archived
        self.declaredFrames = declaredFrames
        self.declaredSamples = declaredSamples
        self.duplicates = duplicates
        self.end = end
    }

    /// Whether the frame is in the archive already.
    package func has(_ sequence: UInt64) -> Bool { archived.contains(sequence) }

    /// Takes in a frame of `samples` samples, the first of which is number `firstOrdinal` of the stream, from 1.
    ///
    /// One that is there already is counted as a duplicate and changes nothing else; one that contradicts others changes nothing.
    @discardableResult
    package mutating func admit(sequence: UInt64, firstOrdinal: UInt64, samples: UInt64) -> FrameSpans.Insertion {
        let insertion = archived.insert(
            FrameSpan(sequence: sequence, firstOrdinal: firstOrdinal, samples: samples))
        if insertion == .present { duplicates += 1 }
        return insertion
    }

    /// Frames that were in the archive and have expired: they were received, and are never asked for.
    package mutating func admitExpired(_ span: FrameSpan) { archived.formUnion(span) }

    /// Adds to the count of frames that came again, for a ledger made anew from an archive, which holds each frame once.
    package mutating func noteDuplicates(_ count: UInt64) {
        duplicates += count
    }

    /// The agent has said that these frames will never come.
    ///
    /// `ordinals`: the samples in them; nil when there are none, or when the agent does not know them.
    package mutating func declareLost(
        sequences: ClosedRange<UInt64>, ordinals: ClosedRange<UInt64>?, isCounted: Bool = true
    ) {
        declaredFrames.insert(sequences)
        if let ordinals { declaredSamples.insert(ordinals) }
        if !isCounted { uncounted.insert(sequences) }
    }

    /// The agent has said that the stream ends here.
    package mutating func noteEnd(_ end: End) {
        self.end = max(self.end ?? end, end)
    }

    /// Whether it is known where the stream ends: nothing can be missing behind that.
    package var hasProvenEnd: Bool {
        guard let end else { return false }
        return end.frames >= archived.spans.last?.sequences.upperBound ?? 0
            && end.samples + 1 >= archived.spans.last?.nextOrdinal ?? 1
    }

    /// Sequence numbers of the frames in the archive.
    package var received: IntervalSet { archived.sequences }

    /// The greatest sequence number such that it and all before it are in the archive.
    package var through: UInt64 { received.through }

    /// Frames known to exist that are neither in the archive nor declared lost.
    package var missing: [ClosedRange<UInt64>] {
        var known = received
        known.formUnion(declaredFrames)
        let last = max(known.greatest ?? 0, end?.frames ?? 0)
        return last > 0 ? known.gaps(in: 1...last) : []
    }

    /// Samples in the archive.
    package var deliveredCount: UInt64 { archived.sampleCount }

    /// Samples declared lost that have not arrived after all.
    package var lostCount: UInt64 {
        var lost = declaredSamples
        for hole in holes where hole.count > 0 {
            // All frames between two that are here are lost, and so is every sample between those two.
            if declaredFrames.gaps(in: hole.sequences).isEmpty {
                lost.insert(hole.firstOrdinal...(hole.nextOrdinal - 1))
            }
        }
        return lost.subtracting(archived.ordinals).count
    }

    /// Frames declared lost of which nobody knows how many samples they held, since nothing behind them says so.
    package var uncountedFrames: UInt64 {
        // Behind a proven end there is nothing.
        guard !hasProvenEnd, !uncounted.isEmpty else { return 0 }
        let last = archived.spans.last?.sequences.upperBound ?? 0
        return last == 0 ? uncounted.count : uncounted.subtracting(IntervalSet([1...last])).count
    }

    /// What lies between the frames in the archive, before the first, and after the last where the stream's end is known.
    package var holes: [FrameSpan] {
        let last = archived.spans.last
        let (sequence, ordinal) = ((last?.sequences.upperBound ?? 0) + 1, last?.nextOrdinal ?? 1)
        guard let end, hasProvenEnd, sequence <= end.frames else { return archived.holes }
        return archived.holes + [
            FrameSpan(sequences: sequence...end.frames, firstOrdinal: ordinal, nextOrdinal: end.samples + 1)
        ]
    }

    /// Samples known to have been accepted at the edge.
    package var acceptedCount: UInt64 {
        max((archived.spans.last?.nextOrdinal ?? 1) - 1, declaredSamples.greatest ?? 0, end?.samples ?? 0)
    }

    /// Samples known to exist that are neither in the archive nor declared lost.
    package var missingCount: UInt64 { acceptedCount - deliveredCount - lostCount }
}

extension StreamLedger.End: Comparable {
    /// By frames, then by samples.
    package static func < (a: Self, b: Self) -> Bool { (a.frames, a.samples) < (b.frames, b.samples) }
}
