import Frames

/// What became of the frames of one file.
package struct ImportTally: Hashable, Sendable {
    /// Frames refused for one reason.
    package struct Refusals: Hashable, Sendable {
        package let reason: String
        package internal(set) var count: Int
        /// The number of the first of them in the file, from 1.
        package let first: Int
    }

    /// Frames that the file holds.
    package private(set) var frames = 0
    /// Frames that the archive did not have.
    package private(set) var taken = 0
    /// Samples and events in the frames taken.
    package private(set) var samples: UInt64 = 0
    /// Frames that the archive had.
    package private(set) var duplicates = 0
    /// By reason, in the order in which they came.
    package private(set) var refusals: [Refusals] = []
    /// Agents of which another installation spoke than before, in the order in which it began: `site/agent`.
    package private(set) var replaced: [String] = []
    /// Why the file could not be read to its end.
    package var failure: String?

    /// A hostile file may give each frame a reason of its own: what is beyond counts to the last one.
    private static let mostReasons = 32

    package init() {}

    package var refused: Int { refusals.reduce(0) { $0 + $1.count } }

    /// Whether all that the file holds is in the archive now.
    package var isWhole: Bool { refusals.isEmpty && failure == nil }

    /// Counts the next frame. `header`: of the frame, where it is sound.
    mutating func note(_ outcome: FrameOutcome, _ header: FrameHeader?) {
        frames += 1
        switch outcome {
        case .duplicate: duplicates += 1
        case .refused(let refusal): note("\(refusal)")
        case .admitted: take(header)
        case .replaced:
            take(header)
            if let stream = header?.stream { replaced.append("\(stream.site)/\(stream.agent)") }
        }
    }

    private mutating func take(_ header: FrameHeader?) {
        taken += 1
        samples += UInt64(header?.sampleCount ?? 0)
    }

    private mutating func note(_ reason: String) {
        if let known = refusals.firstIndex(where: { $0.reason == reason }) {
            refusals[known].count += 1
        } else if refusals.count < Self.mostReasons {
            refusals.append(Refusals(reason: reason, count: 1, first: frames))
        } else {
            refusals[Self.mostReasons - 1].count += 1
        }
    }
}
