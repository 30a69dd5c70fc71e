package import Aggregation

/// A beginning of an archive: what it held at some time.
package struct ArchiveExtent: Hashable, Sendable {
    /// The last position that counts, of events and of other frames.
    package let events: UInt64
    package let frames: UInt64

    /// What the summary was made of.
    package init(_ extent: Summary.Reproduction.Extent) {
        events = extent.events
        frames = extent.frames
    }
}
