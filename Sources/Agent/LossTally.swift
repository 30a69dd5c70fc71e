import Frames

/// Counts frames that are about to be lost, so that their loss can be declared to the sample.
struct LossTally {
    private struct Run {
        let stream: Stream
        var sequences: ClosedRange<UInt64>
        var ordinals: ClosedRange<UInt64>?
    }

    private let reason: LossReason
    private var runs: [Run] = []
    private(set) var frames = 0
    private(set) var samples: UInt64 = 0

    init(reason: LossReason) { self.reason = reason }

    var isEmpty: Bool { runs.isEmpty }

    /// Adds one stored frame; one that cannot be read adds nothing, and its sequence number stays open as a hole.
    mutating func add(_ frame: [UInt8]) {
        guard let header = try? FrameHeader.peek(frame) else { return }
        frames += 1
        samples += UInt64(header.sampleCount)
        if let last = runs.indices.last, runs[last].stream == header.stream,
            runs[last].sequences.upperBound + 1 == header.sequence
        {
            runs[last].sequences = runs[last].sequences.lowerBound...header.sequence
            if let ordinals = header.ordinals {
                let first = runs[last].ordinals?.lowerBound ?? ordinals.lowerBound
                runs[last].ordinals = first...ordinals.upperBound
            }
        } else {
            runs.append(
                Run(stream: header.stream, sequences: header.sequence...header.sequence, ordinals: header.ordinals))
        }
    }

    var declarations: [LossDeclaration] {
        runs.map { run in
            LossDeclaration(
                epoch: run.stream.epoch, priority: run.stream.priority, sequences: run.sequences,
                samples: run.ordinals.map { .ordinals($0) } ?? .none, reason: reason)
        }
    }
}
