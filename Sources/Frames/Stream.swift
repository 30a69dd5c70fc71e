package import Telemetry

/// The samples of one priority class from one start of one installed agent.
///
/// Within a stream, frames carry the sequence numbers 1, 2, 3 … without gaps.
package struct Stream: Hashable, Sendable {
    package var site: Identifier
    package var agent: Identifier
    /// 128 random bits made when the agent's spool was first created.
    package var install: UUIDBytes
    /// Counts the agent's starts on that spool.
    package var epoch: UInt64
    package var priority: PriorityClass

    package init(site: Identifier, agent: Identifier, install: UUIDBytes, epoch: UInt64, priority: PriorityClass) {
        self.site = site
        self.agent = agent
        self.install = install
        self.epoch = epoch
        self.priority = priority
    }
}

/// The first 16 bytes of the SHA-256 of a frame, by which the next frame of the stream names it.
package struct ChainLink: Hashable, Sendable, CustomStringConvertible {
    package let bytes: UUIDBytes

    package init(_ bytes: UUIDBytes) { self.bytes = bytes }

    /// Sixteen zero bytes: there is no frame before.
    package static let none = ChainLink(UUIDBytes(high: 0, low: 0))

    /// 32 lower-case hexadecimal digits.
    package var description: String { bytes.description }
}

/// Where a stream goes on: what the header of its next frame will say.
package struct StreamHead: Hashable, Sendable {
    package let stream: Stream
    /// The next frame's number, from 1.
    package private(set) var sequence: UInt64 = 1
    /// The number, from 1, of the next frame's first sample.
    package private(set) var firstOrdinal: UInt64 = 1
    package private(set) var previous = ChainLink.none

    /// The head of a stream that has no frame yet.
    package init(_ stream: Stream) { self.stream = stream }

    /// Moves on past a frame that has been encoded and will be kept.
    ///
    /// - Precondition: `header` was encoded at this head.
    package mutating func advance(past header: FrameHeader, digest: FrameDigest) {
        precondition(header.stream == stream && header.sequence == sequence, "the frame was not encoded at this head")
        sequence += 1
        firstOrdinal += UInt64(header.sampleCount)
        previous = digest.link
    }
}
