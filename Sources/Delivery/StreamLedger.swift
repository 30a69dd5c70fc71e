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
    /// Frames that arrived again after they were in the archive.
    package private(set) var duplicates: UInt64 = 0

    package init() {}

    /// A ledger as it was stored.
    package init(
        archived: FrameSpans, declaredFrames: IntervalSet, declaredSamples: IntervalSet, duplicates: UInt64
    ) {
        self.archived = archived
        self.declaredFrames = declaredFrames
        self.declaredSamples = declaredSamples
        self.duplicates = duplicates
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

    /// Adds to the count of frames that came again, for a ledger made anew from an archive, which holds each frame once.
    package mutating func noteDuplicates(_ count: UInt64) {
        duplicates += count
    }

    /// The agent has said that these frames will never come. `ordinals`: the samples in them, where it knows them.
    package mutating func declareLost(sequences: ClosedRange<UInt64>, ordinals: ClosedRange<UInt64>?) {
        declaredFrames.insert(sequences)
        if let ordinals { declaredSamples.insert(ordinals) }
    }

    /// Sequence numbers of the frames in the archive.
    package var received: IntervalSet { archived.sequences }

    /// The greatest sequence number such that it and all before it are in the archive.
    package var through: UInt64 { received.through }

    /// Frames known to exist that are neither in the archive nor declared lost.
    package var missing: [ClosedRange<UInt64>] {
        var known = received
        known.formUnion(declaredFrames)
        return known.greatest.map { known.gaps(in: 1...$0) } ?? []
    }

    /// Samples in the archive.
    package var deliveredCount: UInt64 { archived.sampleCount }

    /// Samples declared lost that have not arrived after all.
    package var lostCount: UInt64 {
        var lost = declaredSamples
        for hole in archived.holes where hole.count > 0 {
            // All frames between two that are here are lost, and so is every sample between those two.
            if declaredFrames.gaps(in: hole.sequences).isEmpty {
                lost.insert(hole.firstOrdinal...(hole.nextOrdinal - 1))
            }
        }
        return lost.subtracting(archived.ordinals).count
    }

    /// Samples known to have been accepted at the edge.
    package var acceptedCount: UInt64 {
        max((archived.spans.last?.nextOrdinal ?? 1) - 1, declaredSamples.greatest ?? 0)
    }

    /// Samples known to exist that are neither in the archive nor declared lost.
    package var missingCount: UInt64 { acceptedCount - deliveredCount - lostCount }
}
