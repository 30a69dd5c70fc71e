/// A place in a lane from which ``SegmentedLog/next(_:into:including:)`` reads on. Any number may be in use at once.
package struct LogReader: ~Copyable, Sendable {
    package internal(set) var lane: Lane
    /// The last position read or passed.
    package internal(set) var position: Position

    /// Where the record after `position` begins, if that is known.
    var place: Location?
    /// Durable bytes read ahead, from `windowStart` in segment `windowSegment`.
    var window: [UInt8] = []
    var windowSegment: UInt64 = 0
    var windowStart = 0

    init(lane: Lane, after position: Position) {
        self.lane = lane
        self.position = position
    }

    /// Reads on behind `position`, forwards or back.
    package mutating func seek(after position: Position) {
        self.position = position
        place = nil
    }
}

/// What reading on came to.
package enum ReadStep: Hashable, Sendable {
    /// The payload is in the buffer.
    case record(Entry)
    /// These records are damaged or missing, and passed: declare them lost.
    case lost(ClosedRange<Position>)
    /// Nothing more for now.
    case end
}

/// Which records a reader sees.
package enum Visibility: Hashable, Sendable {
    /// Those that survive a crash: the only ones to publish.
    case durable
    /// All.
    case appended
}
