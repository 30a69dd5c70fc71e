import Frames

/// Whether every frame names the one before it, whatever the order in which they are read.
///
/// Memory is bounded by the frames whose neighbour has not been read yet.
struct ChainCheck {
    /// By stream and number: the link that the frame after this one must bear.
    private var ends: [Frames.Stream: [UInt64: ChainLink]] = [:]
    /// By stream and number: what the frame with that number must be, as the one after it says.
    private var demands: [Frames.Stream: [UInt64: ChainLink]] = [:]
    /// Frames that are not the successors of those before them.
    private(set) var breaks: [(stream: Frames.Stream, sequence: UInt64)] = []

    /// Frames whose predecessor has not been read.
    var unchecked: Int { demands.values.reduce(0) { $0 + $1.count } }

    mutating func note(_ header: FrameHeader, _ digest: FrameDigest) {
        let (stream, sequence) = (header.stream, header.sequence)
        let link = digest.link
        if let demanded = demands[stream]?.removeValue(forKey: sequence) {
            if demanded != link { breaks.append((stream, sequence + 1)) }
        } else {
            ends[stream, default: [:]][sequence] = link
        }
        guard sequence > 1 else {
            if header.previous != .none { breaks.append((stream, sequence)) }
            return
        }
        if let before = ends[stream]?.removeValue(forKey: sequence - 1) {
            if before != header.previous { breaks.append((stream, sequence)) }
        } else {
            demands[stream, default: [:]][sequence - 1] = header.previous
        }
    }
}
