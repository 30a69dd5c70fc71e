/// What a collector has of one stream, and what it knows to be missing: to the frame and to the sample.
///
/// Frames count their samples from the start of the stream (the ordinal), so a hole between two frames says exactly how many
/// samples it held, and
///
///     accepted = delivered + declared lost + missing
///
/// holds at every moment, whatever the order or the number of times in which frames arrive.
package struct StreamLedger: Hashable, Sendable {
    /// Sequence numbers of the frames in the archive.
    package private(set) var received = IntervalSet()
    /// Ordinals of the samples in the archive.
    package private(set) var delivered = IntervalSet()
    /// Sequence numbers that the agent has declared lost.
    package private(set) var declaredFrames = IntervalSet()
    /// Ordinals that the agent has declared lost.
    package private(set) var declaredSamples = IntervalSet()
    /// Frames that arrived again after they were in the archive.
    package private(set) var duplicates: UInt64 = 0

    package init() {}

    /// A ledger as it was stored.
    package init(
        received: IntervalSet, delivered: IntervalSet, declaredFrames: IntervalSet, declaredSamples: IntervalSet,
        duplicates: UInt64
    ) {
        self.received = received
        self.delivered = delivered
        self.declaredFrames = declaredFrames
        self.declaredSamples = declaredSamples
        self.duplicates = duplicates
    }

    /// Whether the frame is in the archive already.
    package func has(_ sequence: UInt64) -> Bool { received.contains(sequence) }

    /// Takes in a frame of `samples` samples, the first of which is number `firstOrdinal` of the stream, from 1.
    ///
    /// - Returns: false when the frame was there already; it is counted as a duplicate and changes nothing else.
    @discardableResult
    package mutating func admit(sequence: UInt64, firstOrdinal: UInt64, samples: UInt64) -> Bool {
        guard received.insert(sequence) else {
            duplicates += 1
            return false
        }
        if samples > 0 { delivered.insert(firstOrdinal...(firstOrdinal + (samples - 1))) }
        return true
    }

    /// Adds to the count of frames that came again, for a ledger made anew from an archive, which holds each frame once.
    package mutating func noteDuplicates(_ count: UInt64) {
        duplicates += count
    }

    /// The agent has said that these frames, with these samples, will never come.
    package mutating func declareLost(sequences: ClosedRange<UInt64>, ordinals: ClosedRange<UInt64>?) {
        declaredFrames.insert(sequences)
        if let ordinals { declaredSamples.insert(ordinals) }
    }

    /// The greatest sequence number such that it and all before it are in the archive.
    package var through: UInt64 { received.through }

    /// Frames known to exist that are neither in the archive nor declared lost.
    package var missing: [ClosedRange<UInt64>] {
        guard let last = max(received.greatest ?? 0, declaredFrames.greatest ?? 0).nonZero else { return [] }
        var known = received
        known.formUnion(declaredFrames)
        return known.gaps(in: 1...last)
    }

    /// Samples in the archive.
    package var deliveredCount: UInt64 { delivered.count }

    /// Samples declared lost that have not arrived after all.
    package var lostCount: UInt64 { declaredSamples.subtracting(delivered).count }

    /// Samples known to have been accepted at the edge.
    package var acceptedCount: UInt64 { max(delivered.greatest ?? 0, declaredSamples.greatest ?? 0) }

    /// Samples known to exist that are neither in the archive nor declared lost.
    package var missingCount: UInt64 { acceptedCount - deliveredCount - lostCount }
}

extension UInt64 {
    fileprivate var nonZero: UInt64? { self == 0 ? nil : self }
}
