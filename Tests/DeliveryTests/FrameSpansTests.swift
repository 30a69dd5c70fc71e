import Delivery
import Testing

@Suite("Frames of a stream, with the samples they hold")
struct FrameSpansTests {
    /// Frame n has n % 3 samples.
    private static let frames: [FrameSpan] = {
        var ordinal: UInt64 = 1
        return (UInt64(1)...30).map { sequence in
            defer { ordinal += sequence % 3 }
            return FrameSpan(sequence: sequence, firstOrdinal: ordinal, samples: sequence % 3)
        }
    }()

    @Test("whatever the order, frames join to spans and say what lies between them", arguments: 0..<40 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let present = Self.frames.filter { _ in random.next() % 4 != 0 }
        var spans = FrameSpans()
        for frame in present.shuffled(using: &random) {
            #expect(spans.insert(frame) == .inserted)
            #expect(spans.insert(frame) == .present)
        }
        var ordered = FrameSpans()
        for frame in present { _ = ordered.insert(frame) }
        #expect(spans == ordered, "seed \(seed)")
        #expect(FrameSpans(spans.spans) == spans)
        #expect(spans.sampleCount == present.reduce(0) { $0 + $1.count })
        #expect(spans.ordinals.count == spans.sampleCount)
        #expect(spans.sequences.count == UInt64(present.count))
        for hole in spans.holes {
            let absent = Self.frames.filter { hole.sequences.contains($0.sequences.lowerBound) }
            #expect(absent.first?.firstOrdinal == hole.firstOrdinal)
            #expect(absent.last?.nextOrdinal == hole.nextOrdinal)
        }
    }

    @Test(
        "a frame whose samples do not fit between its neighbours contradicts them",
        arguments: [
            (sequence: 5, first: 20, samples: 1), (5, 22, 1), (4, 21, 1), (9, 21, 20), (9, 40, 1), (6, 21, 10),
            (9, 31, 8),
        ] as [(sequence: UInt64, first: UInt64, samples: UInt64)])
    func contradiction(frame: (sequence: UInt64, first: UInt64, samples: UInt64)) throws {
        var spans = FrameSpans()
        #expect(spans.insert(FrameSpan(sequence: 4, firstOrdinal: 11, samples: 10)) == .inserted)
        #expect(spans.insert(FrameSpan(sequence: 10, firstOrdinal: 35, samples: 5)) == .inserted)
        let before = spans
        let made = FrameSpan(sequence: frame.sequence, firstOrdinal: frame.first, samples: frame.samples)
        let insertion = spans.insert(made)
        // Frame 4 is there; frame 6 is not next to either, and has room; the others do not fit.
        switch frame.sequence {
        case 4: #expect(insertion == .present)
        case 6: #expect(insertion == .inserted)
        default:
            #expect(insertion == .contradiction)
            #expect(spans == before)
        }
    }

    @Test("stored spans that are not in order are none")
    func stored() {
        let low = FrameSpan(sequences: 1...3, firstOrdinal: 1, nextOrdinal: 9)
        #expect(
            FrameSpans([low, FrameSpan(sequences: 4...5, firstOrdinal: 9, nextOrdinal: 10)]) == nil, "they are one")
        #expect(FrameSpans([low, FrameSpan(sequences: 3...5, firstOrdinal: 9, nextOrdinal: 10)]) == nil)
        #expect(FrameSpans([low, FrameSpan(sequences: 5...5, firstOrdinal: 8, nextOrdinal: 10)]) == nil)
        #expect(FrameSpans([low, FrameSpan(sequences: 5...5, firstOrdinal: 9, nextOrdinal: 10)]) != nil)
    }
}
