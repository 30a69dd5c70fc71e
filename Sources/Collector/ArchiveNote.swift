import Delivery
import Frames
import Storage
import Telemetry

/// What the archive's log holds beside frames: what it let go of, and when. No frame begins with these magics.
///
/// The bytes are specified in <doc:Archive>. Numbers are big-endian; the log's own checksum covers a note.
enum ArchiveNote: Hashable, Sendable {
    /// The collector's clock, which the kernel called synchronised, when the note was written; in lane 0 the earlier of that and an agent's.
    case clock(Timestamp)
    /// What is known of the clocks of boots whose frames expire.
    case boots([BootKey: BootClock])
    case expiry(Expiry)
    /// The digest that a scenario's definition had when its first run started. Of several on one scenario the first one holds.
    case registration(Identifier, digest: String)
    /// A definition under which a scenario's first run started, as its canonical JSON, whose SHA-256 is its digest.
    case definition([UInt8])

    /// What stood in a segment of frames that is let go of.
    struct Expiry: Hashable, Sendable {
        /// The last position of the frames' lane that goes; 0 when more notes on the same segment follow.
        var through: UInt64
        var runs: [ExpiredFrames]
    }

    /// Of boots or runs, so that a note fits a segment, whatever it is about.
    static let mostRuns = 256

    /// The notes on a segment that goes, of which the last one makes it true.
    static func expiry(of runs: [ExpiredFrames], through position: UInt64) -> [ArchiveNote] {
        let parts = runs.isEmpty ? [[]] : runs.parts(of: mostRuns)
        return parts.enumerated().map { number, part in
            .expiry(Expiry(through: number == parts.count - 1 ? position : 0, runs: part))
        }
    }

    static func boots(_ boots: [(BootKey, BootClock)]) -> [ArchiveNote] {
        boots.parts(of: mostRuns).map { .boots(Dictionary(uniqueKeysWithValues: $0)) }
    }
}

extension Array {
    fileprivate func parts(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
