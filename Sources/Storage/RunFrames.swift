package import Frames

/// Where in the archive the frames are that may hold something of a run: no more of each than it takes to read it, since a long run has
/// hundreds of thousands.
package struct RunFrames: Sendable {
    /// One frame's place.
    package struct Place: Hashable, Sendable, Comparable {
        /// Segment and offset in the archive log.
        package let segment: UInt64
        package let offset: UInt32
        /// The index of its stream in `streams`.
        package let stream: UInt32

        package init(segment: UInt64, offset: UInt32, stream: UInt32) {
            self.segment = segment
            self.offset = offset
            self.stream = stream
        }

        package static func < (a: Place, b: Place) -> Bool { (a.segment, a.offset) < (b.segment, b.offset) }

        /// Whether both are one frame's.
        package func isSame(as other: Place) -> Bool { segment == other.segment && offset == other.offset }
    }

    package private(set) var streams: [Stream] = []
    /// In the order in which they lie in the archive.
    package private(set) var places: [Place] = []

    package init() {}

    /// Those of `frames`.
    package init(_ frames: [ArchivedFrame]) {
        var known: [Stream: UInt32] = [:]
        for frame in frames {
            let stream = known[frame.stream] ?? append(frame.stream)
            known[frame.stream] = stream
            append(Place(segment: frame.segment, offset: frame.offset, stream: stream))
        }
        sort()
    }

    /// Returns the stream's index.
    mutating func append(_ stream: Stream) -> UInt32 {
        streams.append(stream)
        return UInt32(streams.count - 1)
    }

    mutating func append(_ place: Place) { places.append(place) }

    mutating func sort() { places.sort() }
}
