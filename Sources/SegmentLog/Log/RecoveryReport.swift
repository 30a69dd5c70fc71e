/// What was found when a log was opened. Opening again without appending finds the same.
package struct RecoveryReport: Hashable, Sendable {
    /// How a lane ended the last time.
    package enum Tail: Hashable, Sendable {
        /// Closed in good order, or never used: nothing is missing.
        case clean
        /// Not closed: records of at most one sync window may be missing, and a damaged last record cannot be told
        /// from one that was never finished. `tornBytes` is what was provably begun and not finished; 0 proves nothing.
        case unknown(tornBytes: Int)
    }

    /// What was found in one lane.
    package struct LaneReport: Hashable, Sendable {
        /// Records not yet released, those in `lost` included.
        package var pending = 0
        /// Unreleased records that are damaged or missing. A reader passing them says so too.
        package var lost: [ClosedRange<Position>] = []
        package var tail = Tail.clean
        /// The last record found.
        package var durable = Position.start
        /// Everything up to here was released before.
        package var released = Position.start

        /// A lane with these findings.
        package init(
            pending: Int = 0, lost: [ClosedRange<Position>] = [], tail: Tail = .clean, durable: Position = .start,
            released: Position = .start
        ) {
            self.pending = pending
            self.lost = lost
            self.tail = tail
            self.durable = durable
            self.released = released
        }
    }

    /// One report per lane, in their order.
    package var lanes: [LaneReport] = []
    /// Neither slot of the cursor file was intact: what was released since the last segment was begun comes again.
    package var cursorLost = false
    /// Names in the directory that are not the log's. They are left alone.
    package var foreign: [String] = []
    /// Segment files whose header is damaged in both copies. With a budget they are used again, else left alone.
    package var unreadable: [String] = []
}
