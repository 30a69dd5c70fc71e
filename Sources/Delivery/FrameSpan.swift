/// An unbroken range of a stream's frames, and which of the stream's samples they hold.
package struct FrameSpan: Hashable, Sendable {
    package var sequences: ClosedRange<UInt64>
    /// The number of the first sample, from 1. Frames without samples have the number that the next sample gets.
    package var firstOrdinal: UInt64
    /// The number after that of the last sample.
    package var nextOrdinal: UInt64

    /// - Precondition: `firstOrdinal <= nextOrdinal`.
    package init(sequences: ClosedRange<UInt64>, firstOrdinal: UInt64, nextOrdinal: UInt64) {
        precondition(firstOrdinal <= nextOrdinal, "a span cannot hold less than no sample")
        self.sequences = sequences
        self.firstOrdinal = firstOrdinal
        self.nextOrdinal = nextOrdinal
    }

    /// One frame of `samples` samples.
    package init(sequence: UInt64, firstOrdinal: UInt64, samples: UInt64) {
        self.init(
            sequences: sequence...sequence, firstOrdinal: firstOrdinal, nextOrdinal: firstOrdinal + samples)
    }

    /// How many samples.
    package var count: UInt64 { nextOrdinal - firstOrdinal }
}

/// The frames of a stream that are in an archive, as spans that no frame is missing in: ascending, with at least one frame missing
/// between two neighbours.
///
/// Frames arrive almost in order, so a stream of millions of frames is a handful of spans.
package struct FrameSpans: Hashable, Sendable {
    package private(set) var spans: [FrameSpan] = []

    package init() {}

    /// Spans as they were stored; nil when they are not in order or contradict each other.
    package init?(_ spans: [FrameSpan]) {
        for (span, next) in zip(spans, spans.dropFirst()) {
            guard span.sequences.upperBound < .max, span.sequences.upperBound + 1 < next.sequences.lowerBound,
                span.nextOrdinal <= next.firstOrdinal
            else { return nil }
        }
        self.spans = spans
    }

    package func contains(_ sequence: UInt64) -> Bool {
        let index = firstSpan(endingAtOrAfter: sequence)
        return index < spans.count && spans[index].sequences.lowerBound <= sequence
    }

    /// What became of a frame that was to be inserted.
    package enum Insertion: Hashable, Sendable {
        case inserted
        /// The frame's number is there already.
        case present
        /// Its samples bear numbers that others have, or leave out some: it cannot be of the same stream.
        case contradiction
    }

    /// Adds one frame.
    package mutating func insert(_ frame: FrameSpan) -> Insertion {
        let sequence = frame.sequences.lowerBound
        precondition(frame.sequences.count == 1, "frames come one at a time")
        let index = firstSpan(endingAtOrAfter: sequence)
        if index < spans.count, spans[index].sequences.lowerBound <= sequence { return .present }
        let touchesLeft = index > 0 && spans[index - 1].sequences.upperBound + 1 == sequence
        let touchesRight = index < spans.count && sequence + 1 == spans[index].sequences.lowerBound
        if index > 0 {
            let end = spans[index - 1].nextOrdinal
            guard touchesLeft ? end == frame.firstOrdinal : end <= frame.firstOrdinal else { return .contradiction }
        }
        if index < spans.count {
            let start = spans[index].firstOrdinal
            guard touchesRight ? frame.nextOrdinal == start : frame.nextOrdinal <= start else { return .contradiction }
        }
        switch (touchesLeft, touchesRight) {
        case (true, true):
            spans[index - 1].sequences = spans[index - 1].sequences.lowerBound...spans[index].sequences.upperBound
            spans[index - 1].nextOrdinal = spans[index].nextOrdinal
            spans.remove(at: index)
        case (true, false):
            spans[index - 1].sequences = spans[index - 1].sequences.lowerBound...sequence
            spans[index - 1].nextOrdinal = frame.nextOrdinal
        case (false, true):
            spans[index].sequences = sequence...spans[index].sequences.upperBound
            spans[index].firstOrdinal = frame.firstOrdinal
        case (false, false):
            spans.insert(frame, at: index)
        }
        return .inserted
    }

    /// Adds frames some of which may be there already.
    package mutating func formUnion(_ other: FrameSpan) {
        let all = (spans + [other]).sorted { $0.sequences.lowerBound < $1.sequences.lowerBound }
        spans = all.reduce(into: []) { merged, span in
            guard let last = merged.last, span.sequences.lowerBound <= last.sequences.upperBound + 1 else {
                return merged.append(span)
            }
            merged[merged.count - 1] = FrameSpan(
                sequences: last.sequences.lowerBound...max(last.sequences.upperBound, span.sequences.upperBound),
                firstOrdinal: last.firstOrdinal, nextOrdinal: max(last.nextOrdinal, span.nextOrdinal))
        }
    }

    /// What lies between the spans, and before the first: which frames are missing, and which samples they hold.
    package var holes: [FrameSpan] {
        var holes: [FrameSpan] = []
        var (sequence, ordinal): (UInt64, UInt64) = (1, 1)
        for span in spans {
            if span.sequences.lowerBound > sequence {
                holes.append(
                    FrameSpan(
                        sequences: sequence...(span.sequences.lowerBound - 1), firstOrdinal: ordinal,
                        nextOrdinal: max(ordinal, span.firstOrdinal)))
            }
            (sequence, ordinal) = (span.sequences.upperBound + 1, span.nextOrdinal)
        }
        return holes
    }

    /// The numbers of the frames.
    package var sequences: IntervalSet { IntervalSet(spans.lazy.map(\.sequences)) }

    /// The numbers of their samples.
    package var ordinals: IntervalSet {
        IntervalSet(spans.lazy.filter { $0.count > 0 }.map { $0.firstOrdinal...($0.nextOrdinal - 1) })
    }

    /// How many samples.
    package var sampleCount: UInt64 { spans.reduce(0) { $0 + $1.count } }

    private func firstSpan(endingAtOrAfter sequence: UInt64) -> Int {
        if let last = spans.last, last.sequences.upperBound < sequence { return spans.count }
        var (low, high) = (0, spans.count)
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].sequences.upperBound < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
